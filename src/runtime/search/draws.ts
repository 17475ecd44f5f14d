import { normalQuantile } from '../../numerics/normal-quantile.js';
import type { StreamAddress } from '../random/address.js';
import { mostSobolDimensions, shiftedSobol } from '../random/sobol.js';
import { stream } from '../random/stream.js';

const half = 2 ** 26;

/** Random numbers of 52 bits, one after another. */
export interface Draws {
  /** In (0, 1). */
  uniform(): number;
  /** Of the standard normal distribution. */
  normal(): number;
}

/** The numbers of one point of a search: the stream at (seed, `search/<point>`, purpose), with `attempt` as its step. */
export function drawsOf(seed: number, point: number, attempt: number, purpose: 'proposal' | 'category'): Draws {
  return drawsAt({ seed, path: `search/${point}`, purpose }, attempt);
}

function drawsAt(address: StreamAddress, step: number): Draws {
  const numbers = stream(address);
  const words = new Uint32Array(2);
  let drawn = 0;
  const uniform = () => {
    numbers.integers(words, half, step, 2 * drawn);
    drawn++;
    return ((words[0] ?? 0) * half + (words[1] ?? 0) + 0.5) / (half * half);
  };
  return { uniform, normal: () => normalQuantile(uniform()) };
}

/**
 * A number in (0, 1) for each axis of a search, spread evenly over its points: by Sobol's sequence, and independently on axes
 * beyond its dimensions.
 */
export function evenNumber(seed: number, point: number, axis: number): number {
  const path = `search/axis/${axis}`;
  if (axis < mostSobolDimensions) return shiftedSobol(axis, { seed, path, purpose: 'shift' })(point);
  return drawsAt({ seed, path, purpose: 'proposal' }, point).uniform();
}
