import { describeInterval, type Interval, realLine } from '../ir/interval.js';
import { type Family, families } from '../ir/value.js';
import type { Library } from './library.js';
import type { Parameter, Parameters } from './parameter.js';
import type { AnyWord } from './word.js';

/** `dense(features, activation?, bias=true, init=torch)`: optional parameters have a default or a question mark. */
export function signature(word: Pick<AnyWord, 'name' | 'parameters'>): string {
  const parameters: Parameters = word.parameters;
  const shown = Object.entries(parameters).map(([name, parameter]) => {
    if (parameter.default === undefined) return name;
    return parameter.default === null ? `${name}?` : `${name}=${quoted(parameter)}`;
  });
  return `${word.name}(${shown.join(', ')})`;
}

/**
 * Describes the values of a parameter: "whole number from 1, units", "number in [0, 1), or a schedule", "`mean`,
 * `sum`".
 */
export function describeParameter(parameter: Parameter): string {
  const unit = parameter.unit === undefined ? '' : `, ${parameter.unit}`;
  switch (parameter.type) {
    case 'integer':
      return `${wholeNumber(parameter.range)}${unit}`;
    case 'real':
      return `${realNumber(parameter.range)}${unit}${parameter.schedulable ? ', or a schedule' : ''}`;
    case 'pair':
      return `${wholeNumber(parameter.range)}, or two of them: [height, width]${unit}`;
    case 'boolean':
      return '`true` or `false`';
    case 'choice':
      return parameter.options.map((option) => `\`${option}\``).join(', ');
    case 'text':
      return parameter.path ? 'path in quotation marks' : 'text in quotation marks';
    case 'word':
      return parameter.activation ? 'activation' : parameter.family;
    case 'layer':
      return 'label';
    case 'list':
      return `list of ${listed[parameter.of]}${parameter.allowsFile === true ? ', or `npy("file.npy")`' : ''}`;
  }
}

const listed = {
  layer: 'labels',
  text: 'texts',
  class: 'names or numbers of classes',
  integer: 'whole numbers',
  real: 'numbers',
} as const;

/** One argument or setting, as the reference, `aedsl help` and editors show it. */
export interface ParameterDescription {
  readonly name: string;
  /** Markdown, like that of the word. */
  readonly doc: string;
  /** "number in [0, 1), or a schedule"; Markdown. */
  readonly values: string;
  /** Written form; null if there is no default. */
  readonly default: string | null;
  readonly isRequired: boolean;
}

export function describeParameters(parameters: Parameters): readonly ParameterDescription[] {
  return Object.entries(parameters).map(([name, parameter]) => ({
    name,
    doc: parameter.doc,
    values: describeParameter(parameter),
    default: parameter.default === undefined || parameter.default === null ? null : quoted(parameter),
    isRequired: parameter.default === undefined,
  }));
}

/** Everything that is known of a word, for whoever shows it: the reference, `aedsl help`, an editor. */
export interface WordDescription {
  readonly family: Family;
  readonly name: string;
  readonly signature: string;
  /** Markdown; its first sentence is the summary. */
  readonly doc: string;
  readonly parameters: readonly ParameterDescription[];
  /** Settings in the braces of a pretraining stage; empty for all other words. */
  readonly settings: readonly ParameterDescription[];
  /** The paper or equation it implements. */
  readonly source: string | null;
  /** The module of a word from outside. */
  readonly module: string | null;
  /** Statements of an experiment that use it. */
  readonly example: string;
}

export function describeWord(word: AnyWord): WordDescription {
  const { family, name, doc, example } = word;
  return {
    family,
    name,
    signature: signature(word),
    doc,
    parameters: describeParameters(word.parameters),
    settings: word.family === 'stage' ? describeParameters(word.settings) : [],
    source: word.source ?? null,
    module: word.module?.name ?? null,
    example,
  };
}

