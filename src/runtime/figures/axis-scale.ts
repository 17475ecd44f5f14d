import { log10 } from '../../numerics/float64.js';
import { labelTicks, type Tick, type UnlabelledTick } from './tick-labels.js';

/** Maps values to positions along an axis. */
export interface AxisScale {
  readonly kind: 'linear' | 'log';
  readonly ticks: readonly Tick[];
  /** 0 at the start of the axis, 1 at its end; outside [0, 1] for values beyond them. */
  readonly share: (value: number) => number;
}

/** Smallest and largest of some finite values. */
export interface Extent {
  readonly low: number;
  readonly high: number;
}

/**
 * Ratio of the largest to the smallest value, one and a half decades, at which a linear axis shows little but the
 * largest.
 */
export const RATIO_FOR_LOG = 31.6;

/** Padding at either end, as a fraction of the axis. */
const PADDING = 0.04;

/** Extent of the finite values; undefined if there are none. */
export function extentOf(values: Iterable<number>): Extent | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? { low, high } : undefined;
}

/** Logarithmic if all values are positive and span more than about 1.5 decades, else linear. */
export function adaptiveScale({ low, high }: Extent, mostTicks: number): AxisScale {
  const spansDecades = low > 0 && high / low > RATIO_FOR_LOG;
  return spansDecades ? logScale({ low, high }, mostTicks) : paddedScale({ low, high }, mostTicks);
}

/**
 * Linear, padded around the values, even if there is only one (up to rounding).
 *
 * @param extent magnitudes up to 1e300, so that differences do not overflow, and down to 1e-300, or zero
 */
export function paddedScale({ low, high }: Extent, mostTicks: number): AxisScale {
  const magnitude = Math.max(Math.abs(low), Math.abs(high));
  const constant = high - low <= magnitude * 1e-9;
  const padding = constant ? magnitude * 0.1 || 1 : (high - low) * PADDING;
  // Non-negative values, such as a loss, get no padding below zero.
  const floor = low >= 0 ? Math.max(0, low - padding) : low - padding;
  return linearScale({ low: floor, high: high + padding }, mostTicks);
}

/**
 * Linear from `low` to `high` without padding, as suits steps, epochs and indices. A single value is extended by one to
 * either side, or by more if it is so large that one makes no difference.
 */
export function exactScale({ low, high }: Extent, mostTicks: number): AxisScale {
  if (low < high) return linearScale({ low, high }, mostTicks);
  const margin = Math.max(1, Math.abs(low) * 1e-9);
  return linearScale({ low: low - margin, high: high + margin }, mostTicks);
}

function linearScale({ low, high }: Extent, mostTicks: number): AxisScale {
  const span = high - low;
  return { kind: 'linear', ticks: linearTicks({ low, high }, mostTicks), share: (value) => (value - low) / span };
}

/** Ticks at multiples of 1, 2 or 5 times a power of ten: the smallest such step with at most `mostTicks`. */
function linearTicks({ low, high }: Extent, mostTicks: number): readonly Tick[] {
  const roughStep = (high - low) / mostTicks;
  const exponent = Math.floor(log10(roughStep));
  const mantissa = [1, 2, 5].find((m) => timesPowerOfTen(m, exponent) >= roughStep);
  return mantissa === undefined
    ? multiplesWithin({ low, high }, 1, exponent + 1)
    : multiplesWithin({ low, high }, mantissa, exponent);
}

function multiplesWithin({ low, high }: Extent, mantissa: number, exponent: number): readonly Tick[] {
  const step = timesPowerOfTen(mantissa, exponent);
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  return labelTicks(
    Array.from({ length: count }, (_, n) => ({
      value: timesPowerOfTen((first + n) * mantissa, exponent),
      precision: exponent,
    })),
  );
}

/** Logarithmic, padded at both ends; for positive values. */
export function logScale({ low, high }: Extent, mostTicks: number): AxisScale {
  const from = log10(low);
  const to = log10(high);
  const padding = (to - from) * PADDING;
  const exponents = { low: from - padding, high: to + padding };
  return {
    kind: 'log',
    ticks: labelTicks(logTicks(exponents, mostTicks)),
    share: (value) => (log10(value) - exponents.low) / (exponents.high - exponents.low),
  };
}

/**
 * Ticks at powers of ten, with their multiples by two and five if those fit, or only at every n-th power if not even
 * the powers do.
 */
function logTicks(exponents: Extent, mostTicks: number): readonly UnlabelledTick[] {
  for (const mantissas of [[1, 2, 5], [1, 3], [1]]) {
    const ticks = ticksOfDecades(exponents, mantissas, 1);
    if (ticks.length <= mostTicks) return ticks;
  }
  return ticksOfDecades(exponents, [1], Math.ceil((exponents.high - exponents.low) / mostTicks));
}

function ticksOfDecades(
  { low, high }: Extent,
  mantissas: readonly number[],
  everyNth: number,
): readonly UnlabelledTick[] {
  const ticks: UnlabelledTick[] = [];
  for (let exponent = Math.floor(low / everyNth) * everyNth; exponent <= high; exponent += everyNth) {
    for (const mantissa of mantissas) {
      const position = exponent + log10(mantissa);
      if (position < low || position > high) continue;
      ticks.push({ value: timesPowerOfTen(mantissa, exponent), precision: exponent });
    }
  }
  return ticks;
}

/** n 10^exponent, correctly rounded: the double nearest to the decimal literal. */
function timesPowerOfTen(n: number, exponent: number): number {
  return Number(`${n}e${exponent}`);
}
