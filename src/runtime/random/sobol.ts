import type { StreamAddress } from './address.js';
import { stream } from './stream.js';

/**
 * Primitive polynomials over GF(2), with the bits of their coefficients, and the first direction numbers of each
 * dimension after the first: those of Joe and Kuo, "Constructing Sobol sequences with better two-dimensional
 * projections", SIAM J. Sci. Comput. 30, 2008 (new-joe-kuo-6).
 */
const dimensions: readonly { readonly polynomial: number; readonly initial: readonly number[] }[] = [
  { polynomial: 3, initial: [1] },
  { polynomial: 7, initial: [1, 3] },
  { polynomial: 11, initial: [1, 3, 1] },
  { polynomial: 13, initial: [1, 1, 1] },
  { polynomial: 19, initial: [1, 1, 3, 3] },
  { polynomial: 25, initial: [1, 3, 5, 13] },
  { polynomial: 37, initial: [1, 1, 5, 5, 17] },
  { polynomial: 41, initial: [1, 1, 5, 5, 5] },
  { polynomial: 47, initial: [1, 1, 7, 11, 19] },
  { polynomial: 55, initial: [1, 1, 5, 1, 1] },
  { polynomial: 59, initial: [1, 1, 1, 3, 11] },
  { polynomial: 61, initial: [1, 3, 5, 5, 31] },
  { polynomial: 67, initial: [1, 3, 3, 9, 7, 49] },
  { polynomial: 91, initial: [1, 1, 1, 15, 21, 21] },
  { polynomial: 97, initial: [1, 3, 1, 13, 27, 49] },
  { polynomial: 103, initial: [1, 1, 1, 15, 7, 5] },
  { polynomial: 109, initial: [1, 3, 1, 15, 13, 25] },
  { polynomial: 115, initial: [1, 1, 5, 5, 19, 61] },
  { polynomial: 131, initial: [1, 3, 7, 11, 23, 15, 103] },
];

const bits = 32;

/** Most axes of a point. */
export const mostSobolDimensions = dimensions.length + 1;

/**
 * The direction numbers of a dimension, for `sobolWord`.
 * @param dimension from 0, below `mostSobolDimensions`
 * @throws RangeError otherwise
 */
export function directionNumbers(dimension: number): Uint32Array {
  const directions = new Uint32Array(bits);
  if (dimension === 0) {
    for (let i = 0; i < bits; i++) directions[i] = 2 ** (bits - 1 - i);
    return directions;
  }
  const found = dimensions[dimension - 1];
  if (!found) throw new RangeError(`there are Sobol sequences of up to ${mostSobolDimensions} dimensions`);
  const { polynomial, initial } = found;
  const degree = initial.length;
  initial.forEach((m, i) => {
    directions[i] = m * 2 ** (bits - 1 - i);
  });
  for (let i = degree; i < bits; i++) {
    const before = directions[i - degree] ?? 0;
    let value = before ^ (before >>> degree);
    for (let k = 1; k < degree; k++) {
      if ((polynomial >>> (degree - k)) & 1) value ^= directions[i - k] ?? 0;
    }
    directions[i] = value;
  }
  return directions;
}

/**
 * A coordinate of point `index` of Sobol's sequence, in the order of Gray codes (Antonov and Saleev 1979), times 2³².
 * @param index from 0, below 2³²
 */
export function sobolWord(directions: Uint32Array, index: number): number {
  let word = 0;
  let code = (index ^ (index >>> 1)) >>> 0;
  for (let i = 0; code !== 0; i++, code >>>= 1) {
    if (code & 1) word ^= directions[i] ?? 0;
  }
  return word >>> 0;
}

/**
 * Sobol's sequence in one dimension, shifted modulo 2 by a word drawn at the address: points stay evenly spaced, the first is
 * not a corner, and another address gives others (Cranley and Patterson's shift in base 2; L'Ecuyer and Lemieux 2002).
 *
 * @param dimension from 0, below `mostSobolDimensions`
 * @returns a number in (0, 1) for each point from 0
 * @throws RangeError otherwise
 */
export function shiftedSobol(dimension: number, address: StreamAddress): (point: number) => number {
  const directions = directionNumbers(dimension);
  const shift = new Uint32Array(2);
  stream(address).integers(shift, 2 ** 16, 0);
  const word = ((shift[0] ?? 0) * 2 ** 16 + (shift[1] ?? 0)) >>> 0;
  return (point) => (((sobolWord(directions, point) ^ word) >>> 0) + 0.5) / 2 ** bits;
}