/** Table of one family's words, each linked to its section of a reference page, with a one-sentence summary. */
export function summaryTable(library: Library, family: Family, page: string): string {
  const rows = library.words
    .filter((word) => word.family === family)
    .map((word) => `| [\`${cell(signature(word))}\`](${page}#${word.name}) | ${cell(firstSentence(word.doc))} |`);
  return ['| word | what it does |', '|---|---|', ...rows].join('\n');
}

/** Table of settings or of arguments. */
export function parameterTable(parameters: readonly ParameterDescription[], title: 'argument' | 'setting'): string {
  const rows = parameters.map(({ name, doc, values, isRequired, default: byDefault }) => {
    const start = isRequired ? 'required' : byDefault === null ? '–' : `\`${cell(byDefault)}\``;
    return `| \`${name}\` | ${cell(values)} | ${start} | ${cell(doc)} |`;
  });
  return [`| ${title} | value | default | meaning |`, '|---|---|---|---|', ...rows].join('\n');
}

export function codeTable(codes: Readonly<Record<string, string>>): string {
  const rows = Object.entries(codes).map(([code, meaning]) => `| \`${code}\` | ${cell(meaning)} |`);
  return ['| code | what it reports |', '|---|---|', ...rows].join('\n');
}

/** Location of the tests of a word's rules; null if it has no such rule. */
export interface WordTests {
  readonly shape: string | null;
  readonly gradient: string | null;
}

/** Table of all words with their tests. */
export function coverageTable(library: Library, testsOf: (word: AnyWord) => WordTests): string {
  const rows = families.flatMap((family) =>
    library.words
      .filter((word) => word.family === family)
      .map((word) => {
        const tests = testsOf(word);
        const columns = [
          family,
          `\`${word.name}\``,
          `\`${cell(oneLine(word.example))}\``,
          linked(tests.shape),
          `\`${cell(oneLine(word.mistake.text))}\` ${word.mistake.code}`,
          linked(tests.gradient),
          word.oracle.split(' ').map(oracleLink).join(', '),
        ];
        return `| ${columns.join(' | ')} |`;
      }),
  );
  return [
    '| family | word | example | shape property | mistake that is found | gradient check | oracle |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

/**
 * Replaces the text between `<!-- name -->` and `<!-- /name -->`.
 * @throws RangeError if the text has no such markers
 */
export function fillMarked(text: string, name: string, content: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from === -1 || to < from) throw new RangeError(`the text has no place '${name}'`);
  return `${text.slice(0, from + start.length)}\n${content}\n${text.slice(to)}`;
}

function quoted(parameter: Parameter): string {
  return parameter.type === 'text' ? JSON.stringify(parameter.default) : String(parameter.default);
}

function wholeNumber(range: Interval): string {
  const to = range.high >= Number.MAX_SAFE_INTEGER ? '' : ` to ${range.high}`;
  return `whole number from ${range.low}${to}`;
}

function realNumber(range: Interval): string {
  if (range.low === realLine.low && range.high === realLine.high) return 'number';
  return `number in ${describeInterval(range)}`;
}

/** The summary of a word: up to the first point or colon that ends a sentence. */
export function firstSentence(doc: string): string {
  return /^.*?[^.]\.(?= [A-Z`]|$)/s.exec(doc)?.[0] ?? doc;
}

/** Table cells are single lines, and a bar would end them. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}

function linked(path: string | null): string {
  return path === null ? '–' : `[✓](../${path})`;
}

function oracleLink(oracle: string): string {
  const [kind, name = ''] = oracle.split(/:(.*)/s);
  const [file = '', row] = name.split('#');
  const path = kind === 'test' ? name : `tests/goldens/${file}`;
  const shown =
    kind === 'test' ? file.replace(/^tests\/(?:compiler\/library\/|runtime\/)?/, '') : row ? `${file} ${row}` : file;
  return `[${shown}](../${path.split('#')[0]})`;
}
