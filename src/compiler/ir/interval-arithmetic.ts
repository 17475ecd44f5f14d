import * as elementary from '../../numerics/float64.js';
import { onNumbers } from './formula-numbers.js';
import { closed, halfOpen, type Interval, open, realLine } from './interval.js';

// The values that an operation can have for values within intervals. Bounds are rounded to nearest.

interface End {
  readonly at: number;
  readonly open: boolean;
}

const lowEnd = ({ low, lowOpen }: Interval): End => ({ at: low, open: lowOpen });
const highEnd = ({ high, highOpen }: Interval): End => ({ at: high, open: highOpen });

function between(low: End, high: End): Interval {
  return { low: low.at, lowOpen: low.open, high: high.at, highOpen: high.open };
}

function least(ends: readonly End[]): End {
  return ends.reduce((best, end) => (end.at < best.at || (end.at === best.at && !end.open) ? end : best));
}

function greatest(ends: readonly End[]): End {
  return ends.reduce((best, end) => (end.at > best.at || (end.at === best.at && !end.open) ? end : best));
}

export function point(value: number): Interval {
  return closed(value, value);
}

export function hull(a: Interval, b: Interval): Interval {
  return between(least([lowEnd(a), lowEnd(b)]), greatest([highEnd(a), highEnd(b)]));
}

export function negative({ low, lowOpen, high, highOpen }: Interval): Interval {
  return { low: 0 - high, lowOpen: highOpen, high: 0 - low, highOpen: lowOpen };
}

export function plus(a: Interval, b: Interval): Interval {
  return {
    low: a.low + b.low,
    lowOpen: a.lowOpen || b.lowOpen,
    high: a.high + b.high,
    highOpen: a.highOpen || b.highOpen,
  };
}

export function minus(a: Interval, b: Interval): Interval {
  return plus(a, negative(b));
}

export function times(a: Interval, b: Interval): Interval {
  const product = (x: End, y: End): End => {
    if ((x.at === 0 && !x.open) || (y.at === 0 && !y.open)) return { at: 0, open: false };
    // 0 times infinity: both are approached, so anything between is.
    if (x.at === 0 || y.at === 0) return { at: 0, open: true };
    return { at: x.at * y.at, open: x.open || y.open };
  };
  const ends = [lowEnd(a), highEnd(a)].flatMap((x) => [lowEnd(b), highEnd(b)].map((y) => product(x, y)));
  return between(least(ends), greatest(ends));
}

/** Whether a value may be 0. */
export function mayBeZero({ low, lowOpen, high, highOpen }: Interval): boolean {
  return (low < 0 || (low === 0 && !lowOpen)) && (high > 0 || (high === 0 && !highOpen));
}

export function mayBeNegative({ low }: Interval): boolean {
  return low < 0;
}

/** 1/x; the whole line for what may be 0. */
export function inverse(a: Interval): Interval {
  if (mayBeZero(a) || (a.low < 0 && a.high > 0)) return realLine;
  const of = ({ at, open: isOpen }: End, sign: number): End =>
    at === 0 ? { at: sign * Infinity, open: true } : { at: 1 / at, open: isOpen || !Number.isFinite(at) };
  const sign = a.high > 0 ? 1 : -1;
  return between(of(highEnd(a), sign), of(lowEnd(a), sign));
}

export function dividedBy(a: Interval, b: Interval): Interval {
  return mayBeZero(b) ? realLine : times(a, inverse(b));
}

export function absolute(a: Interval): Interval {
  if (a.low >= 0) return a;
  if (a.high <= 0) return negative(a);
  return between({ at: 0, open: false }, greatest([highEnd(a), highEnd(negative(a))]));
}

/** x ** n for a number n. */
export function power(a: Interval, n: number): Interval {
  if (n === 0) return point(1);
  if (n < 0) return inverse(power(a, -n));
  if (!Number.isInteger(n)) return increasing(limitedBelow(a, 0), (x) => elementary.pow(x, n));
  if (n % 2 === 0) return increasing(absolute(a), (x) => elementary.pow(x, n));
  return increasing(a, (x) => elementary.pow(x, n));
}

/** An increasing function. */
export function increasing(a: Interval, f: (x: number) => number): Interval {
  const image = ({ at, open: isOpen }: End): End => ({ at: f(at), open: isOpen });
  return between(image(lowEnd(a)), image(highEnd(a)));
}

/** The values of max(x, bound). */
export function limitedBelow(a: Interval, bound: number): Interval {
  return maximumOf(a, point(bound));
}

export function maximumOf(a: Interval, b: Interval): Interval {
  return between(greatestOfLows(a, b), greatest([highEnd(a), highEnd(b)]));
}

export function minimumOf(a: Interval, b: Interval): Interval {
  return negative(maximumOf(negative(a), negative(b)));
}

function greatestOfLows(a: Interval, b: Interval): End {
  if (a.low !== b.low) return a.low > b.low ? lowEnd(a) : lowEnd(b);
  return { at: a.low, open: a.lowOpen || b.lowOpen };
}

/** An increasing function of the formulas that has a limit, or none, at either end of the line. */
/** A function that has the same value around most places, so that it reaches what it has at the ends. */
export function steppedFunction(name: 'sign' | 'round', { low, high }: Interval): Interval {
  const [from, to] = [onNumbers(name, [low]), onNumbers(name, [high])];
  return { low: from, lowOpen: from === -Infinity, high: to, highOpen: to === Infinity };
}

export function increasingFunction(
  name: 'exp' | 'expm1' | 'sigmoid' | 'tanh' | 'relu' | 'softplus' | 'erf',
  a: Interval,
): Interval {
  const limits = {
    exp: open(0, Infinity),
    expm1: open(-1, Infinity),
    sigmoid: open(0, 1),
    tanh: open(-1, 1),
    relu: halfOpen(0, Infinity),
    softplus: open(0, Infinity),
    erf: open(-1, 1),
  }[name];
  const image = ({ at, open: isOpen }: End): End => {
    if (at === -Infinity) return lowEnd(limits);
    if (at === Infinity) return highEnd(limits);
    // A bounded function reaches its limit only by rounding.
    const value = onNumbers(name, [at]);
    const isLimit = (value === limits.low && limits.lowOpen) || value === limits.high;
    return { at: value, open: isLimit || isOpen };
  };
  const found = between(image(lowEnd(a)), image(highEnd(a)));
  if (name !== 'relu') return found;
  return { ...found, lowOpen: a.lowOpen && a.low >= 0, highOpen: a.highOpen && a.high > 0 };
}

/** log(x): below any number where x may approach 0. */
export function logarithm(a: Interval): Interval {
  const of = ({ at, open: isOpen }: End): End => {
    if (at <= 0) return { at: -Infinity, open: true };
    return { at: at === Infinity ? Infinity : elementary.log(at), open: isOpen };
  };
  return between(of(lowEnd(a)), of(highEnd(a)));
}
