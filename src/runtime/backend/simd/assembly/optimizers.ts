// Updates all weights in place, in one job.
import { arg, argF, argP, claim, minI, TINY_WEIGHTS } from './job';
import { anyTiny, carefulProduct, whereTiny } from './tiny';
import { Optimizer } from '../operations';

const TILE_ELEMENTS: i32 = 8192;
/** Arguments before the first tensor: optimizer, number of tensors, seven numbers. */
const HEADER: i32 = 9;
/** Arguments per tensor: n, weight, gradient, slots A and B. */
const ENTRY: i32 = 5;

/** g + decay w, without the addition if the decay is 0. */
@inline
function decayed(gradient: v128, weight: v128, decay: f32): v128 {
  return decay == 0 ? gradient : f32x4.add(gradient, f32x4.mul(weight, f32x4.splat(decay)));
}

/** Bytes per careful update. Tiny numbers come in runs, such as the averages for a pixel that has long been blank. */
const CAREFUL_BYTES: usize = 256;

/** average * factor. */
@inline
function kept(average: v128, factor: f32, careful: bool): v128 {
  return careful && anyTiny(average) ? carefulProduct(average, factor) : f32x4.mul(average, f32x4.splat(factor));
}

/** Magnitude above which subtracting a tiny number * scale doesn't change a weight. */
@inline
function unmovedAbove(scale: f32): v128 {
  // 2^-96 * scale: what is subtracted, below 2^-125 * scale, is then less than 1/32 of the weight's last bit, which
  // leaves room for rounding.
  return f32x4.splat(reinterpret<f32>(0x0F800000) * scale);
}

/** The step, with 0 for tiny lanes that don't change their weight. */
@inline
function effective(step: v128, weight: v128, unmoved: v128): v128 {
  return v128.andnot(step, v128.and(whereTiny(step), f32x4.gt(f32x4.abs(weight), unmoved)));
}

/**
 * Stores weights, and tells multiplications if some are tiny. Only careful updates check: tiny weights have tiny
 * averages.
 */
@inline
function storeWeights(w: usize, weights: v128, careful: bool): void {
  v128.store(w, weights);
  if (careful && anyTiny(weights)) store<i32>(TINY_WEIGHTS, 1);
}

/** Numbers: rate, floor, beta1, 1 - beta1, beta2, 1 - beta2, decay of the gradient or (AdamW) factor of the weight. */
@inline
function adam(w: usize, g: usize, a: usize, b: usize, bytes: usize, decoupled: bool, careful: bool): usize {
  const rate = f32x4.splat(argF(2)), floor = f32x4.splat(argF(3)), beta1 = argF(4), newMean = f32x4.splat(argF(5));
  const beta2 = argF(6), newSquare = f32x4.splat(argF(7)), decay = argF(8), shrinkage = f32x4.splat(decay);
  const unmoved = unmovedAbove(argF(2) / argF(3));
  for (let p: usize = 0; p < bytes; p += 16) {
    const oldMean = v128.load(a + p);
    // It is enough to check the mean: as both decay, the square becomes tiny long after it.
    if (!careful && anyTiny(oldMean)) return p;
    let weight = v128.load(w + p), slope = v128.load(g + p);
    if (decoupled) {
      if (decay != 1) weight = f32x4.mul(weight, shrinkage);
    } else slope = decayed(slope, weight, decay);
    const mean = f32x4.add(kept(oldMean, beta1, careful), f32x4.mul(slope, newMean));
    const square = f32x4.add(kept(v128.load(b + p), beta2, careful), f32x4.mul(f32x4.mul(slope, slope), newSquare));
    v128.store(a + p, mean);
    v128.store(b + p, square);
    const numerator = careful ? effective(mean, weight, unmoved) : mean;
    const step = f32x4.div(numerator, f32x4.add(f32x4.sqrt(square), floor));
    storeWeights(w + p, f32x4.sub(weight, f32x4.mul(step, rate)), careful);
  }
  return bytes;
}

/** Numbers: rate, momentum, nesterov (0 or 1), decay. Slot A: velocity. */
@inline
function sgd(w: usize, g: usize, a: usize, bytes: usize, careful: bool): usize {
  const rate = f32x4.splat(argF(2)), momentum = argF(3), nesterov = argF(4) != 0, decay = argF(5);
  const unmoved = unmovedAbove(argF(2));
  for (let p: usize = 0; p < bytes; p += 16) {
    const old = v128.load(a + p);
    if (!careful && momentum != 0 && anyTiny(old)) return p;
    const weight = v128.load(w + p), slope = decayed(v128.load(g + p), weight, decay);
    const velocity = momentum == 0 ? slope : f32x4.add(kept(old, momentum, careful), slope);
    const step = nesterov ? f32x4.add(slope, kept(velocity, momentum, careful)) : velocity;
    v128.store(a + p, velocity);
    storeWeights(w + p, f32x4.sub(weight, f32x4.mul(careful ? effective(step, weight, unmoved) : step, rate)), careful);
  }
  return bytes;
}

