// One update of all weights, where they lie.
import { arg, argF, argP, claim, minI } from './job';
import { Optimizer } from '../operations';

const TILE_ELEMENTS: i32 = 8192;
/** Arguments before the first tensor: optimizer, number of tensors, seven numbers. */
const HEADER: i32 = 9;
/** Arguments of a tensor: n, weight, gradient, slots A and B. */
const ENTRY: i32 = 5;

/** slope = g + decay w; a decay of 0 is left out. */
@inline
function decayed(gradient: v128, weight: v128, decay: f32): v128 {
  return decay == 0 ? gradient : f32x4.add(gradient, f32x4.mul(weight, f32x4.splat(decay)));
}

/** Numbers: rate, floor, beta1, 1 - beta1, beta2, 1 - beta2, decay of the gradient or (AdamW) factor of the weight. */
function adam(w: usize, g: usize, a: usize, b: usize, bytes: usize, decoupled: bool): void {
  const rate = f32x4.splat(argF(2)), floor = f32x4.splat(argF(3)), keptMean = f32x4.splat(argF(4));
  const newMean = f32x4.splat(argF(5)), keptSquare = f32x4.splat(argF(6)), newSquare = f32x4.splat(argF(7)), decay = argF(8);
  const shrinkage = f32x4.splat(decay);
  for (let p: usize = 0; p < bytes; p += 16) {
    let weight = v128.load(w + p);
    let slope = v128.load(g + p);
    if (decoupled) {
      if (decay != 1) weight = f32x4.mul(weight, shrinkage);
    } else slope = decayed(slope, weight, decay);
    const mean = f32x4.add(f32x4.mul(v128.load(a + p), keptMean), f32x4.mul(slope, newMean));
    const square = f32x4.add(f32x4.mul(v128.load(b + p), keptSquare), f32x4.mul(f32x4.mul(slope, slope), newSquare));
    const step = f32x4.div(mean, f32x4.add(f32x4.sqrt(square), floor));
    v128.store(a + p, mean);
    v128.store(b + p, square);
    v128.store(w + p, f32x4.sub(weight, f32x4.mul(step, rate)));
  }
}

/** Numbers: rate, momentum, nesterov (0 or 1), decay. Slot A: velocity. */
function sgd(w: usize, g: usize, a: usize, bytes: usize): void {
  const rate = f32x4.splat(argF(2)), momentum = argF(3), nesterov = argF(4) != 0, decay = argF(5);
  const kept = f32x4.splat(momentum);
  for (let p: usize = 0; p < bytes; p += 16) {
    const weight = v128.load(w + p), slope = decayed(v128.load(g + p), weight, decay);
    const velocity = momentum == 0 ? slope : f32x4.add(f32x4.mul(v128.load(a + p), kept), slope);
    const step = nesterov ? f32x4.add(slope, f32x4.mul(velocity, kept)) : velocity;
    v128.store(a + p, velocity);
    v128.store(w + p, f32x4.sub(weight, f32x4.mul(step, rate)));
  }
}

/** Numbers: rate, alpha, 1 - alpha, epsilon, momentum, decay. Slots: mean square, velocity. */
function rmsprop(w: usize, g: usize, a: usize, b: usize, bytes: usize): void {
  const rate = f32x4.splat(argF(2)), keptSquare = f32x4.splat(argF(3)), newSquare = f32x4.splat(argF(4));
  const epsilon = f32x4.splat(argF(5)), momentum = argF(6), decay = argF(7), kept = f32x4.splat(momentum);
  for (let p: usize = 0; p < bytes; p += 16) {
    const weight = v128.load(w + p), slope = decayed(v128.load(g + p), weight, decay);
    const square = f32x4.add(f32x4.mul(v128.load(a + p), keptSquare), f32x4.mul(f32x4.mul(slope, slope), newSquare));
    const scaled = f32x4.div(slope, f32x4.add(f32x4.sqrt(square), epsilon));
    const velocity = momentum == 0 ? scaled : f32x4.add(f32x4.mul(v128.load(b + p), kept), scaled);
    v128.store(a + p, square);
    v128.store(b + p, velocity);
    v128.store(w + p, f32x4.sub(weight, f32x4.mul(velocity, rate)));
  }
}

/** Numbers: rate, momentum, decay. Slot A: velocity. */
function momentumRule(w: usize, g: usize, a: usize, bytes: usize): void {
  const rate = f32x4.splat(argF(2)), kept = f32x4.splat(argF(3)), decay = argF(4);
  for (let p: usize = 0; p < bytes; p += 16) {
    const weight = v128.load(w + p), slope = decayed(v128.load(g + p), weight, decay);
    const velocity = f32x4.sub(f32x4.mul(v128.load(a + p), kept), f32x4.mul(slope, rate));
    v128.store(a + p, velocity);
    v128.store(w + p, f32x4.add(weight, velocity));
  }
}

export function optimizer(): void {
  const kind = arg(0), tensors = arg(1);
  let first = 0, tensor = 0, tiles = (arg(HEADER) + TILE_ELEMENTS - 1) / TILE_ELEMENTS;
  for (let t = claim(); ; t = claim()) {
    // Tiles are counted through all tensors, and claimed in ascending order.
    while (t >= first + tiles) {
      if (++tensor >= tensors) return;
      first += tiles;
      tiles = (arg(HEADER + tensor * ENTRY) + TILE_ELEMENTS - 1) / TILE_ELEMENTS;
    }
    const e = HEADER + tensor * ENTRY, i = (t - first) * TILE_ELEMENTS, skip = <usize>i << 2;
    const bytes = <usize>minI(TILE_ELEMENTS, arg(e) - i) << 2;
    const w = argP(e + 1) + skip, g = argP(e + 2) + skip, a = argP(e + 3) + skip, b = argP(e + 4) + skip;
    switch (kind) {
      case Optimizer.Adam: adam(w, g, a, b, bytes, false); break;
      case Optimizer.AdamW: adam(w, g, a, b, bytes, true); break;
      case Optimizer.Sgd: sgd(w, g, a, bytes); break;
      case Optimizer.RmsProp: rmsprop(w, g, a, b, bytes); break;
      case Optimizer.Momentum: momentumRule(w, g, a, bytes); break;
      default: unreachable();
    }
  }
}
