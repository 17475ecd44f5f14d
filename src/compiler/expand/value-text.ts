import { onNumbers } from '../ir/formula-numbers.js';
import type { CallExpression, Expression, Identifier, StringLiteral } from '../syntax/ast.js';
import { stringLiteral, stringValue } from '../syntax/literals.js';

/** Formats an axis value as text that parses back to the same expression, for assigning it to a param. */
export function valueText(value: Expression): string {
  if (value.kind === 'number') return value.text;
  const { source, start, end } = value.span;
  // Paths may have been resolved and differ from their text.
  const text = placedIn(value)
    .sort((a, b) => b.span.start - a.span.start)
    .reduce(
      (written, literal) =>
        written.slice(0, literal.span.start - start) +
        stringLiteral(literal.value) +
        written.slice(literal.span.end - start),
      source.text.slice(start, end),
    );
  // A data set on the command line may be a bare name.
  return value.kind === 'call' && !text.includes('(') ? `${text}()` : text;
}

/** String literals whose value differs from their text in the file. */
function placedIn(value: Expression): StringLiteral[] {
  if (value.kind === 'call') return value.arguments.flatMap((argument) => placedIn(argument.value));
  if (value.kind !== 'string') return [];
  const { source, start, end } = value.span;
  return stringValue(source.text.slice(start, end)) === value.value ? [] : [value];
}

/** Formats an axis as on the command line, `rho=0.01,0.05`; it parses back to the same values. */
export function axisText(name: string, values: readonly Expression[]): string {
  const [only] = values;
  const texts = values.map(valueText);
  if (values.length === 1 && (only?.kind === 'list' || only?.kind === 'call')) return `${name}=[${texts.join('')}]`;
  return `${name}=${texts.join(',')}`;
}

/**
 * Normalises a value, so that different spellings of the same value are equal, such as `0.1` and `1e-1`, or `[1, 2]`
 * and `[1.0, 2 * 1]`.
 */
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

/** Value of a purely numeric expression; null for any other, and if it has no result. */
function constant(value: Expression): number | null {
  if (value.kind === 'number') return value.value + 0;
  if (value.kind === 'unary' && value.operator === '-') {
    const operand = constant(value.operand);
    return operand === null ? null : 0 - operand;
  }
  if (value.kind !== 'arithmetic') return null;
  const [left, right] = [constant(value.left), constant(value.right)];
  if (left === null || right === null) return null;
  const result = onNumbers(value.operator, [left, right]);
  return Number.isFinite(result) ? result : null;
}

/** Turns `mnist` into a call of the data set without arguments. */
export function callOf(word: Identifier): CallExpression {
  return { kind: 'call', word, arguments: [], block: null, span: word.span };
}