/** Numbers: rate, alpha, 1 - alpha, epsilon, momentum, decay. Slots: mean square, velocity. */
@inline
function rmsprop(w: usize, g: usize, a: usize, b: usize, bytes: usize, careful: bool): usize {
  const rate = f32x4.splat(argF(2)), alpha = argF(3), newSquare = f32x4.splat(argF(4)), epsilon = f32x4.splat(argF(5));
  const momentum = argF(6), decay = argF(7), unmoved = unmovedAbove(argF(2));
  for (let p: usize = 0; p < bytes; p += 16) {
    const oldSquare = v128.load(a + p);
    if (!careful && anyTiny(oldSquare)) return p;
    const weight = v128.load(w + p), slope = decayed(v128.load(g + p), weight, decay);
    const square = f32x4.add(kept(oldSquare, alpha, careful), f32x4.mul(f32x4.mul(slope, slope), newSquare));
    const scaled = f32x4.div(slope, f32x4.add(f32x4.sqrt(square), epsilon));
    const velocity = momentum == 0 ? scaled : f32x4.add(kept(v128.load(b + p), momentum, careful), scaled);
    v128.store(a + p, square);
    v128.store(b + p, velocity);
    storeWeights(w + p, f32x4.sub(weight, f32x4.mul(careful ? effective(velocity, weight, unmoved) : velocity, rate)), careful);
  }
  return bytes;
}

/** Numbers: rate, momentum, decay. Slot A: velocity. */
@inline
function momentumRule(w: usize, g: usize, a: usize, bytes: usize, careful: bool): usize {
  const rate = f32x4.splat(argF(2)), momentum = argF(3), decay = argF(4);
  for (let p: usize = 0; p < bytes; p += 16) {
    const old = v128.load(a + p);
    if (!careful && anyTiny(old)) return p;
    const weight = v128.load(w + p), slope = decayed(v128.load(g + p), weight, decay);
    const velocity = f32x4.sub(kept(old, momentum, careful), f32x4.mul(slope, rate));
    v128.store(a + p, velocity);
    storeWeights(w + p, f32x4.add(weight, velocity), careful);
  }
  return bytes;
}

/**
 * Without care, stops at tiny numbers, which would make it slow. With care, the bits are the same, and only the few
 * bytes that need it are slow.
 * @returns the number of bytes updated
 */
@inline
function update(kind: i32, w: usize, g: usize, a: usize, b: usize, bytes: usize, careful: bool): usize {
  switch (kind) {
    case Optimizer.Adam: return adam(w, g, a, b, bytes, false, careful);
    case Optimizer.AdamW: return adam(w, g, a, b, bytes, true, careful);
    case Optimizer.Sgd: return sgd(w, g, a, bytes, careful);
    case Optimizer.RmsProp: return rmsprop(w, g, a, b, bytes, careful);
    case Optimizer.Momentum: return momentumRule(w, g, a, bytes, careful);
    default: return unreachable();
  }
}

export function optimizer(): void {
  const kind = arg(0), tensors = arg(1);
  let first = 0, tensor = 0, tiles = (arg(HEADER) + TILE_ELEMENTS - 1) / TILE_ELEMENTS;
  for (let t = claim(); ; t = claim()) {
    // Tiles are numbered across all tensors and claimed in ascending order.
    while (t >= first + tiles) {
      if (++tensor >= tensors) return;
      first += tiles;
      tiles = (arg(HEADER + tensor * ENTRY) + TILE_ELEMENTS - 1) / TILE_ELEMENTS;
    }
    const e = HEADER + tensor * ENTRY, i = (t - first) * TILE_ELEMENTS, skip = <usize>i << 2;
    const bytes = <usize>minI(TILE_ELEMENTS, arg(e) - i) << 2;
    const w = argP(e + 1) + skip, g = argP(e + 2) + skip, a = argP(e + 3) + skip, b = argP(e + 4) + skip;
    for (let p: usize = 0; p < bytes; ) {
      p += update(kind, w + p, g + p, a + p, b + p, bytes - p, false);
      if (p < bytes) p += update(kind, w + p, g + p, a + p, b + p, min(CAREFUL_BYTES, bytes - p), true);
    }
  }
}
