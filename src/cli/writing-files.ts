import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isResultsDatabase } from '../api/results.js';
import type { Run } from '../api/training.js';
import { makeFolder } from '../files/folders.js';
import { realPath } from '../files/paths.js';
import { isSystemError, systemReason } from '../files/system-error.js';
import { type FileContent, writeFile } from '../files/write-file.js';
import type { Console } from './console.js';
import { exitCodes, Failure } from './failure.js';
import type { ReporterName } from './sweep-run-options.js';

/**
 * Writes a command's output atomically.
 * @throws Failure that names the file, if the system refuses or an experiment or results would be overwritten
 */
export function writeOutput(path: string, content: FileContent): void {
  if (path.endsWith('.ae') && existsSync(path)) {
    throw new Failure(exitCodes.usage, `'${path}' is an experiment, which this would replace`, 'name another file');
  }
  writeSource(path, content);
}

/** Like {@link writeOutput}, for the text of an experiment. */
export function writeSource(path: string, content: FileContent): void {
  try {
    requireNoResults(path);
    writeFile(path, content);
  } catch (error) {
    throw writeFailure(path, error);
  }
}

/** Like {@link writeOutput}, creating the folder if needed. */
export function writeOutputInFolder(path: string, content: FileContent): void {
  makeOutputFolder(dirname(path));
  writeOutput(path, content);
}

/** Creates a folder for outputs if needed. @throws Failure that names it, if it cannot be written */
export function makeOutputFolder(path: string): void {
  try {
    requireNoResults(path);
    makeFolder(path);
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw writeFailure(path, error);
  }
}

/**
 * Outputs replace existing files; this protects results, by whatever path they are reached.
 * @throws Failure if a path is a results database or one of the files and folders that belong to it, or `-`, which
 *   means standard output to other programs
 */
export function requireNoResults(place: string): void {
  if (place === '-') {
    const hint =
      'name a file or a folder, such as ./- if that is its name; export --as csv or json goes to standard output';
    throw new Failure(exitCodes.usage, `this output cannot go to standard output, which '-' means`, hint);
  }
  if (/^\/(dev|proc)\//.test(place)) return;
  for (let at = realPath(place); at !== dirname(at); at = dirname(at)) {
    const owners = besideDatabases.filter((ending) => at.endsWith(ending)).map((ending) => at.slice(0, -ending.length));
    const database = [at, ...owners].find(hasResults);
    if (database === undefined) continue;
    const whose = database === at ? 'is a results database' : `belongs to the results in ${database}`;
    throw new Failure(exitCodes.usage, `'${place}' ${whose}; nothing was written`, 'name another file or folder');
  }
}

const besideDatabases = ['-wal', '-shm', '-journal', '.lock', '.objects', '.checkpoints', '.sessions'];

/** An empty file may be anything, unless sessions have used it. */
function hasResults(path: string): boolean {
  return isResultsDatabase(path) && (statSync(path).size > 0 || existsSync(`${path}.sessions`));
}

/** Turns a system error into a failure that names the file or folder; returns any other error. */
export function writeFailure(path: string, error: unknown): unknown {
  if (!isSystemError(error)) return error;
  return new Failure(exitCodes.environment, `cannot write '${path}': ${systemReason(error)}`, hintFor(error.code), {
    cause: error,
  });
}

function hintFor(code: string): string {
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'make its folder first, or name another one';
  return 'what was there before is untouched';
}

/** Says how to get the pictures of a run that is kept. */
export function tellPictures(console: Console, reporter: ReporterName, { runId, pictures }: Run): void {
  if (reporter === 'json' || reporter === 'silent' || runId === null || pictures.length === 0) return;
  console.err(`pictures: aedsl figures ${runId}\n`);
}

/** @throws Failure if the folder cannot be written */
export function writeFigure(folder: string, name: string, png: Uint8Array): string {
  return write(folder, `${fileName(name)}.png`, png);
}

/** @throws Failure if the folder cannot be written */
export function writeChart(folder: string, name: string, svg: string): string {
  return write(folder, `${fileName(name)}.svg`, svg);
}

function write(folder: string, file: string, content: Uint8Array | string): string {
  const path = join(folder, file);
  writeOutputInFolder(path, content);
  return path;
}

/** `filters(code)` → `filters-code` */
function fileName(name: string): string {
  return name.replace(/[^\w.-]+/g, '-').replace(/^-|-$/g, '');
}
