// Pooling over windows of an image. Padding is ignored. Max pooling takes four channels at a time where it can.
import {
  GEOMETRY, batchSize, dilationHeight, dilationWidth, filterHeight, filterWidth, inChannels, inHeight, inWidth,
  outHeight, outWidth, padLeft, padTop, strideHeight, strideWidth,
} from './geometry';
import { arg, argP, claim } from './job';

@inline
function pixelBytes(): usize {
  return <usize>inChannels() << 2;
}

@inline
function inside(y: i32, x: i32): bool {
  return y >= 0 && y < inHeight() && x >= 0 && x < inWidth();
}

/** Position of the first maximum of a window in the channel at `source`; -1 if all values are NaN. */
function windowMaximum(source: usize, top: i32, left: i32): i32 {
  let best = -1;
  let extreme: f32 = -Infinity;
  for (let i = 0; i < filterHeight(); ++i) {
    for (let j = 0; j < filterWidth(); ++j) {
      const y = top + i * dilationHeight(), x = left + j * dilationWidth();
      if (!inside(y, x)) continue;
      const at = y * inWidth() + x;
      const v = load<f32>(source + <usize>at * pixelBytes());
      if (v > extreme || (best < 0 && v == v)) {
        extreme = v;
        best = at;
      }
    }
  }
  return best;
}

/**
 * Arguments after the geometry: X, Y, indices (0: none), whether to add the image's offset to an index. An index counts
 * elements of [height, width, channels].
 */
export function maxPool(): void {
  const c = inChannels(), oh = outHeight(), ow = outWidth(), pixel = pixelBytes(), indices = argP(GEOMETRY + 2);
  const image = <usize>(inHeight() * inWidth()) * pixel, rows = batchSize() * oh;
  for (let r = claim(); r < rows; r = claim()) {
    const n = r / oh, top = (r - n * oh) * strideHeight() - padTop();
    const source = argP(GEOMETRY) + <usize>n * image;
    for (let p = 0; p < ow; ++p) {
      const left = p * strideWidth() - padLeft();
      const skip = <usize>(r * ow + p) * pixel, y = argP(GEOMETRY + 1) + skip;
      let k = 0;
      if (indices == 0) {
        for (; k + 4 <= c; k += 4) {
          let v = f32x4.splat(-Infinity);
          for (let i = 0; i < filterHeight(); ++i) {
            for (let j = 0; j < filterWidth(); ++j) {
              const a = top + i * dilationHeight(), b = left + j * dilationWidth();
              if (inside(a, b)) v = f32x4.pmax(v, v128.load(source + <usize>(a * inWidth() + b) * pixel + (<usize>k << 2)));
            }
          }
          v128.store(y + (<usize>k << 2), v);
        }
      }
      for (; k < c; ++k) {
        const channel = <usize>k << 2;
        const at = windowMaximum(source + channel, top, left);
        store<f32>(y + channel, at < 0 ? -Infinity : load<f32>(source + <usize>at * pixel + channel));
        if (indices != 0) {
          const whole = arg(GEOMETRY + 3) != 0 ? n * inHeight() * inWidth() * c : 0;
          store<i32>(indices + skip + channel, whole + at * c + k);
        }
      }
    }
  }
}

/**
 * Adds dy to the pixel of each channel's first maximum, for four channels. Other pixels get +0, which changes nothing,
 * since a sum that starts at +0 is never -0.
 */
@inline
function addToMaxima(source: usize, target: usize, top: i32, left: i32, dy: v128): void {
  const h = inHeight(), w = inWidth(), kh = filterHeight(), kw = filterWidth(), pixel = pixelBytes();
  const downwards = dilationHeight(), sideways = dilationWidth();
  let best = i32x4.splat(-1), extreme = f32x4.splat(-Infinity);
  for (let i = 0, y = top; i < kh; ++i, y += downwards) {
    if (y < 0 || y >= h) continue;
    for (let j = 0, x = left; j < kw; ++j, x += sideways) {
      if (x < 0 || x >= w) continue;
      const at = y * w + x, v = v128.load(source + <usize>at * pixel);
      const none = i32x4.lt_s(best, i32x4.splat(0));
      const larger = v128.or(f32x4.gt(v, extreme), v128.and(none, f32x4.eq(v, v)));
      extreme = v128.bitselect(v, extreme, larger);
      best = v128.bitselect(i32x4.splat(at), best, larger);
    }
  }
  for (let i = 0, y = top; i < kh; ++i, y += downwards) {
    if (y < 0 || y >= h) continue;
    for (let j = 0, x = left; j < kw; ++j, x += sideways) {
      if (x < 0 || x >= w) continue;
      const at = y * w + x, to = target + <usize>at * pixel;
      v128.store(to, f32x4.add(v128.load(to), v128.and(dy, i32x4.eq(best, i32x4.splat(at)))));
    }
  }
}

