// Applies bias and activation to a block of a product while it is in the cache, with the bits of the separate kernels.
import { expm1, sigmoid, tanh } from './elementary';
import { storeLanes } from './rows';
import { Activation } from '../operations';

/** Applies an activation. `slope` is that of leaky relu or, per column, of prelu. */
@inline
function activate(kind: i32, x: v128, slope: v128): v128 {
  const zero = f32x4.splat(0);
  switch (kind) {
    case Activation.Relu: return f32x4.max(x, zero);
    case Activation.Relu6: return f32x4.min(f32x4.max(x, zero), f32x4.splat(6));
    case Activation.Elu: return v128.bitselect(x, expm1(x), f32x4.ge(x, zero));
    case Activation.LeakyRelu:
    case Activation.Prelu: return v128.bitselect(f32x4.mul(slope, x), x, f32x4.lt(x, zero));
    case Activation.Sigmoid: return sigmoid(x);
    case Activation.Tanh: return tanh(x);
    default: return x;
  }
}

/** Applies to `rows` x `cols` elements at c, with rows `ldc` bytes apart. Bias and prelu slopes vary by column. */
export function epilogue(
  c: usize, rows: i32, cols: i32, ldc: usize, bias: usize, activation: i32, alpha: f32, slopes: usize,
): void {
  const width = <usize>cols << 2, full = width & ~(<usize>15), left = cols & 3;
  let slope = f32x4.splat(alpha);
  for (let r = 0; r < rows; ++r, c += ldc) {
    for (let p: usize = 0; p < full; p += 16) {
      let x = v128.load(c + p);
      if (bias != 0) x = f32x4.add(x, v128.load(bias + p));
      if (activation == Activation.Prelu) slope = v128.load(slopes + p);
      v128.store(c + p, activate(activation, x, slope));
    }
    if (left != 0) {
      let x = v128.load(c + full);
      if (bias != 0) x = f32x4.add(x, v128.load(bias + full));
      if (activation == Activation.Prelu) slope = v128.load(slopes + full);
      storeLanes(c + full, activate(activation, x, slope), left);
    }
  }
}

/** Applies to n adjacent elements, with the same bias (an address, or 0) for all. */
export function uniformEpilogue(c: usize, n: i32, bias: usize, activation: i32, alpha: f32): void {
  const end = c + (<usize>(n & ~3) << 2), left = n & 3, slope = f32x4.splat(alpha);
  const shift = bias == 0 ? slope : v128.load_splat<f32>(bias);
  for (; c < end; c += 16) {
    const x = v128.load(c);
    v128.store(c, activate(activation, bias == 0 ? x : f32x4.add(x, shift), slope));
  }
  if (left != 0) {
    const x = v128.load(c);
    storeLanes(c, activate(activation, bias == 0 ? x : f32x4.add(x, shift), slope), left);
  }
}
