import { exp10, log10 } from './float64.js';

/**
 * `count` numbers from `from` to `to` in equal steps; both ends are exact. Element i is
 * from + (i / (count - 1)) (to - from). A single number is `from`.
 */
export function linspace(from: number, to: number, count: number): number[] {
  return spaced(from, to, count, (share) => from + share * (to - from));
}

/**
 * `count` numbers from `from` to `to`, both > 0, in equal ratios; both ends are exact. Element i is ten to the power of
 * log10(from) + (i / (count - 1)) (log10(to) - log10(from)), so decades come out as the literals one would write.
 *
 * @throws RangeError unless from > 0 and to > 0.
 */
export function logspace(from: number, to: number, count: number): number[] {
  if (!(from > 0 && to > 0)) throw new RangeError(`logspace needs positive ends, not ${from} and ${to}`);
  const low = log10(from);
  const high = log10(to);
  return spaced(from, to, count, (share) => exp10(low + share * (high - low)));
}

function spaced(from: number, to: number, count: number, at: (share: number) => number): number[] {
  return Array.from({ length: count }, (_, i) => {
    if (i === 0) return from;
    return i === count - 1 ? to : at(i / (count - 1));
  });
}
