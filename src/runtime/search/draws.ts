import { normalQuantile } from '../../numerics/normal-quantile.js';
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
  const numbers = stream({ seed, path: `search/${point}`, purpose });
  const words = new Uint32Array(2);
  let drawn = 0;
  const uniform = () => {
    numbers.integers(words, half, attempt, 2 * drawn);
    drawn++;
    return ((words[0] ?? 0) * half + (words[1] ?? 0) + 0.5) / (half * half);
  };
  return { uniform, normal: () => normalQuantile(uniform()) };
}
