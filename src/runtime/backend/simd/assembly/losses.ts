// Element-wise losses fused with their sum, its gradient, and the gradient of an activation from its result. Every
// operation is rounded as in the separate kernels, in the same order, so the bits are equal.
import { arg, argF, argP, claim, lastOf, minI } from './job';
import { constant, exp, log, log1p, sigmoid } from './elementary';
import { BLOCK, laneSum } from './reduce';
import { Activation, Loss } from '../operations';

/** Elements per tile of a gradient. */
const TILE_ELEMENTS: i32 = 8192;
/** Offset in a thread's workspace of the last losses of a block, those that don't fill eight lanes. */
const SCRATCH: usize = 64;

@inline
function logarithm(x: v128): v128 {
  return f32x4.max(log(x), f32x4.splat(-100));
}

@final @unmanaged class SquaredError {
  @inline value(y: v128, t: v128): v128 {
    const d = f32x4.sub(y, t);
    return f32x4.mul(d, d);
  }
  @inline slope(y: v128, t: v128): v128 { return f32x4.sub(y, t); }
}
/**
 * -(t log y + (1 - t) log(1 - y)), with logarithms clamped to at least -100 and the slope's divisor to at least 1e-12.
 */
@final @unmanaged class CrossEntropy {
  @inline value(y: v128, t: v128): v128 {
    const on = f32x4.mul(t, logarithm(y));
    const clamped = f32x4.max(log1p(f32x4.neg(y)), f32x4.splat(-100));
    return f32x4.neg(f32x4.add(on, f32x4.mul(f32x4.sub(constant(6), t), clamped)));
  }
  @inline slope(y: v128, t: v128): v128 {
    const variance = f32x4.max(f32x4.mul(y, f32x4.sub(constant(6), y)), f32x4.splat(1e-12));
    return f32x4.div(f32x4.sub(y, t), variance);
  }
}
/** max(y, 0) - t y + log(1 + exp(-|y|)). */
@final @unmanaged class CrossEntropyOfLogits {
  @inline value(y: v128, t: v128): v128 {
    const linear = f32x4.sub(f32x4.max(y, f32x4.splat(0)), f32x4.mul(t, y));
    return f32x4.add(linear, log1p(exp(f32x4.neg(f32x4.abs(y)))));
  }
  @inline slope(y: v128, t: v128): v128 { return f32x4.sub(sigmoid(y), t); }
}

@final @unmanaged class Square {
  @inline value(y: v128, t: v128): v128 { return f32x4.mul(y, y); }
}

/** Sum of the losses of n elements (at most BLOCK), in the order of `blockSum`. `scratch` holds the last losses. */
function lossSum<T>(y: usize, t: usize, n: i32, scratch: usize): f64 {
  const f = changetype<T>(0);
  let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
  const end = <usize>(n & ~7) << 2;
  for (let p: usize = 0; p < end; p += 32) {
    const a = f.value(v128.load(y + p), v128.load(t + p)), b = f.value(v128.load(y + p, 16), v128.load(t + p, 16));
    s0 = f64x2.add(s0, f64x2.promote_low_f32x4(a));
    s1 = f64x2.add(s1, f64x2.promote_low_f32x4(v128.shuffle<u64>(a, a, 1, 1)));
    s2 = f64x2.add(s2, f64x2.promote_low_f32x4(b));
    s3 = f64x2.add(s3, f64x2.promote_low_f32x4(v128.shuffle<u64>(b, b, 1, 1)));
  }
  const left = n & 7;
  for (let p: usize = 0; p < <usize>left << 2; p += 16) {
    v128.store(scratch + p, f.value(v128.load(y + end + p), v128.load(t + end + p)));
  }
  return laneSum(s0, s1, s2, s3, scratch, left);
}

/**
 * Arguments: loss, n, Y, T, partial sums (scratch: a float64 per block of BLOCK elements), factor, result (one
 * float32): factor * sum, without the multiplication if the factor is 1.
 */
