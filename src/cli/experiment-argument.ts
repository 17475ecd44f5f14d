import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type CompiledExperiment, printable, type Source } from '../api/compiler.js';
import {
  compileTyped,
  fileWorld,
  namedExperiment,
  type PlacedPaths,
  placeTypedPaths,
  type Typed,
  UnreadableExperimentError,
} from '../api/project.js';
import { filesBelow } from '../files/folders.js';
import type { Console } from './console.js';
import { printDiagnostics } from './diagnostics.js';
import { exitCodes, Failure } from './failure.js';

/** An experiment named on the command line; see `meantBy`. */
export interface ExperimentArgument {
  readonly source: Source;
  /** Null for the file's first. */
  readonly name: string | null;
}

/** @throws UsageError for an unknown name; Failure if the file cannot be read */
export function readExperimentArgument(argument: string): ExperimentArgument {
  try {
    const { source, experiment } = namedExperiment(argument);
    return { source, name: experiment };
  } catch (error) {
    if (!(error instanceof UnreadableExperimentError)) throw error;
    throw new Failure(exitCodes.environment, error.message, error.hint);
  }
}

/**
 * Resolves a word of `check` or `fmt`: all files of a folder, or one experiment. @throws as {@link
 * readExperimentArgument}
 */
export function experimentArguments(word: string): readonly ExperimentArgument[] {
  if (!statSync(word, { throwIfNoEntry: false })?.isDirectory()) return [readExperimentArgument(word)];
  const files = filesBelow(word, ['.ae']);
  if (files.length === 0)
    throw new Failure(exitCodes.usage, `there is no .ae file in '${word}'`, 'name another folder');
  return files.map((file) => readExperimentArgument(join(word, file)));
}

/** Compiles an experiment as typed, and prints its diagnostics. @returns null if there are errors */
export function compiledArgument(console: Console, typed: Typed): CompiledExperiment | null {
  const { source, experiment, library } = typed;
  const { params, data } = placedPaths(console, typed);
  const { value, diagnostics } = compileTyped(source, experiment, { library, world: fileWorld(), params, data });
  printDiagnostics(console, diagnostics, false);
  return value;
}

/** Like `placeTypedPaths`, and prints its notes. */
export function placedPaths(console: Console, typed: Typed): PlacedPaths {
  const placed = placeTypedPaths(typed);
  for (const note of placed.notes) console.err(`note: ${printable(note)}\n`);
  return placed;
}
