import { exp, log } from '../../numerics/float64.js';
import type { DiagnosticCollector } from '../diagnostics/collector.js';
import type { Evaluator } from '../evaluate/evaluator.js';
import type { CallExpression, Expression } from '../syntax/ast.js';
import { drawnWords, numberLiteral } from './axis.js';
import { numbersOf } from './axis-arguments.js';
import { sameValueKey } from './value-text.js';

/** A distribution to draw an axis from. */
export interface DrawnAxis {
  /** Number of distinct values; infinite for real numbers. */
  readonly values: number;
  /** @param unit in [0, 1) */
  at(unit: number): Expression;
}

export function isDrawn(axis: Expression, trialsGiven: boolean): axis is CallExpression {
  return (
    axis.kind === 'call' &&
    (drawnWords.some((word) => word === axis.word.name) || (trialsGiven && axis.word.name === 'choice'))
  );
}

/**
 * Parses `uniform(a, b)`, `loguniform(a, b)`, `int(a, b)` (both ends included) or `choice(a, b, …)`. Real numbers are
 * rounded for readability: to a millionth of the width, or to six digits.
 * @returns null after reporting why it is invalid
 */
export function drawnAxis(
  call: CallExpression,
  evaluator: Evaluator,
  collector: DiagnosticCollector,
): DrawnAxis | null {
  const { name } = call.word;
  if (name === 'choice') return choiceOf(call, collector);
  const ends = numbersOf(call, `${name}(from, to)`, { least: 2, most: 2 }, evaluator, collector);
  if (ends === null) return null;
  const [from = 0, to = 0] = ends;
  const wrong = problemWith(name, from, to);
  if (wrong !== null) {
    collector.error('AE306', wrong, call.span);
    return null;
  }
  const literal = (value: number) => numberLiteral(value, call.span);
  const within = (value: number) => Math.min(Math.max(value, from), to);
  switch (name) {
    case 'int': {
      const values = to - from + 1;
      return { values, at: (unit) => literal(within(from + Math.floor(unit * values))) };
    }
    case 'loguniform': {
      const [low, high] = [log(from), log(to)];
      return { values: Infinity, at: (unit) => literal(within(sixDigits(exp(low + unit * (high - low)), to / from))) };
    }
    default: {
      const width = to - from;
      return { values: Infinity, at: (unit) => literal(within(toMillionth(from + unit * width, width))) };
    }
  }
}

function choiceOf(call: CallExpression, collector: DiagnosticCollector): DrawnAxis | null {
  const options = onlyOnce(call, collector);
  const [first] = options;
  if (first === undefined) {
    collector.error('AE602', 'the axis has no values', call.span);
    return null;
  }
  return { values: options.length, at: (unit) => options[Math.floor(unit * options.length)] ?? first };
}

/** Removes duplicates, keeping the first of each, with a warning. */
function onlyOnce(call: CallExpression, collector: DiagnosticCollector): readonly Expression[] {
  const seen = new Set<string>();
  return call.arguments.flatMap(({ value }) => {
    const key = sameValueKey(value);
    const first = !seen.has(key);
    seen.add(key);
    if (!first) collector.warning('AE604', `the axis has the value ${key} twice`, value.span);
    return first ? [value] : [];
  });
}

function problemWith(word: string, from: number, to: number): string | null {
  if (!(from < to)) return `'${word}' is drawn between two ends, the smaller first, not ${from} and ${to}`;
  if (word === 'loguniform' && from <= 0) return "the ends of 'loguniform' must be above 0";
  if (word === 'int' && !(Number.isSafeInteger(from) && Number.isSafeInteger(to))) {
    return "the ends of 'int' must be whole numbers";
  }
  return null;
}

/** Rounds to the nearest decimal at a millionth of the width or finer. */
function toMillionth(value: number, width: number): number {
  const magnitude = Number(width.toExponential().split('e')[1]);
  const decimals = Math.max(0, 6 - magnitude);
  return decimals > 100 || Math.abs(value) >= 1e21 ? value : Number(value.toFixed(decimals)) + 0;
}

/** @param ratio of the ends; if they are close together, all digits are kept */
function sixDigits(value: number, ratio: number): number {
  return ratio < 1.1 ? value : Number(value.toPrecision(6));
}
