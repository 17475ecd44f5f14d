import { existsSync, realpathSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { didYouMean } from '../../compiler/diagnostics/suggest.js';
import { splitReference } from '../../compiler/resolve/resolve.js';
import type { Snapshot } from '../../runtime/provenance/snapshot.js';
import { experimentsIn, experimentsOf, type Place, type Project } from '../diff/project.js';
import { UsageError } from '../params.js';

/**
 * The experiment that a word of the command line means: `sparse`, `experiments/sparse.ae` (its first), `FILE:name`.
 * @throws UsageError for none, and for a name that several files have
 */
export function chooseExperiment(word: string, snapshot: Snapshot, project: Project): Place {
  const [path, name] = existsSync(word) ? [word, null] : splitReference(word);
  if (path.endsWith('.ae')) return inFile(placeInProject(path, project), name, word, snapshot);
  const all = experimentsIn(snapshot, project.prefix);
  const found = all.filter((place) => place.name === word);
  const [first, ...others] = found;
  if (first && others.length === 0) return first;
  if (first) {
    const places = found.map(({ file }) => `${file}:${word}`).join(', ');
    throw new UsageError(`several files have an experiment '${word}'`, `write which one: ${places}`);
  }
  const names = [...new Set(all.map((place) => place.name))];
  throw new UsageError(`there is no experiment '${word}'`, hint(word, names));
}

/** A path as it is named in the project, whether or not the file is there. @throws UsageError for one outside */
export function placeInProject(path: string, project: Project): string {
  const absolute = existsSync(path) ? realpathSync(path) : resolve(realpathSync('.'), path);
  const place = relative(project.root, absolute).split(sep).join('/');
  if (!place.startsWith('../')) return place;
  throw new UsageError(`'${path}' is outside of the project`, `the project is ${project.root}`);
}

function inFile(file: string, name: string | null, word: string, snapshot: Snapshot): Place {
  const places = experimentsOf(snapshot, file);
  const found = name === null ? places[0] : places.find((place) => place.name === name);
  if (found) return found;
  if (snapshot.read(file) === null) {
    throw new UsageError(
      `cannot read '${word}': there is no such file`,
      'write an .ae file, or the name of an experiment',
    );
  }
  const names = places.map((place) => place.name);
  throw new UsageError(`'${file}' has no experiment${name === null ? '' : ` '${name}'`}`, hint(name ?? '', names));
}

function hint(name: string, names: readonly string[]): string {
  return (
    didYouMean(name, names) ?? (names.length > 0 ? `there are ${names.join(', ')}` : 'there are no experiments here')
  );
}
