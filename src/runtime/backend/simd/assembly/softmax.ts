// Softmax over the last axis: exp(x - max) / sum, with the sum from `rowSum`.
import { arg, argP, claim } from './job';
import { exp } from './elementary';
import { rowMaximum, rowSum } from './reduce';
import { storeLanes } from './rows';

/** Arguments: rows, length, X, Y. */
export function softmaxRows(): void {
  const rows = arg(0), n = arg(1), bytes = <usize>n << 2, full = <usize>(n & ~3) << 2, left = n & 3;
  for (let r = claim(); r < rows; r = claim()) {
    const x = argP(2) + <usize>r * bytes, y = argP(3) + <usize>r * bytes;
    const top = f32x4.splat(rowMaximum(x, n));
    for (let p: usize = 0; p < full; p += 16) v128.store(y + p, exp(f32x4.sub(v128.load(x + p), top)));
    if (left != 0) storeLanes(y + full, exp(f32x4.sub(v128.load(x + full), top)), left);
    const sum = f32x4.splat(<f32>rowSum(y, n));
    for (let p: usize = 0; p < full; p += 16) v128.store(y + p, f32x4.div(v128.load(y + p), sum));
    if (left != 0) storeLanes(y + full, f32x4.div(v128.load(y + full), sum), left);
  }
}
