// Batch normalisation with given statistics.
import { arg, argF, argP, claim } from './job';
import { storeLanes } from './rows';

/**
 * Arguments: rows, channels, X, mean, variance, scale (0: none), offset (0: none), epsilon, Y.
 * Y = (X - mean) * scale / sqrt(variance + epsilon) + offset, with every operation rounded, in this order.
 */
export function batchNorm(): void {
  const rows = arg(0), c = arg(1), mean = argP(3), variance = argP(4), scale = argP(5), offset = argP(6);
  const epsilon = f32x4.splat(argF(7)), bytes = <usize>c << 2, full = <usize>(c & ~3) << 2, left = c & 3;
  for (let r = claim(); r < rows; r = claim()) {
    const x = argP(2) + <usize>r * bytes, y = argP(8) + <usize>r * bytes;
    for (let p: usize = 0; p < bytes; p += 16) {
      let v = f32x4.sub(v128.load(x + p), v128.load(mean + p));
      if (scale != 0) v = f32x4.mul(v, v128.load(scale + p));
      v = f32x4.div(v, f32x4.sqrt(f32x4.add(v128.load(variance + p), epsilon)));
      if (offset != 0) v = f32x4.add(v, v128.load(offset + p));
      if (p < full) v128.store(y + p, v);
      else storeLanes(y + p, v, left);
    }
  }
}
