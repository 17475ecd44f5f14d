import { compute } from '../evaluate/evaluator.js';
import type { CallExpression, Expression, Identifier, StringLiteral } from '../syntax/ast.js';
import { stringLiteral, stringValue } from '../syntax/literals.js';

/** A value of an axis as it can be assigned to a param: text that reads back as the same expression. */
export function valueText(value: Expression): string {
  if (value.kind === 'number') return value.text;
  const { source, start, end } = value.span;
  // A path may have been placed elsewhere than it stands.
  const text = placedIn(value)
    .sort((a, b) => b.span.start - a.span.start)
    .reduce(
      (written, literal) =>
        written.slice(0, literal.span.start - start) +
        stringLiteral(literal.value) +
        written.slice(literal.span.end - start),
      source.text.slice(start, end),
    );
  // A data set of the command line may be a name alone.
  return value.kind === 'call' && !text.includes('(') ? `${text}()` : text;
}

/** Texts in a value that are others than the file has at their place. */
function placedIn(value: Expression): StringLiteral[] {
  if (value.kind === 'call') return value.arguments.flatMap((argument) => placedIn(argument.value));
  if (value.kind !== 'string') return [];
  const { source, start, end } = value.span;
  return stringValue(source.text.slice(start, end)) === value.value ? [] : [value];
}

/** `rho=0.01,0.05`: an axis as it is written on the command line; it reads back as the same values. */
export function axisText(name: string, values: readonly Expression[]): string {
  const [only] = values;
  const texts = values.map(valueText);
  if (values.length === 1 && (only?.kind === 'list' || only?.kind === 'call')) return `${name}=[${texts.join('')}]`;
  return `${name}=${texts.join(',')}`;
}

/** The same for two values that are written differently and are equal: `0.1` and `1e-1`, `[1, 2]` and `[1.0, 2 * 1]`. */
export function sameValueKey(value: Expression): string {
  const number = constant(value);
  if (number !== null) return String(number);
  switch (value.kind) {
    case 'string':
      return JSON.stringify(value.value);
    case 'list':
      return `[${value.items.map(sameValueKey).join(', ')}]`;
    case 'call': {
      if (value.block !== null) return valueText(value);
      const given = value.arguments.map(({ name, value: argument }) => {
        return `${name === null ? '' : `${name.name}=`}${sameValueKey(argument)}`;
      });
      return `${value.word.name}(${given.join(', ')})`;
    }
    default:
      return valueText(value);
  }
}

/** The value of an expression of numbers alone; null of any other, and of one without a result. */
function constant(value: Expression): number | null {
  if (value.kind === 'number') return value.value + 0;
  if (value.kind === 'unary' && value.operator === '-') {
    const operand = constant(value.operand);
    return operand === null ? null : 0 - operand;
  }
  if (value.kind !== 'arithmetic') return null;
  const [left, right] = [constant(value.left), constant(value.right)];
  if (left === null || right === null) return null;
  const result = compute(value.operator, left, right);
  return Number.isFinite(result) ? result : null;
}

/** `mnist` as the call of a data set without arguments. */
export function callOf(word: Identifier): CallExpression {
  return { kind: 'call', word, arguments: [], block: null, span: word.span };
}
