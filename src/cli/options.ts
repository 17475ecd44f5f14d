import type { Command } from 'commander';
import { mostThreads } from '../runtime/backend/backend.js';
import { exitCodes, Failure } from './failure.js';

export const experimentHelp =
  'an .ae file, FILE:name for another experiment of it, or the name of an experiment or a file of the project';

export const runHelp =
  'an id as `aedsl ls` lists it, `last`, a bundle (.tgz), or an experiment, whose latest complete run is meant';

/** What `--db` is for, and what it is when it isn't given. */
export function databaseHelp(what: string): string {
  return `${what}; by default the file that AEDSL_DB names, else results.db of the project`;
}

/** For commands that read the data of a recorded run. */
export const dataFolderOption = [
  '--data-folder <folder>',
  'where the data of the run are, if they are no longer where it found them; their checksum decides',
] as const;

export interface RunOptions {
  readonly seed: string;
  readonly epochs?: string;
  readonly maxSteps?: string;
  readonly backend?: string;
  readonly threads?: string;
  readonly data?: string;
  readonly init?: string;
  readonly from?: string;
  readonly checkpointEvery: string;
  readonly out?: string;
  readonly db: string;
  readonly store: boolean;
  readonly maxParameters?: string;
  readonly json?: boolean;
}

/** Seeds that a lock or a bisection may train with; each is a training. */
export const mostSeeds = 10_000;

/** The options that every command which trains has in common. */
export function addRunOptions(command: Command): Command {
  return command
    .option('--seed <n>', 'the seed', '1')
    .option('--epochs <n>', "in place of every stage's epochs")
    .option('--max-steps <n>', 'end each stage after n updates')
    .option('--backend <name>', 'simd, tensorflow or cpu')
    .option('--threads <n>', 'threads of the backend, where it has them')
    .option('--data <set>', 'another data set, with as many examples as it has')
    .option('--init <file>', 'start from the weights of a safetensors file, or of a bundle (.tgz)')
    .option('--from <run>', 'go on from a run, or a bundle of one, that differs in the epochs of its last stage alone')
    .option('--checkpoint-every <time>', 'how often it is checkpointed: 30s, or 5epochs', '30s')
    .option('--out <folder>', 'write the pictures there too')
    .option('--db <file>', databaseHelp('where the results go'))
    .option('--no-store', 'keep nothing; print the hash of the weights')
    .option('--max-parameters <n>', 'refuse larger models')
    .option('--json', 'one event a line');
}

/**
 * @returns null for an option that was not given
 * @throws Failure when it is not a whole number from `least` to `most`
 */
export function wholeNumber(
  name: string,
  text: string | undefined,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
  throw new Failure(exitCodes.usage, `--${name} must be a whole number ${range}, and this is '${text}'`);
}

/** @throws Failure for more threads than a backend can have */
export function threadCount(text: string | undefined): number | null {
  return wholeNumber('threads', text, 1, mostThreads);
}
