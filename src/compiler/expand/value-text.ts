import type { CallExpression, Expression, Identifier } from '../syntax/ast.js';

/** A value of an axis as it can be assigned to a param: text that reads back as the same expression. */
export function valueText(value: Expression): string {
  if (value.kind === 'number') return value.text;
  const { source, start, end } = value.span;
  const text = source.text.slice(start, end);
  // A data set of the command line may be a name alone.
  return value.kind === 'call' && !text.includes('(') ? `${text}()` : text;
}

/** `rho=0.01,0.05`: an axis as it is written on the command line; it reads back as the same values. */
export function axisText(name: string, values: readonly Expression[]): string {
  const [only] = values;
  const texts = values.map(valueText);
  if (values.length === 1 && (only?.kind === 'list' || only?.kind === 'call')) return `${name}=[${texts.join('')}]`;
  return `${name}=${texts.join(',')}`;
}

/** The same for two values that are written differently and are the same number. */
export function sameValueKey(value: Expression): string {
  if (value.kind === 'number') return String(value.value);
  if (value.kind === 'unary' && value.operator === '-' && value.operand.kind === 'number') {
    return String(0 - value.operand.value);
  }
  return valueText(value);
}

/** `mnist` as the call of a data set without arguments. */
export function callOf(word: Identifier): CallExpression {
  return { kind: 'call', word, arguments: [], block: null, span: word.span };
}
