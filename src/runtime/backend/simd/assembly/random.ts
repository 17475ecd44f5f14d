// Philox4x32-10 (Salmon et al. 2011), four blocks at a time, and distributions based on it; see src/runtime/random.
import { arg, argF, argP, claim, minI } from './job';
import { exp, log, turn } from './elementary';
import { storeLanes } from './rows';
import { Distribution } from '../operations';

/** Elements per tile, a multiple of 16. */
const TILE_ELEMENTS: i32 = 4096;

/** The upper 24 bits as a multiple of 2^-24 in [0, 1). */
@inline
function unitInterval(words: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(words, 8)), f32x4.splat(5.9604644775390625e-8));
}

/** sqrt(-2 ln u), u = (upper 24 bits + 1) 2^-24. */
@inline
function radius(words: v128): v128 {
  const whole = f32x4.convert_i32x4_s(i32x4.add(i32x4.shr_u(words, 8), i32x4.splat(1)));
  const u = f32x4.mul(whole, f32x4.splat(5.9604644775390625e-8));
  return f32x4.sqrt(f32x4.mul(f32x4.splat(-2), log(u)));
}

/** floor(below * R / 2^64) for R = high * 2^32 + low. */
@inline
function scaledInteger(high: v128, low: v128, below: v128): v128 {
  const a = i64x2.shr_u(i64x2.extmul_low_i32x4_u(low, below), 32), b = i64x2.shr_u(i64x2.extmul_high_i32x4_u(low, below), 32);
  const c = i64x2.add(i64x2.extmul_low_i32x4_u(high, below), a), d = i64x2.add(i64x2.extmul_high_i32x4_u(high, below), b);
  return v128.shuffle<i32>(c, d, 1, 3, 5, 7);
}

/** Stores four elements from output element `at` on, except those outside [0, n). */
@inline
function storePart(y: usize, at: i32, n: i32, v: v128): void {
  if (at >= 0 && at + 4 <= n) v128.store(y + (<usize>at << 2), v);
  else if (at >= 0 && at < n) storeLanes(y + (<usize>at << 2), v, n - at);
  else if (at < 0) {
    if (at + 1 >= 0 && at + 1 < n) v128.store_lane<f32>(y + (<usize>(at + 1) << 2), v, 1);
    if (at + 2 >= 0 && at + 2 < n) v128.store_lane<f32>(y + (<usize>(at + 2) << 2), v, 2);
    if (at + 3 >= 0 && at + 3 < n) v128.store_lane<f32>(y + (<usize>(at + 3) << 2), v, 3);
  }
}

/** Stores mu + eps exp(logvar / 2) for the elements from `at` on, except those outside [0, n). */
@inline
function reparameterize(at: i32, n: i32, eps: v128): void {
  const p = <usize>at << 2;
  const deviation = exp(f32x4.mul(v128.load(argP(12) + p), f32x4.splat(0.5)));
  storePart(argP(13), at, n, f32x4.add(v128.load(argP(11) + p), f32x4.mul(eps, deviation)));
}

/** x unless u is below p; then low if u is below the split, else high. */
@inline
function replaced(at: i32, u: v128, p: v128): v128 {
  const x = v128.load(argP(11) + (<usize>at << 2));
  const other = v128.bitselect(f32x4.splat(argF(13)), f32x4.splat(argF(14)), f32x4.lt(u, f32x4.splat(argF(12))));
  return v128.bitselect(other, x, f32x4.lt(u, p));
}

/**
 * Arguments: distribution, n, key (2 words), first block (low, high), step (low, high), elements to skip in the first
 * block (0 to 3), probability, result. Then, by distribution:
 *   BernoulliEach    probabilities [n]
 *   Reparameterized  mu [n], logvar [n], and an output [n] for mu + eps exp(logvar / 2); the result is eps
 *   Replaced         x [n], split, low, high: x or, with the probability, low if u < split and else high
 *   Disturbed        x [n]: x + probability * normal; the probability is a standard deviation
 * Element e of the stream is word e mod 4 of block e / 4. For Integers the probability is a bound, and n and the
 * skipped elements count words, two per integer.
 */
