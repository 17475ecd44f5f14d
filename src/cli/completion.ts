import { type Argument, Command, type Option } from '@commander-js/extra-typings';
import {
  bindExperiment,
  builtinWords,
  entriesOf,
  kinds,
  nameOf,
  printable,
  summaryOf,
  type Words,
} from '../api/compiler.js';
import { examples, fileWorld, listExperiments, namedExperiment, resultsPlace } from '../api/project.js';
import { readStoreAsItIs } from '../api/results.js';
import type { Session } from './command.js';
import type { CommandEntry, CommandGroup } from './commands.js';
import { choicesOf } from './options.js';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A completion for the word at the cursor. */
export interface Candidate {
  /** The whole word; the user goes on typing after one that ends with `=`. */
  readonly value: string;
  readonly about?: string;
}

export interface Reply {
  readonly candidates: readonly Candidate[];
  /** Also complete file names. */
  readonly files: boolean;
}

const nothing: Reply = { candidates: [], files: false };
const files: Reply = { candidates: [], files: true };
const of = (candidates: readonly Candidate[]): Reply => ({ candidates, files: false });
const withFiles = (candidates: readonly Candidate[]): Reply => ({ candidates, files: true });

/** Most runs and sweeps to offer, newest first. */
const mostRuns = 50;

/**
 * Completes the word at the cursor. Runs no third-party code, and reads only the project and its results.
 * @param typed the words after `aedsl`; the last one, possibly empty, is being typed
 * @param session for declaring a command to list its options; runs nothing
 */
export async function complete(typed: readonly string[], session: Session): Promise<Reply> {
  const current = typed.at(-1) ?? '';
  const reply = await whole(typed.slice(0, -1), current, session);
  const fitting = reply.candidates.filter(({ value }) => value.startsWith(current) && value !== '');
  const unique = new Map(fitting.map((candidate) => [candidate.value, candidate]));
  return { candidates: [...unique.values()], files: reply.files };
}

async function whole(before: readonly string[], current: string, session: Session): Promise<Reply> {
  const { entry, rest } = called(before, session.commands);
  if (entry === null) {
    if (rest.at(-1) === '--words') return files;
    return of(current.startsWith('-') ? globalOptions : session.commands.map(entryCandidate));
  }
  if ('commands' in entry) return of(entry.commands.map(entryCandidate));
  const command = new Command(entry.name);
  (await entry.load()).command.addTo(command, session);
  const known = [...command.options];
  const optionOf = (word: string) => known.find(({ long, short }) => word === long || word === short);

  const open = takesValue(optionOf(rest.at(-1) ?? '')) ? optionOf(rest.at(-1) ?? '') : undefined;
  const given = new Given(rest, (word) => takesValue(optionOf(word)));
  if (open) return valuesOf(open, given);
  const [, flag = '', equals] = /^(--[\w-]+)(=)?/.exec(current) ?? [];
  const assigned = equals === undefined ? undefined : optionOf(flag);
  if (assigned) {
    const { candidates, files: isFile } = await valuesOf(assigned, given);
    return {
      candidates: candidates.map(({ value, ...more }) => ({ ...more, value: `${flag}=${value}` })),
      files: isFile,
    };
  }
  if (current.startsWith('-')) {
    const own = known
      .filter(({ hidden }) => !hidden)
      .map(({ long, short, description }) => ({ value: long ?? short ?? '', about: description }));
    return of([...own, ...globalOptions]);
  }
  return argumentsOf(entry.name, command.registeredArguments, given);
}

const globalOptions: readonly Candidate[] = [
  { value: '--help', about: 'display help' },
  { value: '--debug', about: 'show stack traces' },
  { value: '--words', about: 'a module of words of your own' },
];

function entryCandidate({ name, summary }: CommandEntry | CommandGroup): Candidate {
  return { value: name, about: summary };
}

/** The command that was typed, and the words after it; all words if there is no command yet. */
function called(
  before: readonly string[],
  entries: readonly (CommandEntry | CommandGroup)[],
): { readonly entry: CommandEntry | CommandGroup | null; readonly rest: readonly string[] } {
  const at = before.findIndex((word, i) => !word.startsWith('-') && before[i - 1] !== '--words');
  const entry = entries.find(({ name }) => name === before[at]);
  if (at < 0 || entry === undefined) return { entry: null, rest: before };
  const rest = before.slice(at + 1);
  if (!('commands' in entry)) return { entry, rest };
  const below = called(rest, entry.commands);
  return below.entry === null ? { entry, rest } : below;
}

function takesValue(option: Option | undefined): boolean {
  return option !== undefined && (option.required || option.optional);
}

/** The words of a command that are no options. */
class Given {
  readonly words: readonly string[];
  /** The database that `--db` names, or the project's. */
  readonly database: string;

  constructor(rest: readonly string[], isValued: (word: string) => boolean) {
    this.words = rest.filter((word, i) => !word.startsWith('-') && !isValued(rest[i - 1] ?? ''));
    const at = rest.indexOf('--db');
    this.database = (at < 0 ? undefined : rest[at + 1]) ?? resultsPlace().path;
  }
}

