import type { DiagnosticCollector } from '../diagnostics/collector.js';
import { hasErrors } from '../diagnostics/diagnostic.js';
import type { Argument, Expression, Identifier } from '../syntax/ast.js';
import type { Source } from '../syntax/source.js';
import { parsePiece, type Stretch, splitOutsideBrackets } from './piece.js';
import type { Axis } from './sweep-request.js';
import { callOf } from './value-text.js';

/** The words of axes that can be written without parentheses, which shells would read: `lr=log:1e-4:1e-2:5`. */
const colonWords: ReadonlyMap<string, string> = new Map([
  ['lin', 'linspace'],
  ['linspace', 'linspace'],
  ['log', 'logspace'],
  ['logspace', 'logspace'],
  ['range', 'range'],
  ['uniform', 'uniform'],
  ['loguniform', 'loguniform'],
  ['int', 'int'],
  ['choice', 'choice'],
]);

/** The name before the `=` of a word; null if there is none. */
export function axisName(word: string): string | null {
  return /^([A-Za-z_]\w*)=/.exec(word)?.[1] ?? null;
}

/**
 * Reads an axis of the command line: `rho=[0.01,0.05]` as in a file, `rho=0.01,0.05`, `rho=0.1:0.5:0.1` for a range,
 * `lr=log:1e-4:1e-2:5`.
 * @returns null after reporting why it is none
 */
export function readAxis(word: string, collector: DiagnosticCollector): Axis | null {
  const source: Source = { path: 'command line', text: word };
  const name = axisName(word);
  if (name === null) {
    collector.error(
      'AE602',
      `'${word}' is not an axis and its values`,
      { source, start: 0, end: word.length },
      {
        hint: 'write it as: rho=0.01,0.05',
      },
    );
    return null;
  }
  const identifier: Identifier = { name, span: { source, start: 0, end: name.length } };
  const value = readValues(source, { start: name.length + 1, end: word.length }, collector);
  return value && { name: identifier, value: name === 'data' ? dataSets(value) : value };
}

/** Reads the values of an axis of the command line. @returns null after reporting why there are none */
export function readValues(source: Source, whole: Stretch, collector: DiagnosticCollector): Expression | null {
  const items = splitOutsideBrackets(source.text, whole, ',');
  const colons = splitOutsideBrackets(source.text, whole, ':');
  const span = { source, ...whole };
  if (items.length > 1) {
    const values = readPieces(source, items, collector);
    return values && { kind: 'list', items: values, span };
  }
  const [first, ...rest] = colons;
  if (!first || rest.length === 0) return readPieces(source, [whole], collector)?.[0] ?? null;
  const written = source.text.slice(first.start, first.end);
  const word = colonWords.get(written);
  const name: Identifier = { name: word ?? 'range', span: word ? { source, ...first } : span };
  const values = readPieces(source, word ? rest : colons, collector);
  if (values === null) return null;
  const given = values.map((value): Argument => ({ name: null, value, span: value.span }));
  return { kind: 'call', word: name, arguments: given, block: null, span };
}

/** The expressions in some parts of a text; null after reporting what is wrong with any of them. */
function readPieces(
  source: Source,
  parts: readonly Stretch[],
  collector: DiagnosticCollector,
): readonly Expression[] | null {
  const read = parts.map(({ start, end }) => parsePiece(source, start, end));
  for (const { diagnostics } of read) collector.addAll(diagnostics);
  const values = read.map(({ value }) => value).filter((value) => value !== null);
  const isWrong = read.some(({ diagnostics }) => hasErrors(diagnostics));
  return isWrong || values.length < read.length ? null : values;
}

/** `digits` alone is `digits()`, as after `--data`. */
function dataSets(value: Expression): Expression {
  if (value.kind === 'name') return callOf({ name: value.name, span: value.span });
  if (value.kind === 'list') return { ...value, items: value.items.map(dataSets) };
  if (value.kind !== 'call' || value.word.name !== 'choice') return value;
  return { ...value, arguments: value.arguments.map((each) => ({ ...each, value: dataSets(each.value) })) };
}
