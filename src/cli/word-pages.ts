import { Help } from '@commander-js/extra-typings';
import {
  closest,
  describeWord,
  type Entry,
  entriesNamed,
  entriesOf,
  type Kind,
  kinds,
  meantByName,
  nameOf,
  type ParameterDescription,
  printable,
  summaryOf,
  type Words,
} from '../api/compiler.js';
import { type DefinedInFile, shownPath } from '../api/project.js';
import { type Console, Styled } from './console.js';
import { exitCodes, Failure } from './failure.js';

/** Wider lines are hard to read. */
const mostColumns = 100;

/** Prints texts in paragraphs and in two columns, as help of a command has them. */
class Page {
  readonly #helper = new Help();
  readonly #lines: string[] = [];
  readonly #colour: boolean;
  readonly #width: number;

  constructor(console: Console) {
    this.#width = Math.min(console.columns, mostColumns);
    this.#helper.helpWidth = this.#width;
    this.#colour = console.colour.out;
  }

  /** @param text Markdown of one paragraph */
  paragraph(text: string): void {
    this.#lines.push(this.#helper.boxWrap(this.#plain(text), this.#width), '');
  }

  signature(text: string): void {
    const lines = this.#helper.boxWrap(printable(text), this.#width - 4).split('\n');
    this.#lines.push(...lines.map((line, i) => `${i === 0 ? '  ' : '    '}${this.#bold(line)}`), '');
  }

  /** Formats statements, of which the first may be indented less than the others. */
  statements(text: string): void {
    const [first = '', ...others] = text.split('\n');
    const margin = Math.min(...others.map((line) => line.length - line.trimStart().length));
    const lines = [first, ...others.map((line) => line.slice(margin))];
    this.#lines.push(...lines.map((line) => `  ${this.#bold(printable(line))}`), '');
  }

  /** Formats lines as they are written. */
  definition(text: string): void {
    this.#lines.push(...text.split('\n').map((line) => `  ${this.#bold(printable(line.trimEnd()))}`), '');
  }

  heading(text: string): void {
    this.#lines.push(this.#bold(printable(text)));
  }

  columns(rows: readonly (readonly [term: string, text: string])[]): void {
    const width = Math.max(0, ...rows.map(([term]) => term.length));
    for (const [term, text] of rows) {
      const found = this.#helper.formatItem(this.#bold(printable(term)), width, this.#plain(text), this.#helper);
      this.#lines.push(found.trimEnd());
    }
    this.#lines.push('');
  }

  get text(): Styled {
    return new Styled(`${this.#lines.join('\n').trimEnd()}\n`);
  }

  /** Code stands out by its colour, or keeps its ticks. Links are left as their text. */
  #plain(markdown: string): string {
    const text = printable(markdown.replaceAll(/\s+/g, ' ')).replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');
    return this.#colour ? text.replaceAll(/`([^`]*)`/g, (_, code: string) => this.#bold(code)) : text;
  }

  #bold(text: string): string {
    return this.#colour ? `\u001b[1m${text}\u001b[22m` : text;
  }
}

/** Terms, each with a text beside it that is wrapped. */
export function columns(console: Console, rows: readonly (readonly [term: string, text: string])[]): Styled {
  const page = new Page(console);
  page.columns(rows);
  return page.text;
}

/** All kinds with the names of what they have. */
export function printAllWords(console: Console, library: Words): void {
  const page = new Page(console);
  page.columns(
    kinds.flatMap((kind) => {
      const names = entriesOf(library, kind).map(nameOf);
      return names.length === 0 ? [] : [[kind, [...new Set(names)].join(', ')] as const];
    }),
  );
  page.paragraph('`aedsl words FAMILY` says what each does, and `aedsl help WORD` explains one.');
  console.out(page.text);
}

/** Prints the entries of a kind, with a summary of each. */
export function printKind(console: Console, library: Words, kind: Kind): void {
  const page = new Page(console);
  page.columns(entriesOf(library, kind).map((entry) => [nameOf(entry) + place(entry), summaryOf(entry)]));
  page.paragraph('`aedsl help WORD` explains one.');
  console.out(page.text);
}

/** The places of settings of one name. */
function place(entry: Entry): string {
  return 'word' in entry || entry.within === null ? '' : ` (${entry.within})`;
}

/**
 * Explains what has a name.
 * @param commands that may have been meant
 * @throws Failure for a name that nothing has, with near ones
 */
