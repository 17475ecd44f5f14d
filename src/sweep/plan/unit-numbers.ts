import type { UnitNumbers } from '../../compiler/expand/points.js';
import { stream } from '../../runtime/random/stream.js';
import { directionNumbers, mostSobolDimensions, sobolWord } from './sobol.js';

const half = 2 ** 26;
const wordSize = 2 ** 32;

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

/**
 * Sobol's sequence, each coordinate shifted modulo 2 by a word drawn from the axis's stream: points stay evenly spaced,
 * the first is not a corner, and another seed gives others (Cranley and Patterson's shift in base 2; L'Ecuyer and
 * Lemieux 2002).
 */
export function sobolNumbers(seed: number): UnitNumbers {
  return {
    mostAxes: mostSobolDimensions,
    of(axis, dimension) {
      const directions = directionNumbers(dimension);
      const shift = new Uint32Array(2);
      stream({ seed, path: `sweep/${axis}`, purpose: 'shift' }).integers(shift, 2 ** 16, 0);
      const word = ((shift[0] ?? 0) * 2 ** 16 + (shift[1] ?? 0)) >>> 0;
      return (point) => (((sobolWord(directions, point) ^ word) >>> 0) + 0.5) / wordSize;
    },
  };
}
