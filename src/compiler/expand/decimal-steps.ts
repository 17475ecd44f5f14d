import { linspace } from '../../numerics/spacing.js';

/** Numbers as integer multiples of a common power of ten. */
interface Scaled {
  readonly multiples: readonly number[];
  readonly one: number;
}

/** Beyond it 10ⁿ is not exact as a double. */
const mostDecimals = 22;

/**
 * Returns `count` numbers from `from`, `step` apart, without accumulated rounding: 0.1, 0.2, 0.3 and not
 * 0.30000000000000004. For decimal steps each is the double nearest to the exact number; otherwise it is `from + i ·
 * step`.
 */
export function decimalSteps(from: number, step: number, count: number): readonly number[] {
  const scaled = scale([from, step]);
  const [first = 0, each = 0] = scaled?.multiples ?? [];
  const exact = scaled !== null && Number.isSafeInteger(first + count * each);
  return Array.from({ length: count }, (_, i) => (exact ? (first + i * each) / scaled.one : from + i * step));
}

/**
 * Number of values `from`, `from + step`, … before `to`; 0 or less if the step leads away from it.
 * @param step not 0
 */
export function stepsBefore(from: number, to: number, step: number): number {
  const scaled = scale([from, to, step]);
  const [first = 0, end = 0, each = 1] = scaled?.multiples ?? [from, to, step];
  // Without exact decimals, an end missed by rounding alone still counts as reached.
  return Math.max(0, Math.ceil((end - first) / each - (scaled === null ? 1e-9 : 0)));
}

/**
 * Returns `count` evenly spaced numbers from `from` to `to`, both exact; for decimals each is the double nearest to the
 * exact number, if the arithmetic has room for it.
 */
export function decimalSpacing(from: number, to: number, count: number): readonly number[] {
  const scaled = scale([from, to]);
  const [first = 0, last = 0] = scaled?.multiples ?? [];
  const parts = count - 1;
  const room = Math.max(Math.abs(first), Math.abs(last)) * parts * 2;
  if (scaled === null || parts < 1 || !Number.isSafeInteger(room) || !Number.isSafeInteger(scaled.one * parts)) {
    return linspace(from, to, count);
  }
  return Array.from({ length: count }, (_, i) => (first * (parts - i) + last * i) / (scaled.one * parts));
}

function scale(values: readonly number[]): Scaled | null {
  const decimals = Math.max(...values.map(decimalsOf));
  if (decimals > mostDecimals) return null;
  const one = Number(`1e${decimals}`);
  const multiples = values.map((value) => Math.round(value * one));
  const exact = multiples.every((multiple, i) => Number.isSafeInteger(multiple) && multiple / one === values[i]);
  return exact ? { multiples, one } : null;
}

/** Digits after the point in the shortest representation that round-trips. */
function decimalsOf(value: number): number {
  const [mantissa = '', exponent = '0'] = String(value).split('e');
  return Math.max(0, (mantissa.split('.')[1]?.length ?? 0) - Number(exponent));
}