export function printEntries(console: Console, library: Words, name: string, commands: readonly string[]): void {
  const found = entriesNamed(library, name);
  if (found.length === 0) throw unknown(library, name, commands);
  for (const entry of found) {
    if (entry !== found[0]) console.out('\n');
    console.out(pageOf(console, entry));
  }
}

/** A file of definitions in which a word was looked for. */
interface LookedIn {
  readonly known: Words;
  readonly name: string;
  readonly file: string;
  readonly defined: readonly DefinedInFile[];
}

/** Lists what a file defines. */
export function printDefinedList(console: Console, defined: readonly DefinedInFile[], file: string): void {
  const page = new Page(console);
  if (defined.length === 0) page.paragraph(`${printable(file)} defines nothing.`);
  page.columns(defined.map(({ usage, role, path }) => [usage, path === shownPath(file) ? role : `${role} of ${path}`]));
  if (defined.length > 0) page.paragraph(`\`aedsl help WORD --file ${printable(file)}\` explains one.`);
  console.out(page.text);
}

/** Explains words that files define. */
export function printDefined(console: Console, defined: readonly DefinedInFile[]): void {
  for (const each of defined) {
    if (each !== defined[0]) console.out('\n');
    console.out(definedPage(console, each));
  }
}

/**
 * Explains a word that a file defines.
 * @throws Failure for a name that it does not define, with a near one
 */
export function printDefinedIn(console: Console, { known, name, file, defined }: LookedIn): void {
  const found = defined.filter((each) => each.name === name);
  if (found.length > 0) {
    printDefined(console, found);
    return;
  }
  const names = defined.map((each) => each.name);
  const near = closest(name, names);
  const hint =
    entriesNamed(known, name).length > 0
      ? `it is a word of the language: aedsl help ${name}`
      : near === null
        ? `aedsl words --file ${file} lists what it defines`
        : `did you mean '${near}'? aedsl help ${near} --file ${file}`;
  throw new Failure(exitCodes.usage, name === '' ? 'no word is named' : `${file} does not define '${name}'`, hint);
}

function definedPage(console: Console, { name, role, path, text, usage, word }: DefinedInFile): Styled {
  const page = new Page(console);
  page.heading(`${name}: ${role} of ${path}`);
  page.signature(usage);
  page.definition(text);
  const parameters = word === null ? [] : describeWord(word).parameters;
  if (parameters.length > 0) printParameters(page, 'Arguments:', parameters);
  if (word === null && role !== 'block') page.paragraph(`It has errors: \`aedsl check ${path}\` says which.`);
  return page.text;
}

function printParameters(page: Page, title: string, parameters: readonly ParameterDescription[]): void {
  page.heading(title);
  page.columns(
    parameters.map(({ name, doc, values, isRequired, default: byDefault }) => {
      const absent = byDefault === null ? (isRequired ? 'required' : 'optional') : `default ${byDefault}`;
      return [name, `${sentence(doc)} (${values}; ${absent})`] as const;
    }),
  );
}

function pageOf(console: Console, entry: Entry): Styled {
  const page = new Page(console);
  if (!('word' in entry)) {
    page.heading(`${entry.name}: ${entry.kind}${entry.within === null ? '' : ` of ${entry.within}`}`);
    page.signature(entry.usage);
    page.paragraph(sentence(entry.doc));
    if (entry.values !== null) page.paragraph(`Its value: ${entry.values}.`);
    return page.text;
  }
  const { word } = entry;
  page.heading(`${word.name}: ${word.family}${word.module === null ? '' : ` of ${word.module}`}`);
  page.signature(word.signature);
  page.paragraph(word.doc);
  for (const [title, parameters] of [
    ['Arguments:', word.parameters],
    ['Settings, in braces:', word.settings],
  ] as const) {
    if (parameters.length > 0) printParameters(page, title, parameters);
  }
  if (word.source !== null) page.paragraph(`Source: ${word.source}.`);
  page.heading('Example:');
  page.statements(word.example);
  return page.text;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}

function unknown(library: Words, name: string, commands: readonly string[]): Failure {
  const meant = meantByName(library, name, commands);
  const hint =
    meant === null
      ? 'aedsl words lists the words, and aedsl --help the commands'
      : meant.how === 'peer'
        ? `it is called '${meant.name}' here: aedsl help ${meant.name}`
        : `did you mean '${meant.name}'? aedsl help ${meant.name}`;
  return new Failure(exitCodes.usage, `'${name}' is neither a word of the language nor a command`, hint);
}
