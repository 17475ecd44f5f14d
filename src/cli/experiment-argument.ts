import { statSync } from 'node:fs';
import { join } from 'node:path';
import { printable, type Source } from '../api/compiler.js';
import {
  namedExperiment,
  type PlacedPaths,
  placeTypedPaths,
  type Typed,
  UnreadableExperimentError,
} from '../api/project.js';
import { filesBelow } from '../files/folders.js';
import type { Console } from './console.js';
import { exitCodes, Failure } from './failure.js';

/** The experiment that a word of the command line means: see `meantBy`. */
export interface ExperimentArgument {
  readonly source: Source;
  /** Null for the first of the file. */
  readonly name: string | null;
}

/** @throws UsageError where nothing has that name; Failure when the file cannot be read */
export function readExperimentArgument(argument: string): ExperimentArgument {
  try {
    const { source, experiment } = namedExperiment(argument);
    return { source, name: experiment };
  } catch (error) {
    if (!(error instanceof UnreadableExperimentError)) throw error;
    throw new Failure(exitCodes.environment, error.message, error.hint);
  }
}

/** What a word of `check` or `fmt` means: all files of a folder, or the experiment that it names. @throws as {@link readExperimentArgument} */
export function experimentArguments(word: string): readonly ExperimentArgument[] {
  if (!statSync(word, { throwIfNoEntry: false })?.isDirectory()) return [readExperimentArgument(word)];
  const files = filesBelow(word, ['.ae']);
  if (files.length === 0)
    throw new Failure(exitCodes.usage, `there is no .ae file in '${word}'`, 'name another folder');
  return files.map((file) => readExperimentArgument(join(word, file)));
}

/** As `placeTypedPaths`; says which file was taken where it could be another one. */
export function placedPaths(console: Console, typed: Typed): PlacedPaths {
  const placed = placeTypedPaths(typed);
  for (const note of placed.notes) console.err(`note: ${printable(note)}\n`);
  return placed;
}
