import { pow } from '../../numerics/float64.js';

/**
 * P(|T| > t) for Student's t distribution, which is I_x(ν/2, 1/2) at x = ν / (ν + t²).
 * @param degrees of freedom ν, a whole number from 1 on
 */
export function studentTwoSided(t: number, degrees: number): number {
  const square = t * t;
  if (square === Infinity) return 0;
  const x = degrees / (degrees + square);
  // Near the middle the fraction for the other tail converges faster, and 1 - x is exact as t² / (ν + t²).
  const [a, b] = [degrees / 2, 0.5];
  const scaled = (pow(x, a) * pow(square / (degrees + square), b)) / betaOfHalf(degrees);
  if (x < (a + 1) / (a + b + 2)) return (scaled * betaFraction(x, a, b)) / a;
  return 1 - (scaled * betaFraction(square / (degrees + square), b, a)) / b;
}

/**
 * t with P(|T| > t) = p: the half-width of a confidence interval in standard errors.
 * @param p in (0, 1)
 * @throws RangeError for any other p, or degrees that are not a positive integer
 */
export function studentQuantile(p: number, degrees: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`p must be in (0, 1), not ${p}`);
  if (!Number.isSafeInteger(degrees) || degrees < 1) {
    throw new RangeError(`degrees of freedom must be a positive integer, not ${degrees}`);
  }
  let high = 1;
  while (studentTwoSided(high, degrees) > p) high *= 2;
  let low = 0;
  for (;;) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return high;
    if (studentTwoSided(middle, degrees) > p) low = middle;
    else high = middle;
  }
}

/** B(ν/2, 1/2) by B(a + 1, 1/2) = B(a, 1/2) · a / (a + 1/2), from B(1/2, 1/2) = π or B(1, 1/2) = 2. */
function betaOfHalf(degrees: number): number {
  let beta = degrees % 2 === 1 ? Math.PI : 2;
  for (let a = degrees % 2 === 1 ? 0.5 : 1; a < degrees / 2; a++) beta *= a / (a + 0.5);
  return beta;
}

/**
 * Continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz's method as modified by Thompson and
 * Barnett.
 */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const awayFromZero = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let numerator = 1;
  let denominator = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let fraction = denominator;
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let change = 1;
    for (const coefficient of [even, odd]) {
      denominator = 1 / awayFromZero(1 + coefficient * denominator);
      numerator = awayFromZero(1 + coefficient / numerator);
      change = numerator * denominator;
      fraction *= change;
    }
    if (Math.abs(change - 1) < 2 ** -52) break;
  }
  return fraction;
}