export function randomNumbers(): void {
  const kind = arg(0), n = arg(1), skipped = arg(8), p = f32x4.splat(argF(9)), y = argP(10), probabilities = argP(11);
  const firstBlock = <u64>argP(4) | (<u64>argP(5) << 32);
  const total = n + skipped;
  const firstKey0 = i32x4.splat(arg(2)), firstKey1 = i32x4.splat(arg(3));
  const multiplier0 = i32x4.splat(0xd2511f53), multiplier1 = i32x4.splat(0xcd9e8d57), one = f32x4.splat(1);
  for (let t = claim() * TILE_ELEMENTS; t < total; t = claim() * TILE_ELEMENTS) {
    const end = minI(total, t + TILE_ELEMENTS);
    for (let e = t; e < end; e += 16) {
      const block = firstBlock + <u64>(e >> 2);
      // Blocks of a vector may straddle a carry into the counter's second word.
      const low = i32x4.splat(<i32>block);
      let x0 = i32x4.add(low, i32x4(0, 1, 2, 3));
      let x1 = i32x4.sub(i32x4.splat(<i32>(block >> 32)), v128.lt<u32>(x0, low));
      let x2 = i32x4.splat(arg(6)), x3 = i32x4.splat(arg(7));
      let key0 = firstKey0, key1 = firstKey1;
      for (let round = 0; round < 10; ++round) {
        // 64-bit products, two per vector; then their upper and their lower halves, four per vector.
        const a0 = i64x2.extmul_low_i32x4_u(x0, multiplier0), b0 = i64x2.extmul_high_i32x4_u(x0, multiplier0);
        const a1 = i64x2.extmul_low_i32x4_u(x2, multiplier1), b1 = i64x2.extmul_high_i32x4_u(x2, multiplier1);
        x0 = v128.xor(v128.xor(v128.shuffle<i32>(a1, b1, 1, 3, 5, 7), x1), key0);
        x1 = v128.shuffle<i32>(a1, b1, 0, 2, 4, 6);
        x2 = v128.xor(v128.xor(v128.shuffle<i32>(a0, b0, 1, 3, 5, 7), x3), key1);
        x3 = v128.shuffle<i32>(a0, b0, 0, 2, 4, 6);
        key0 = i32x4.add(key0, i32x4.splat(0x9e3779b9));
        key1 = i32x4.add(key1, i32x4.splat(0xbb67ae85));
      }
      if (kind == Distribution.Integers) {
        const below = i32x4.splat(arg(9)), first = scaledInteger(x0, x1, below), second = scaledInteger(x2, x3, below);
        const at = e - skipped >> 1;
        storePart(y, at, n >> 1, v128.shuffle<i32>(first, second, 0, 4, 1, 5));
        storePart(y, at + 4, n >> 1, v128.shuffle<i32>(first, second, 2, 6, 3, 7));
        continue;
      }
      let v0: v128, v1: v128, v2: v128, v3: v128;
      if (kind == Distribution.Normal || kind == Distribution.Reparameterized || kind == Distribution.Disturbed) {
        const r0 = radius(x0), u0 = unitInterval(x1), r1 = radius(x2), u1 = unitInterval(x3);
        v0 = f32x4.mul(r0, turn(u0, true));
        v1 = f32x4.mul(r0, turn(u0, false));
        v2 = f32x4.mul(r1, turn(u1, true));
        v3 = f32x4.mul(r1, turn(u1, false));
      } else {
        v0 = unitInterval(x0);
        v1 = unitInterval(x1);
        v2 = unitInterval(x2);
        v3 = unitInterval(x3);
        if (kind == Distribution.Bernoulli) {
          v0 = v128.and(f32x4.lt(v0, p), one);
          v1 = v128.and(f32x4.lt(v1, p), one);
          v2 = v128.and(f32x4.lt(v2, p), one);
          v3 = v128.and(f32x4.lt(v3, p), one);
        }
      }
      // From a vector per word to a vector per block.
      const a = v128.shuffle<i32>(v0, v1, 0, 4, 1, 5), b = v128.shuffle<i32>(v0, v1, 2, 6, 3, 7);
      const c = v128.shuffle<i32>(v2, v3, 0, 4, 1, 5), d = v128.shuffle<i32>(v2, v3, 2, 6, 3, 7);
      let e0 = v128.shuffle<i32>(a, c, 0, 1, 4, 5), e1 = v128.shuffle<i32>(a, c, 2, 3, 6, 7);
      let e2 = v128.shuffle<i32>(b, d, 0, 1, 4, 5), e3 = v128.shuffle<i32>(b, d, 2, 3, 6, 7);
      const at = e - skipped;
      if (kind == Distribution.BernoulliEach) {
        // Lanes outside [0, n) read whatever lies beside the tensor, and aren't stored.
        const from = probabilities + (<usize>at << 2);
        e0 = v128.and(f32x4.lt(e0, v128.load(from)), one);
        e1 = v128.and(f32x4.lt(e1, v128.load(from, 16)), one);
        e2 = v128.and(f32x4.lt(e2, v128.load(from, 32)), one);
        e3 = v128.and(f32x4.lt(e3, v128.load(from, 48)), one);
      }
      if (kind == Distribution.Reparameterized) {
        reparameterize(at, n, e0);
        reparameterize(at + 4, n, e1);
        reparameterize(at + 8, n, e2);
        reparameterize(at + 12, n, e3);
      }
      if (kind == Distribution.Replaced) {
        e0 = replaced(at, e0, p);
        e1 = replaced(at + 4, e1, p);
        e2 = replaced(at + 8, e2, p);
        e3 = replaced(at + 12, e3, p);
      }
      if (kind == Distribution.Disturbed) {
        const from = argP(11) + (<usize>at << 2);
        e0 = f32x4.add(v128.load(from), f32x4.mul(p, e0));
        e1 = f32x4.add(v128.load(from, 16), f32x4.mul(p, e1));
        e2 = f32x4.add(v128.load(from, 32), f32x4.mul(p, e2));
        e3 = f32x4.add(v128.load(from, 48), f32x4.mul(p, e3));
      }
      storePart(y, at, n, e0);
      storePart(y, at + 4, n, e1);
      storePart(y, at + 8, n, e2);
      storePart(y, at + 12, n, e3);
    }
  }
}
