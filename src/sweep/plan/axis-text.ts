import { type Diagnostic, hasErrors, type Outcome } from '../../compiler/diagnostics/diagnostic.js';
import { parsePiece, type Stretch, splitOutsideBrackets } from '../../compiler/expand/piece.js';
import type { Axis } from '../../compiler/expand/sweep-request.js';
import { callOf } from '../../compiler/expand/value-text.js';
import type { Argument, Expression, Identifier } from '../../compiler/syntax/ast.js';
import type { Source } from '../../compiler/syntax/source.js';
import { UsageError } from '../../project/params.js';

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

/** The name before the `=` of a word; null where there is none. */
export function axisName(word: string): string | null {
  return /^([A-Za-z_]\w*)=/.exec(word)?.[1] ?? null;
}

/**
 * An axis of the command line: `rho=[0.01,0.05]` as in a file, `rho=0.01,0.05`, `rho=0.1:0.5:0.1` for a range,
 * `lr=log:1e-4:1e-2:5`.
 * @throws UsageError when it has no name and `=`
 */
export function readAxis(word: string): Outcome<Axis> {
  const name = axisName(word);
  if (name === null) throw new UsageError(`'${word}' is not an axis and its values`, 'write it as: rho=0.01,0.05');
  const source: Source = { path: 'command line', text: word };
  const identifier: Identifier = { name, span: { source, start: 0, end: name.length } };
  const { value, diagnostics } = readValues(source, { start: name.length + 1, end: word.length });
  return { value: value && { name: identifier, value: name === 'data' ? dataSets(value) : value }, diagnostics };
}

/** The expression that a text of the command line stands for. */
export function readValues(source: Source, whole: Stretch): Outcome<Expression> {
  const items = splitOutsideBrackets(source.text, whole, ',');
  const colons = splitOutsideBrackets(source.text, whole, ':');
  const span = { source, ...whole };
  if (items.length > 1) {
    return all(source, items, (values) => ({ kind: 'list', items: values, span }));
  }
  const [first, ...rest] = colons;
  if (!first || rest.length === 0) return parsePiece(source, whole.start, whole.end);
  const written = source.text.slice(first.start, first.end);
  const word = colonWords.get(written);
  const name: Identifier = { name: word ?? 'range', span: word ? { source, ...first } : span };
  return all(source, word ? rest : colons, (values) => ({
    kind: 'call',
    word: name,
    arguments: values.map((value): Argument => ({ name: null, value, span: value.span })),
    block: null,
    span,
  }));
}

function all(
  source: Source,
  pieces: readonly Stretch[],
  make: (values: readonly Expression[]) => Expression,
): Outcome<Expression> {
  const read = pieces.map(({ start, end }) => parsePiece(source, start, end));
  const diagnostics: readonly Diagnostic[] = read.flatMap((piece) => piece.diagnostics);
  const values = read.map((piece) => piece.value).filter((value) => value !== null);
  return { value: hasErrors(diagnostics) || values.length < read.length ? null : make(values), diagnostics };
}

/** `digits` alone is `digits()`, as after `--data`. */
function dataSets(value: Expression): Expression {
  if (value.kind === 'name') return callOf({ name: value.name, span: value.span });
  if (value.kind === 'list') return { ...value, items: value.items.map(dataSets) };
  if (value.kind !== 'call' || value.word.name !== 'choice') return value;
  return { ...value, arguments: value.arguments.map((each) => ({ ...each, value: dataSets(each.value) })) };
}