async function valuesOf(option: Option, given: Given): Promise<Reply> {
  const choices = choicesOf(option);
  if (choices !== null) return of(choices.map((value) => ({ value })));
  switch (option.long) {
    case '--metric':
    case '--sort':
      return of(await metrics(given));
    case '--from':
      return of(await runs(given));
    case '--data':
      return withFiles(
        builtinWords.words.filter(({ family }) => family === 'dataset').map(({ name }) => ({ value: name })),
      );
  }
  return /<(file|folder|path)>/.test(option.flags) ? files : nothing;
}

type Registered = Pick<Argument, 'name' | 'variadic'>;

function publishedSets() {
  const sets = builtinWords.byFamily.dataset.filter(({ published }) => published !== undefined);
  return sets.map(({ name }) => ({ value: name }));
}

async function argumentsOf(command: string, declared: readonly Registered[], given: Given): Promise<Reply> {
  const { words } = given;
  const argument = declared[words.length] ?? declared.filter(({ variadic }) => variadic).at(-1);
  if (argument === undefined) return nothing;
  switch (command) {
    case 'help':
    case 'words':
      return of([...(command === 'help' ? [] : kinds.map((value) => ({ value }))), ...wordCandidates(builtinWords)]);
    case 'completion':
      return of(shells.map((value) => ({ value })));
    case 'examples':
      return of(examples().map(({ name, about }) => ({ value: name, about })));
    case 'fetch':
    case 'add':
      return argument.name() === 'name' ? of(publishedSets()) : files;
    case 'sweep':
      return words.length === 0
        ? withFiles([...experiments(), ...listExperiments().flatMap(({ params }) => [...params].map(axis))])
        : of([...params(words[0] ?? ''), axis('seed'), axis('data')]);
  }
  const kind = argument.name();
  if (/^(files?|experiment)$/.test(kind)) {
    return withFiles([...experiments(), ...(command === 'check' && words[0] !== undefined ? params(words[0]) : [])]);
  }
  if (kind === 'param=value') return of(params(words[0] ?? ''));
  if (kind === 'metric') return of(await metrics(given));
  if (/run|sweep|^(what|a|b)$/.test(kind)) return withFiles(await runs(given));
  return files;
}

function wordCandidates(library: Words): readonly Candidate[] {
  return kinds.flatMap((kind) =>
    entriesOf(library, kind).map((entry) => ({ value: nameOf(entry), about: summaryOf(entry) })),
  );
}

const axis = (name: string): Candidate => ({ value: `${name}=` });

function experiments(): readonly Candidate[] {
  return listExperiments().map(({ reference, name }) => ({ value: reference, about: name }));
}

/** The params of the experiment that a word names. */
function params(word: string): readonly Candidate[] {
  const { source, experiment } = namedExperiment(word);
  return [...(bindExperiment(source, experiment, fileWorld()).value?.params.keys() ?? [])].map(axis);
}

async function runs(given: Given): Promise<readonly Candidate[]> {
  return readStoreAsItIs(given.database, (store) => [
    { value: 'last', about: 'the newest run' },
    ...store.sweeps(mostRuns).map(({ id, experiment, status }) => ({ value: id, about: `${experiment}, ${status}` })),
    ...store.listRuns({ limit: mostRuns }).map(({ id, experiment, status, seed }) => ({
      value: id,
      about: `${experiment}, seed ${seed}, ${status}`,
    })),
  ]);
}

/** Those of the newest runs. */
async function metrics(given: Given): Promise<readonly Candidate[]> {
  return readStoreAsItIs(given.database, (store) => {
    const finals = store.trials.finals(store.listRuns({ limit: 5 }).map(({ id }) => id));
    return [...finals.values()].flatMap((values) => Object.keys(values)).map((value) => ({ value }));
  });
}

/** One candidate a line, with a tab before what it is; then `:files` where those fit as well. */
export function replyText({ candidates, files: isFile }: Reply): string {
  const oneLine = (text: string) => printable(text.replaceAll(/\s+/g, ' '));
  const lines = candidates.map(({ value, about }) => (about ? `${oneLine(value)}\t${oneLine(about)}` : oneLine(value)));
  return [...lines, ...(isFile ? [':files'] : [])].map((line) => `${line}\n`).join('');
}

/** The words of a command line up to the cursor, as a shell takes them: quotation marks and backslashes are undone. */
export function wordsOfLine(line: string): readonly string[] {
  const words = [''];
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at);
    const add = (text: string) => {
      words[words.length - 1] = `${words.at(-1)}${text}`;
    };
    if (character === quote) quote = '';
    else if (quote !== '') add(character);
    else if (character === '"' || character === "'") quote = character;
    else if (character === '\\') add(line.charAt(++at));
    else if (!/\s/.test(character)) add(character);
    else if (words.at(-1) !== '') words.push('');
  }
  return words;
}
