import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { didYouMean } from '../compiler/diagnostics/suggest.js';
import { makeFolder } from '../files/folders.js';
import { isSafeRelativePath } from '../files/paths.js';
import { writeFile } from '../files/write-file.js';
import { packageRoot } from '../runtime/provenance/installed-package.js';
import { UsageError } from './usage-error.js';

/** An experiment that the package has. */
export interface Example {
  readonly name: string;
  /** First sentence of the file's opening comment. */
  readonly about: string;
  /** Its data set's word, as written: `mnist`. */
  readonly data: string | null;
}

const folder = () => join(packageRoot(), 'experiments');

export function examples(): readonly Example[] {
  return readdirSync(folder())
    .filter((name) => name.endsWith('.ae'))
    .sort()
    .map((file) => {
      const text = readFileSync(join(folder(), file), 'utf8');
      return { name: basename(file, '.ae'), about: firstSentence(text), data: dataOf(text) };
    });
}

/** The first sentence of the comment at the top. */
function firstSentence(text: string): string {
  const lines = text.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('//'));
  const comment = lines.slice(0, end).map((line) => line.replace(/^\/\/ ?/, ''));
  const [sentence = ''] = /^.*?\.(?= [A-Z]|$)/.exec(comment.join(' ')) ?? [];
  return sentence;
}

function dataOf(text: string): string | null {
  const own = /^\s*data (\w+)/m.exec(text)?.[1];
  if (own !== undefined) return own;
  const parent = /extends "([^"]+)"/.exec(text)?.[1];
  return parent === undefined ? null : dataOf(readFileSync(join(folder(), parent), 'utf8'));
}

/** A file of an example that was copied. */
export interface CopiedFile {
  /** Relative to the folder it was copied to. */
  readonly path: string;
  /** False if exactly this file was there. */
  readonly written: boolean;
}

/**
 * Copies experiments, with the experiments they extend and the data files they read.
 *
 * @param to a folder, created if needed
 * @throws UsageError for an unknown example, or if another file has the name of one; the system's error. Writes nothing
 *   in these cases
 */
export function copyExamples(names: readonly string[], to: string): readonly CopiedFile[] {
  const known = examples().map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(
      `there is no example '${unknown}'`,
      didYouMean(unknown, known) ?? `one of ${known.join(', ')}`,
    );
  }
  const paths = [...new Set(names.flatMap((name) => [`${name}.ae`, ...filesOf(`${name}.ae`)]))];
  const files = paths.map((path) => ({ path, content: readFileSync(join(folder(), path)), place: join(to, path) }));
  const written = files.filter(({ place }) => !existsSync(place));
  const other = files.find(({ place, content }) => existsSync(place) && !readFileSync(place).equals(content));
  if (other !== undefined) {
    throw new UsageError(
      `'${other.place}' is there, and is another file; nothing was copied`,
      'name a folder: --to FOLDER',
    );
  }
  for (const { place, content } of written) {
    makeFolder(dirname(place));
    writeFile(place, content);
  }
  return files.map((file) => ({ path: file.path, written: written.includes(file) }));
}

/** The files that an experiment of the package names, and those that they name. */
function filesOf(path: string): readonly string[] {
  if (!path.endsWith('.ae')) return [];
  const text = readFileSync(join(folder(), path), 'utf8');
  const named = [...text.matchAll(/"([^"\n]+)"/g)]
    .map(([, name = '']) => name)
    .filter((name) => isSafeRelativePath(name) && existsSync(join(folder(), name)));
  return named.flatMap((name) => [name, ...filesOf(name)]);
}
