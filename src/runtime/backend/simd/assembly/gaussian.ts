// Kernels for variational encoders: the divergence of Gaussians from the standard normal distribution, and gradients.
import { arg, argF, argP, claim, minI } from './job';
import { exp, expm1 } from './elementary';
import { storeLanes } from './rows';

/** Elements per tile, a multiple of 4. */
const TILE_ELEMENTS: i32 = 4096;

/** Arguments: n, mu, logvar, result: 1/2 (mu^2 + (expm1(logvar) - logvar)) of each element. */
export function gaussianDivergence(): void {
  const n = arg(0), mu = argP(1), logvar = argP(2), y = argP(3), half = f32x4.splat(0.5);
  for (let i = claim() * TILE_ELEMENTS; i < n; i = claim() * TILE_ELEMENTS) {
    const end = <usize>minI(n, i + TILE_ELEMENTS) << 2;
    for (let p = <usize>i << 2; p < end; p += 16) {
      const m = v128.load(mu + p), v = v128.load(logvar + p);
      v128.store(y + p, f32x4.mul(f32x4.add(f32x4.mul(m, m), f32x4.sub(expm1(v), v)), half));
    }
  }
}

/**
 * Arguments: batch, dimensions, mu, logvar, upstream [dimensions], batch as float32, gradients to mu and logvar:
 * g mu and g (exp(logvar) - 1) / 2 with g = upstream / batch.
 */
export function gaussianDivergenceGradient(): void {
  const batch = arg(0), n = arg(1), mu = argP(2), logvar = argP(3), upstream = argP(4), divisor = f32x4.splat(argF(5));
  const toMu = argP(6), toLogvar = argP(7), half = f32x4.splat(0.5), one = f32x4.splat(1), bytes = <usize>n << 2;
  for (let r = claim(); r < 1; r = claim()) {
    for (let row = 0; row < batch; ++row) {
      const skip = <usize>row * bytes;
      for (let p: usize = 0; p < bytes; p += 16) {
        const g = f32x4.div(v128.load(upstream + p), divisor), left = <i32>(bytes - p) >> 2;
        const slope = f32x4.mul(f32x4.sub(exp(v128.load(logvar + skip + p)), one), half);
        const m = f32x4.mul(g, v128.load(mu + skip + p)), v = f32x4.mul(g, slope);
        if (left >= 4) {
          v128.store(toMu + skip + p, m);
          v128.store(toLogvar + skip + p, v);
        } else {
          storeLanes(toMu + skip + p, m, left);
          storeLanes(toLogvar + skip + p, v, left);
        }
      }
    }
  }
}

/** Arguments: n, upstream, eps, logvar, gradient to logvar: ((upstream eps) exp(logvar / 2)) / 2. */
export function reparameterizeGradient(): void {
  const n = arg(0), upstream = argP(1), eps = argP(2), logvar = argP(3), y = argP(4), half = f32x4.splat(0.5);
  for (let i = claim() * TILE_ELEMENTS; i < n; i = claim() * TILE_ELEMENTS) {
    const end = <usize>minI(n, i + TILE_ELEMENTS) << 2;
    for (let p = <usize>i << 2; p < end; p += 16) {
      const deviation = exp(f32x4.mul(v128.load(logvar + p), half));
      v128.store(y + p, f32x4.mul(f32x4.mul(f32x4.mul(v128.load(upstream + p), v128.load(eps + p)), deviation), half));
    }
  }
}
