import { cosOfTurns, log, multiplyThenAdd, sinOfTurns } from '../../numerics/float32.js';
import type { StreamKey } from './address.js';
import { Philox } from './philox.js';
import { storeBlock, unitInterval } from './uniform.js';

/** sqrt(-2 ln u) for u = (upper 24 bits + 1) 2^-24 in (0, 1]: between 0 and 5.77. */
function radius(word: number): number {
  const u = ((word >>> 8) + 1) * 2 ** -24;
  return Math.fround(Math.sqrt(Math.fround(-2 * log(u))));
}

/**
 * out[i] = element first + i of the standard normal numbers of `step`.
 *
 * Box and Muller (1958) in float32: words 0 and 1 of a block give its elements 0 and 1, words 2 and 3 its elements 2
 * and 3, each pair as r cos(2πu) and r sin(2πu) with r from the pair's first word and u from its second.
 */
export function fillNormal(key: StreamKey, out: Float32Array, step: number, first: number): void {
  const philox = new Philox(key);
  const skipped = first % 4;
  const block = (first - skipped) / 4;
  for (let i = 0; 4 * i < out.length + skipped; i++) {
    philox.drawBlock(block + i, step);
    const radius0 = radius(philox.word0);
    const turns0 = unitInterval(philox.word1);
    const radius1 = radius(philox.word2);
    const turns1 = unitInterval(philox.word3);
    storeBlock(
      out,
      4 * i - skipped,
      Math.fround(radius0 * cosOfTurns(turns0)),
      Math.fround(radius0 * sinOfTurns(turns0)),
      Math.fround(radius1 * cosOfTurns(turns1)),
      Math.fround(radius1 * sinOfTurns(turns1)),
    );
  }
}

/** erf(√2): the probability that a standard normal number is within (-2, 2). */
const MASS_WITHIN_TWO_SIGMA = Math.fround(0.9544997);

const P0 = Math.fround(1.196288);
const P1 = Math.fround(0.31318858);
const P2 = Math.fround(0.01558161);
const P3 = Math.fround(-0.0031280154);
const P4 = Math.fround(-0.0002057216);
const P5 = Math.fround(8.653756e-5);
const P6 = Math.fround(-6.069704e-6);

/**
 * Quantile of a word under the standard normal distribution truncated to (-2, 2): √2 erf⁻¹(m v), m = erf(√2), for v =
 * (2k + 1 - 2^24) 2^-24, k the word's upper 24 bits, so that the 2^24 values are symmetric and equally likely.
 *
 * Computed as v P(w), w = -ln((1 - mv)(1 + mv)), with P of degree 6 (`P0` … `P6`), relative error 2e-8; the argument of
 * the logarithm loses up to 1e-6 near the ends, which is most of the error of the result (at most 4 ULP).
 */
function quantile(word: number): number {
  const v = (2 * (word >>> 8) + 1 - 16777216) * 2 ** -24;
  const y = Math.fround(MASS_WITHIN_TWO_SIGMA * v);
  const w = -log(Math.fround(Math.fround(1 - y) * Math.fround(1 + y)));
  let p = multiplyThenAdd(P6, w, P5);
  p = multiplyThenAdd(p, w, P4);
  p = multiplyThenAdd(p, w, P3);
  p = multiplyThenAdd(p, w, P2);
  p = multiplyThenAdd(p, w, P1);
  p = multiplyThenAdd(p, w, P0);
  return Math.fround(v * p);
}

/** out[i] = element first + i of the truncated normal numbers of `step`, by inversion: one word each, no rejection. */
export function fillTruncatedNormal(key: StreamKey, out: Float32Array, step: number, first: number): void {
  const philox = new Philox(key);
  const skipped = first % 4;
  const block = (first - skipped) / 4;
  for (let i = 0; 4 * i < out.length + skipped; i++) {
    philox.drawBlock(block + i, step);
    const { word0, word1, word2, word3 } = philox;
    storeBlock(out, 4 * i - skipped, quantile(word0), quantile(word1), quantile(word2), quantile(word3));
  }
}
