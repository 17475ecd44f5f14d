import { exp } from '../../numerics/float64.js';

/**
 * P(|Z| > |z|) of the standard normal distribution, which is erfc(|z| / √2), to a relative error of 1e-13: by its
 * series (DLMF 7.6.2) up to z = 3, by its continued fraction (DLMF 7.9.3) beyond.
 */
export function normalTwoSided(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const square = x * x;
  if (Math.abs(z) <= 3) {
    let term = 1;
    let sum = 1;
    for (let n = 1; n < 200 && term > sum * 2 ** -54; n++) {
      term *= (2 * square) / (2 * n + 1);
      sum += term;
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * x * exp(-square) * sum;
  }
  let fraction = 0;
  for (let n = 120; n >= 1; n--) fraction = n / 2 / (x + fraction);
  return exp(-square) / Math.sqrt(Math.PI) / (x + fraction);
}
