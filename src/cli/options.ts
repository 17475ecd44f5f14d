import { type Command, Option } from '@commander-js/extra-typings';
import { backendNames, mostThreads, readCheckpointPolicy } from '../api/training.js';
import { exitCodes, Failure } from './failure.js';

export const experimentHelp =
  'an .ae file, FILE:name for another experiment of it, or the name of an experiment or a file of the project';

export const runHelp =
  'an id as `aedsl ls` lists it, `last`, a bundle (.tgz), or an experiment, whose latest complete run is meant';

export const subjectHelp = 'an id or a name as `aedsl ls` lists it, `last` for the newest run, or a bundle (.tgz)';

export const subjectsHelp = 'sweeps (s3, or by name) and runs (r12, last), as `aedsl ls` lists them';

/** Most seeds of a lock or bisection; each is a training. */
export const mostSeeds = 10_000;

/** @throws Failure if the text is not a whole number from `least` to `most` */
export function wholeNumber(flag: string, text: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new Failure(exitCodes.usage, `${flag} must be a whole number ${range}, not '${text}'`);
}

/** An option that takes a whole number from `least` to `most`. */
export function integerOption<const Flags extends string>(flags: Flags, help: string, least: number, most?: number) {
  const option = new Option(flags, help);
  return option.argParser((text: string) => wholeNumber(option.long ?? flags, text, least, most));
}

/** Beside the options, because Commander would print its own list of choices in the help. */
const choices = new WeakMap<object, readonly string[]>();

/** The values that an option takes; null if it takes others. */
export function choicesOf(option: object): readonly string[] | null {
  return choices.get(option) ?? null;
}

/** An option with a fixed set of values. */
export function choiceOption<const Flags extends string, const Word extends string>(
  flags: Flags,
  help: string,
  words: readonly Word[],
) {
  const option = new Option(flags, help);
  choices.set(option, words);
  return option.argParser((text: string): Word => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    const known = words.length === 1 ? words[0] : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
    throw new Failure(exitCodes.usage, `${option.long ?? flags} must be ${known}, not '${text}'`);
  });
}

/** A repeatable option. */
export function repeatedOption<const Flags extends string>(flags: Flags, help: string) {
  return new Option(flags, help).argParser((text: string, before: readonly string[] | undefined): readonly string[] => [
    ...(before ?? []),
    text,
  ]);
}

/** `--db`; the program fills in its default before the command runs. */
export function databaseOption(help: string) {
  return new Option('--db <file>', help).default('', 'the file that AEDSL_DB names, else results.db of the project');
}

/** For commands that read a recorded run's data. */
export const dataFolderOption = new Option(
  '--data-folder <folder>',
  'where the data of the run are, if they are no longer where it found them; their checksum decides',
);

export function backendOption(by = '') {
  return choiceOption('--backend <name>', `simd, tensorflow or cpu${by}`, backendNames);
}

export function threadsOption(help = 'threads of the backend, where it has them') {
  return integerOption('--threads <n>', help, 1, mostThreads);
}

export function jsonOption(help: string) {
  return new Option('--json', help);
}

/** A file whose definitions are words, too. */
export function definitionsFileOption() {
  return new Option('--file <file>', 'words that this .ae file defines, or uses');
}

/** `store` is false if given. */
export function noStoreOption(help: string) {
  return new Option('--no-store', help);
}

export const checkpointEveryOption = new Option(
  '--checkpoint-every <time>',
  'how often trials are checkpointed: 5m, or 2epochs; every 30s by default',
).argParser(readCheckpointPolicy);

export const precisionOption = integerOption('--precision <n>', 'significant digits', 1, 100).default(6);

export const maxParametersOption = integerOption('--max-parameters <n>', 'refuse larger models', 1);

/** Options that change what an experiment trains, and for how long. */
export function addTrainingOptions(command: Command) {
  return command
    .addOption(integerOption('--epochs <n>', "replaces every stage's epochs", 1))
    .addOption(integerOption('--max-steps <n>', 'end each stage after n updates', 1))
    .option('--data <set>', 'another data set, with as many examples as it has')
    .addOption(maxParametersOption);
}
