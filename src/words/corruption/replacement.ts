import { closed } from '../../compiler/ir/interval.js';
import { scheduled } from '../../compiler/library/parameter.js';

/** The share of values that a corruption hits. */
export function level() {
  return scheduled({ doc: 'Probability that a value is hit, each on its own.', range: closed(0, 1) });
}

/** A value is kept if its uniform number is at least `probability`; it becomes `low` below `split`, else `high`. */
interface Replacement {
  readonly probability: number;
  readonly split: number;
  readonly low: number;
  readonly high: number;
}

/** Corrupted values become `low` or `high` with equal probability. Rounds the probability and its half to float32. */
export function replacement(p: number, low: number, high = low): Replacement {
  const probability = Math.fround(p);
  return { probability, split: Math.fround(probability / 2), low, high };
}

/** Replaces values in place. @param uniforms one for each value */
export function replace(
  values: Float32Array | Float64Array,
  uniforms: Float32Array,
  { probability, split, low, high }: Replacement,
): void {
  for (let i = 0; i < values.length; i++) {
    const u = uniforms[i] ?? 1;
    if (u < probability) values[i] = u < split ? low : high;
  }
}