/** Arguments after the geometry: X, dY, dX. The first maximum of a window gets its gradient. */
export function maxPoolGradient(): void {
  const c = inChannels(), oh = outHeight(), ow = outWidth(), pixel = pixelBytes(), full = c & ~3;
  const image = <usize>(inHeight() * inWidth()) * pixel;
  for (let n = claim(); n < batchSize(); n = claim()) {
    const source = argP(GEOMETRY) + <usize>n * image, target = argP(GEOMETRY + 2) + <usize>n * image;
    memory.fill(target, 0, image);
    for (let p = 0; p < oh * ow; ++p) {
      const row = p / ow, top = row * strideHeight() - padTop(), left = (p - row * ow) * strideWidth() - padLeft();
      const dy = argP(GEOMETRY + 1) + <usize>(n * oh * ow + p) * pixel;
      for (let k = 0; k < full; k += 4) {
        const channel = <usize>k << 2;
        addToMaxima(source + channel, target + channel, top, left, v128.load(dy + channel));
      }
      for (let k = full; k < c; ++k) {
        const channel = <usize>k << 2;
        const at = windowMaximum(source + channel, top, left);
        if (at < 0) continue;
        const to = target + <usize>at * pixel + channel;
        store<f32>(to, load<f32>(to) + load<f32>(dy + channel));
      }
    }
  }
}

/** Number of taps along one axis of a window that lie in the image. */
@inline
function tapsInside(first: i32, size: i32, dilation: i32, limit: i32): i32 {
  let count = 0;
  for (let i = 0; i < size; ++i) {
    const at = first + i * dilation;
    if (at >= 0 && at < limit) ++count;
  }
  return count;
}

/**
 * Arguments after the geometry: X, Y: the sum of each window in ascending order, divided by its number of pixels in the
 * image.
 */
export function averagePool(): void {
  const c = inChannels(), oh = outHeight(), ow = outWidth(), pixel = pixelBytes();
  const image = <usize>(inHeight() * inWidth()) * pixel, rows = batchSize() * oh;
  for (let r = claim(); r < rows; r = claim()) {
    const n = r / oh, top = (r - n * oh) * strideHeight() - padTop();
    const source = argP(GEOMETRY) + <usize>n * image;
    const high = tapsInside(top, filterHeight(), dilationHeight(), inHeight());
    for (let p = 0; p < ow; ++p) {
      const left = p * strideWidth() - padLeft();
      const count = <f32>(high * tapsInside(left, filterWidth(), dilationWidth(), inWidth()));
      const y = argP(GEOMETRY + 1) + <usize>(r * ow + p) * pixel;
      for (let k = 0; k < c; ++k) {
        let sum: f32 = 0;
        for (let i = 0; i < filterHeight(); ++i) {
          for (let j = 0; j < filterWidth(); ++j) {
            const a = top + i * dilationHeight(), b = left + j * dilationWidth();
            if (inside(a, b)) sum += load<f32>(source + <usize>(a * inWidth() + b) * pixel + (<usize>k << 2));
          }
        }
        store<f32>(y + (<usize>k << 2), sum / count);
      }
    }
  }
}

/** Arguments after the geometry: dY, dX: every pixel of a window gets dY / window size, windows in ascending order. */
export function averagePoolGradient(): void {
  const c = inChannels(), oh = outHeight(), ow = outWidth(), pixel = pixelBytes();
  const image = <usize>(inHeight() * inWidth()) * pixel;
  for (let n = claim(); n < batchSize(); n = claim()) {
    const target = argP(GEOMETRY + 1) + <usize>n * image;
    memory.fill(target, 0, image);
    const count = <f32>(filterHeight() * filterWidth());
    for (let p = 0; p < oh * ow; ++p) {
      const row = p / ow, top = row * strideHeight() - padTop(), left = (p - row * ow) * strideWidth() - padLeft();
      const dy = argP(GEOMETRY) + <usize>(n * oh * ow + p) * pixel;
      for (let i = 0; i < filterHeight(); ++i) {
        for (let j = 0; j < filterWidth(); ++j) {
          const a = top + i * dilationHeight(), b = left + j * dilationWidth();
          if (!inside(a, b)) continue;
          const to = target + <usize>(a * inWidth() + b) * pixel;
          for (let k: usize = 0; k < pixel; k += 4) store<f32>(to + k, load<f32>(to + k) + load<f32>(dy + k) / count);
        }
      }
    }
  }
}
