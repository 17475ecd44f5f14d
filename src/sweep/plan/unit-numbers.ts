import type { UnitNumbers } from '../../compiler/expand/points.js';
import { mostSobolDimensions, shiftedSobol } from '../../runtime/random/sobol.js';
import { stream } from '../../runtime/random/stream.js';

const half = 2 ** 26;

/**
 * Independent uniform numbers of 52 bits: number `point` of the stream at the address (seed, `sweep/<axis>`, `axis`),
 * so that adding an axis changes no other.
 */
export function randomNumbers(seed: number): UnitNumbers {
  return {
    mostAxes: Infinity,
    of(axis) {
      const numbers = stream({ seed, path: `sweep/${axis}`, purpose: 'axis' });
      const words = new Uint32Array(2);
      return (point) => {
        numbers.integers(words, half, 0, 2 * point);
        return ((words[0] ?? 0) * half + (words[1] ?? 0)) / (half * half);
      };
    },
  };
}

/** Sobol's sequence, each coordinate shifted by a word of the axis's stream. */
export function sobolNumbers(seed: number): UnitNumbers {
  return {
    mostAxes: mostSobolDimensions,
    of: (axis, dimension) => shiftedSobol(dimension, { seed, path: `sweep/${axis}`, purpose: 'shift' }),
  };
}
