import { logspace } from '../../numerics/spacing.js';
import { groupedText } from '../../text/number-text.js';
import type { DiagnosticCollector } from '../diagnostics/collector.js';
import type { Evaluator } from '../evaluate/evaluator.js';
import type { CallExpression, Expression } from '../syntax/ast.js';
import type { Span } from '../syntax/source.js';
import { numbersOf } from './axis-arguments.js';
import { decimalSpacing, decimalSteps, stepsBefore } from './decimal-steps.js';

/** Words for enumerated axes. */
export const listedWords = ['range', 'linspace', 'logspace', 'choice'] as const;

/** Words for randomly drawn axes; `choice` is drawn too if the number of trials to draw is given. */
export const drawnWords = ['uniform', 'loguniform', 'int'] as const;

/** Returns whether a word denotes the values of an axis rather than a single value. */
export function isAxisWord(word: string): boolean {
  return [...listedWords, ...drawnWords].some((each) => each === word);
}

const mostValues = 100_000;

/**
 * Enumerates the values of one axis: a list, or `range(a, b, step)` (b excluded), `linspace(a, b, n)` and `logspace(a,
 * b, n)` (both ends included), `choice(a, b, …)`. A single value is an axis of one.
 * @returns null after reporting why there are none
 */
export function axisValues(
  axis: Expression,
  evaluator: Evaluator,
  collector: DiagnosticCollector,
): readonly Expression[] | null {
  const values =
    axis.kind === 'list' ? axis.items : axis.kind === 'call' ? fromCall(axis, evaluator, collector) : [axis];
  if (values?.length === 0) {
    collector.error('AE602', 'the axis has no values', axis.span);
    return null;
  }
  return values;
}

function fromCall(
  call: CallExpression,
  evaluator: Evaluator,
  collector: DiagnosticCollector,
): readonly Expression[] | null {
  const { name } = call.word;
  if (name === 'choice') return call.arguments.map((a) => a.value);
  if (name !== 'range' && name !== 'linspace' && name !== 'logspace') return [call];
  const form = name === 'range' ? 'range(from, to, step)' : `${name}(from, to, count)`;
  const numbers = numbersOf(call, form, { least: 2, most: 3 }, evaluator, collector);
  if (numbers === null) return null;
  const [from = 0, to = 0, third] = numbers;
  const points = name === 'range' ? range(from, to, third ?? 1) : spaced(name, from, to, third ?? 10);
  if (typeof points === 'string') {
    collector.error(points === tooMany ? 'AE310' : 'AE306', points, call.span);
    return null;
  }
  return points.map((value) => numberLiteral(value, call.span));
}

const tooMany = `an axis of more than ${groupedText(mostValues)} values, which is the limit`;

function range(from: number, to: number, step: number): readonly number[] | string {
  if (step === 0) return 'the step of a range cannot be 0';
  const count = stepsBefore(from, to, step);
  if (count > mostValues) return tooMany;
  return decimalSteps(from, step, count);
}

function spaced(name: 'linspace' | 'logspace', from: number, to: number, count: number): readonly number[] | string {
  if (!Number.isInteger(count) || count < 1) return `'${name}' needs a whole number of values`;
  if (count > mostValues) return tooMany;
  if (name === 'logspace') {
    return from > 0 && to > 0 ? logspace(from, to, count) : "the ends of 'logspace' must be above 0";
  }
  return decimalSpacing(from, to, count);
}

export function numberLiteral(value: number, span: Span): Expression {
  return { kind: 'number', value, text: String(value), span };
}