function values<T>(work: usize): void {
  const n = arg(1), y = argP(2), t = argP(3), partial = argP(4), blocks = (n + BLOCK - 1) / BLOCK;
  const scratch = work + SCRATCH;
  for (let b = claim(); b < blocks; b = claim()) {
    const first = b * BLOCK, count = minI(BLOCK, n - first);
    const skip = <usize>first << 2;
    store<f64>(partial + (<usize>b << 3), lossSum<T>(y + skip, t + skip, count, scratch));
    if (lastOf(blocks)) total(partial, blocks);
  }
}

/** Adds up the blocks' sums in ascending order, whichever thread finishes last. */
function total(partial: usize, blocks: i32): void {
  let s: f64 = 0;
  for (let b = 0; b < blocks; ++b) s += load<f64>(partial + (<usize>b << 3));
  store<f32>(argP(6), argF(5) == 1 ? <f32>s : <f32>s * argF(5));
}

/** Arguments: loss, n, Y, T, upstream (one float32), factor, result: slope * (upstream * factor). */
function slopes<T>(): void {
  const f = changetype<T>(0);
  const n = arg(1), y = argP(2), t = argP(3), scale = f32x4.splat(load<f32>(argP(4)) * argF(5)), g = argP(6);
  for (let i = claim() * TILE_ELEMENTS; i < n; i = claim() * TILE_ELEMENTS) {
    const end = <usize>minI(n, i + TILE_ELEMENTS) << 2;
    for (let p = <usize>i << 2; p < end; p += 16) {
      v128.store(g + p, f32x4.mul(f.slope(v128.load(y + p), v128.load(t + p)), scale));
    }
  }
}

export function loss(work: usize): void {
  switch (arg(0)) {
    case Loss.SquaredError: values<SquaredError>(work); break;
    case Loss.CrossEntropy: values<CrossEntropy>(work); break;
    case Loss.CrossEntropyOfLogits: values<CrossEntropyOfLogits>(work); break;
    case Loss.Square: values<Square>(work); break;
    default: unreachable();
  }
}

export function lossGradient(): void {
  switch (arg(0)) {
    case Loss.SquaredError: slopes<SquaredError>(); break;
    case Loss.CrossEntropy: slopes<CrossEntropy>(); break;
    case Loss.CrossEntropyOfLogits: slopes<CrossEntropyOfLogits>(); break;
    default: unreachable();
  }
}

/** Arguments: activation, n, dY, Y, dX: the gradient through relu, sigmoid or tanh, from its result Y. */
export function activationGradient(): void {
  const kind = arg(0), n = arg(1), dy = argP(2), y = argP(3), dx = argP(4);
  const one = f32x4.splat(1), zero = f32x4.splat(0);
  for (let i = claim() * TILE_ELEMENTS; i < n; i = claim() * TILE_ELEMENTS) {
    const end = <usize>minI(n, i + TILE_ELEMENTS) << 2;
    if (kind == Activation.Relu) {
      for (let p = <usize>i << 2; p < end; p += 16) {
        const v = v128.load(y + p);
        const step = v128.bitselect(v128.and(f32x4.gt(v, zero), one), v, f32x4.eq(v, v));
        v128.store(dx + p, f32x4.mul(v128.load(dy + p), step));
      }
    } else if (kind == Activation.Sigmoid) {
      for (let p = <usize>i << 2; p < end; p += 16) {
        const v = v128.load(y + p);
        v128.store(dx + p, f32x4.mul(v128.load(dy + p), f32x4.mul(v, f32x4.sub(one, v))));
      }
    } else if (kind == Activation.Tanh) {
      for (let p = <usize>i << 2; p < end; p += 16) {
        const v = v128.load(y + p);
        v128.store(dx + p, f32x4.mul(f32x4.sub(one, f32x4.mul(v, v)), v128.load(dy + p)));
      }
    } else unreachable();
  }
}
