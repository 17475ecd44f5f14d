// Ng's sparsity penalty: the divergence between Bernoulli variables with mean rho and with the units' mean activations.
import { arg, argF, argP, claim } from './job';
import { log } from './elementary';
import { rowSum } from './reduce';

/**
 * Arguments: units, mean activations P [units], rho, 1 - rho, factor, losses [units] (scratch), result (one float32):
 * factor * sum(rho log(rho / P) + (1 - rho) log((1 - rho) / (1 - P))), without the multiplication if the factor is 1.
 */
export function sparsity(): void {
  const units = arg(0), mean = argP(1), losses = argP(5), bytes = <usize>units << 2, one = f32x4.splat(1);
  const rho = f32x4.splat(argF(2)), rest = f32x4.splat(argF(3)), factor = argF(4);
  for (let t = claim(); t < 1; t = claim()) {
    for (let p: usize = 0; p < bytes; p += 16) {
      const m = v128.load(mean + p);
      const on = f32x4.mul(log(f32x4.div(rho, m)), rho);
      const off = f32x4.mul(log(f32x4.div(rest, f32x4.sub(one, m))), rest);
      v128.store(losses + p, f32x4.add(on, off));
    }
    const total = <f32>rowSum(losses, units);
    store<f32>(argP(6), factor == 1 ? total : total * factor);
  }
}

/**
 * Arguments: batch, units, P, rho, 1 - rho, factor, upstream (one float32), 1 / batch, slopes [units] (scratch), result
 * [batch, units], with identical rows: (((1 - rho) / (1 - P) - rho / P) * (upstream * factor)) * (1 / batch).
 */
export function sparsityGradient(): void {
  const batch = arg(0), units = arg(1), mean = argP(2), slopes = argP(8), result = argP(9), bytes = <usize>units << 2;
  const rho = f32x4.splat(argF(3)), rest = f32x4.splat(argF(4)), one = f32x4.splat(1);
  const scale = f32x4.splat(load<f32>(argP(6)) * argF(5)), share = f32x4.splat(argF(7));
  for (let t = claim(); t < 1; t = claim()) {
    for (let p: usize = 0; p < bytes; p += 16) {
      const m = v128.load(mean + p);
      const slope = f32x4.sub(f32x4.div(rest, f32x4.sub(one, m)), f32x4.div(rho, m));
      v128.store(slopes + p, f32x4.mul(f32x4.mul(slope, scale), share));
    }
    for (let r = 0; r < batch; ++r) memory.copy(result + <usize>r * bytes, slopes, bytes);
  }
}
