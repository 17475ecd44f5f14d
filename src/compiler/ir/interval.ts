/** Range of a tensor's elements. An open end is approached but never reached (a sigmoid's 0 and 1). */
export interface Interval {
  readonly low: number;
  readonly high: number;
  readonly lowOpen: boolean;
  readonly highOpen: boolean;
}

export const realLine: Interval = { low: -Infinity, high: Infinity, lowOpen: true, highOpen: true };

export function closed(low: number, high: number): Interval {
  return { low, high, lowOpen: false, highOpen: false };
}

export function open(low: number, high: number): Interval {
  return { low, high, lowOpen: true, highOpen: true };
}

/** [low, high) */
export function halfOpen(low: number, high: number): Interval {
  return { low, high, lowOpen: false, highOpen: true };
}

export function contains(interval: Interval, value: number): boolean {
  const aboveLow = interval.lowOpen ? value > interval.low : value >= interval.low;
  const belowHigh = interval.highOpen ? value < interval.high : value <= interval.high;
  return aboveLow && belowHigh;
}

/** Returns whether `outer` contains `inner`. */
export function within(inner: Interval, outer: Interval): boolean {
  const low = inner.low > outer.low || (inner.low === outer.low && (inner.lowOpen || !outer.lowOpen));
  const high = inner.high < outer.high || (inner.high === outer.high && (inner.highOpen || !outer.highOpen));
  return low && high;
}

/** The smallest interval that contains both. */
export function union(a: Interval, b: Interval): Interval {
  const [low, high] = [Math.min(a.low, b.low), Math.max(a.high, b.high)];
  return {
    low,
    lowOpen: (a.low > low || a.lowOpen) && (b.low > low || b.lowOpen),
    high,
    highOpen: (a.high < high || a.highOpen) && (b.high < high || b.highOpen),
  };
}

/** Completes "must be …": `in [0, 1]`, `at least 1`, `above 0`. */
export function describeBounds(interval: Interval): string {
  const { low, high, lowOpen, highOpen } = interval;
  const unbounded = high === Infinity || high >= Number.MAX_SAFE_INTEGER;
  if (low !== -Infinity && unbounded) return `${lowOpen ? 'above' : 'at least'} ${low}`;
  if (low === -Infinity && !unbounded) return `${highOpen ? 'below' : 'at most'} ${high}`;
  return `in ${describeInterval(interval)}`;
}

/** `[0, 1]`, `(0, 1)`, `[0, ∞)` */
export function describeInterval({ low, high, lowOpen, highOpen }: Interval): string {
  const number = (x: number) => (x === Infinity ? '∞' : x === -Infinity ? '-∞' : String(Number(x.toPrecision(6))));
  return `${lowOpen ? '(' : '['}${number(low)}, ${number(high)}${highOpen ? ')' : ']'}`;
}
