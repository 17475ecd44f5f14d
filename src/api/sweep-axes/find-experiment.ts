import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { bindExperiment } from '../../compiler/compile.js';
import { closest } from '../../compiler/diagnostics/suggest.js';
import { splitReference } from '../../compiler/resolve/resolve.js';
import { parse } from '../../compiler/syntax/parse.js';
import type { Source } from '../../compiler/syntax/source.js';
import { UsageError } from '../params.js';
import { fileWorld, readSourceFile } from '../world.js';

/** An experiment of a file; null for its first. */
export interface FoundExperiment {
  readonly source: Source;
  readonly experiment: string | null;
}

/** An experiment below the folder, as it can be named. */
interface Candidate {
  readonly source: Source;
  readonly name: string;
  /** `experiments/sparse.ae`, with `:name` unless it is the first of its file. */
  readonly reference: string;
  /** Params that its own text declares. */
  readonly params: ReadonlySet<string>;
}

const alwaysAxes: readonly string[] = ['seed', 'seeds', 'data'];

/**
 * The experiment that a sweep is of.
 * @param word `sparse.ae`, `sparse.ae:wide`, or the name of an experiment below `folder`; null for the one experiment below
 * `folder` that declares every axis itself
 * @throws UsageError that lists what there is
 */
export function findExperiment(
  word: string | null,
  axes: readonly string[],
  folder: string = 'experiments',
): FoundExperiment {
  if (word !== null) return named(word, folder);
  const wanted = axes.filter((axis) => !alwaysAxes.includes(axis));
  if (!existsSync(folder)) {
    throw new UsageError(
      `nothing says which experiment to sweep, and there is no folder '${folder}' here to look in`,
      'name its file first: aedsl sweep sparse.ae rho=0.01,0.05',
    );
  }
  const candidates = candidatesIn(folder);
  if (wanted.length === 0) {
    throw new UsageError('nothing says which experiment to sweep', `name it first: ${listed(candidates)}`);
  }
  const declaring = candidates.filter(({ params }) => wanted.every((axis) => params.has(axis)));
  const [only, ...others] = declaring;
  const all = wanted.map((axis) => `'${axis}'`).join(' and ');
  if (only && others.length === 0) return { source: only.source, experiment: only.name };
  if (only) {
    throw new UsageError(`several experiments have the param ${all}`, `name one of them first: ${listed(declaring)}`);
  }
  const known = [...new Set(candidates.flatMap(({ params }) => [...params]))];
  const misspelt = wanted.flatMap((axis) => (known.includes(axis) ? [] : (closest(axis, known) ?? [])));
  const own = candidates
    .filter(({ params }) => params.size > 0)
    .map(({ reference, params }) => `${reference} has ${[...params].join(', ')}`);
  const hint =
    misspelt.length > 0
      ? `did you mean '${misspelt.join("', '")}'?`
      : own.length > 0
        ? own.join('; ')
        : `no experiment of '${folder}' has a param`;
  throw new UsageError(`no experiment of '${folder}' has the param ${all}`, hint);
}

function named(word: string, folder: string): FoundExperiment {
  const [path, name] = existsSync(word) ? [word, null] : splitReference(word);
  if (existsSync(path)) {
    const source = readSourceFile(path);
    if ('problem' in source) throw new UsageError(`cannot read '${path}': ${source.problem}`, 'name an .ae file');
    return { source, experiment: name };
  }
  const candidates = existsSync(folder) ? candidatesIn(folder) : [];
  const matching = candidates.filter((candidate) => candidate.name === word);
  const [only, ...others] = matching;
  if (only && others.length === 0) return { source: only.source, experiment: only.name };
  if (only) {
    throw new UsageError(`several files have an experiment '${word}'`, `name one of them: ${listed(matching)}`);
  }
  const meant = closest(
    word,
    candidates.flatMap(({ name: own, reference }) => [own, reference]),
  );
  throw new UsageError(
    `there is no file and no experiment '${word}'`,
    meant
      ? `did you mean '${meant}'?`
      : candidates.length > 0
        ? `there are ${listed(candidates)}`
        : 'name an .ae file, or FILE:name for another experiment of it',
  );
}

/** Every experiment below a folder that can be read, in the order of the files' names. */
function candidatesIn(folder: string): readonly Candidate[] {
  const world = fileWorld();
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ae'))
    .sort();
  return files.flatMap((file) => {
    const source = readSourceFile(join(folder, file));
    if ('problem' in source) return [];
    return (parse(source).value?.experiments ?? []).flatMap(({ name: { name } }, i) => {
      const bound = bindExperiment(source, name, world).value;
      const reference = i === 0 ? source.path : `${source.path}:${name}`;
      return bound ? [{ source, name, reference, params: bound.ownParams }] : [];
    });
  });
}

function listed(candidates: readonly Candidate[]): string {
  return candidates.map(({ reference }) => reference).join(', ');
}
