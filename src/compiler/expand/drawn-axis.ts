import { exp, log } from '../../numerics/float64.js';
import type { DiagnosticCollector } from '../diagnostics/collector.js';
import type { Evaluator } from '../evaluate/evaluator.js';
import type { CallExpression, Expression } from '../syntax/ast.js';
import type { Span } from '../syntax/source.js';
import { drawnWords, numberLiteral } from './axis.js';
import { numbersOf } from './axis-arguments.js';
import { parsePiece } from './piece.js';
import { sameValueKey, valueText } from './value-text.js';

export const numberRanges = ['uniform', 'loguniform', 'int'] as const;

/** What an axis is drawn from, as plain data: two ends, or the texts of its options. */
export type AxisRange = NumberRange | OptionRange;

interface NumberRange {
  readonly word: (typeof numberRanges)[number];
  readonly from: number;
  readonly to: number;
}

interface OptionRange {
  readonly word: 'choice';
  readonly options: readonly string[];
}

/** A distribution to draw an axis from. */
export interface DrawnAxis {
  readonly kind: 'real' | 'whole' | 'category';
  /** Number of distinct values; infinite for real numbers. */
  readonly values: number;
  readonly range: AxisRange;
  /** @param unit in [0, 1) */
  at(unit: number): Expression;
  /** Where a value is that {@link at} gave: the middle of its share of [0, 1). @param text by `valueText` */
  unitOf(text: string): number;
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
  return numberAxis({ word: numberRanges.find((word) => word === name) ?? 'uniform', from, to }, call.span);
}

/** An axis that a sweep was stored with. */
export function storedAxis(range: AxisRange): DrawnAxis {
  const source = { path: 'sweep', text: range.word === 'choice' ? range.options.join('\n') : '' };
  if (range.word !== 'choice') return numberAxis(range, { source, start: 0, end: 0 });
  let start = 0;
  const options = range.options.map((text) => {
    const { value } = parsePiece(source, start, start + text.length);
    start += text.length + 1;
    if (value === null) throw new RangeError(`an axis was stored with the option '${text}', which cannot be read`);
    return value;
  });
  return optionAxis(options);
}

function numberAxis(range: NumberRange, span: Span): DrawnAxis {
  const { word, from, to } = range;
  const literal = (value: number) => numberLiteral(value, span);
  const within = (value: number) => Math.min(Math.max(value, from), to);
  switch (word) {
    case 'int': {
      const values = to - from + 1;
      const at = (unit: number) => literal(within(from + Math.floor(unit * values)));
      return { kind: 'whole', values, range, at, unitOf: (text) => (Number(text) - from + 0.5) / values };
    }
    case 'loguniform': {
      const [low, high] = [log(from), log(to)];
      const at = (unit: number) => literal(within(sixDigits(exp(low + unit * (high - low)), to / from)));
      const unitOf = (text: string) => (log(Number(text)) - low) / (high - low);
      return { kind: 'real', values: Infinity, range, at, unitOf };
    }
    case 'uniform': {
      const width = to - from;
      const at = (unit: number) => literal(within(toMillionth(from + unit * width, width)));
      return { kind: 'real', values: Infinity, range, at, unitOf: (text) => (Number(text) - from) / width };
    }
  }
}

function choiceOf(call: CallExpression, collector: DiagnosticCollector): DrawnAxis | null {
  const options = onlyOnce(call, collector);
  if (options.length === 0) {
    collector.error('AE602', 'the axis has no values', call.span);
    return null;
  }
  return optionAxis(options);
}

function optionAxis(options: readonly Expression[]): DrawnAxis {
  const texts = options.map(valueText);
  return {
    kind: 'category',
    values: options.length,
    range: { word: 'choice', options: texts },
    at(unit) {
      const option = options[Math.min(Math.floor(unit * options.length), options.length - 1)];
      if (option === undefined) throw new RangeError('an axis without options has no values');
      return option;
    },
    unitOf: (text) => (texts.indexOf(text) + 0.5) / options.length,
  };
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
