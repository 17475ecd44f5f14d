import type { RandomStream } from '../random/stream.js';
import { numbered } from './ordinals.js';

/** A corruption at one moment of the training. */
export interface Corruption {
  /** Raw values are those before any transform of values; the network sees those after all of them. */
  readonly damages: 'raw values' | 'what the network sees';
  /** The distribution of the random numbers that it is handed, one for each value. */
  readonly draws: 'uniform' | 'normal';
  /** Damages values in place. */
  damage(values: Float32Array | Float64Array, drawn: Float32Array): void;
}

/** The purpose of a corruption's random numbers. @param index of the corruption in the experiment */
export function corruptionPurpose(index: number): string {
  return numbered('corruption', index + 1);
}

/** Damages values in place. @param first element of the step's random numbers that belongs to the first value */
export function corrupt(
  values: Float32Array | Float64Array,
  corruption: Corruption,
  random: RandomStream,
  step: number,
  first = 0,
): void {
  const drawn = new Float32Array(values.length);
  random[corruption.draws](drawn, step, first);
  corruption.damage(values, drawn);
}
