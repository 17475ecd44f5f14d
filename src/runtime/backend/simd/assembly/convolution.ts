// Convolution by patches: a block of output positions becomes a matrix [positions, taps x channels] that the
// multiplication kernel takes. Padding takes part as +0.
import {
  GEOMETRY, batchSize, dilationHeight, dilationWidth, filterHeight, filterWidth, inChannels, inHeight, inWidth,
  outChannels, outHeight, outWidth, padLeft, padTop, strideHeight, strideWidth,
} from './geometry';
import { arg, argF, argP, claim, minI, threadNumber } from './job';
import { epilogue, uniformEpilogue } from './epilogue';
import { gemmTile } from './gemm';
import { Activation } from '../operations';

/**
 * Floats from `from` to `to`, in whole vectors: up to 12 bytes behind them are written too, which is why patches are filled
 * in ascending order and have room at their end.
 */
@inline
function copyFloats(to: usize, from: usize, n: i32): void {
  for (const end = to + (<usize>n << 2); to < end; to += 16, from += 16) v128.store(to, v128.load(from));
}

/** The same with zeros. */
@inline
function zeroFloats(to: usize, n: i32): void {
  const zero = f32x4.splat(0);
  for (const end = to + (<usize>n << 2); to < end; to += 16) v128.store(to, zero);
}

@inline
function addFloats(to: usize, from: usize, n: i32): void {
  const full = to + (<usize>(n & ~3) << 2);
  for (; to < full; to += 16, from += 16) v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  for (let left = n & 3; left > 0; --left, to += 4, from += 4) store<f32>(to, load<f32>(to) + load<f32>(from));
}

/** The patches of `count` output positions, from position `first` of the image at x, to rows of a matrix. */
function gatherPatches(x: usize, first: i32, count: i32, patches: usize): void {
  const h = inHeight(), w = inWidth(), c = inChannels(), ow = outWidth(), kh = filterHeight(), kw = filterWidth();
  const dw = dilationWidth(), pixel = <usize>c << 2;
  for (let p = first; p < first + count; ++p) {
    const oh = p / ow;
    const top = oh * strideHeight() - padTop(), left = (p - oh * ow) * strideWidth() - padLeft();
    for (let i = 0; i < kh; ++i) {
      const y = top + i * dilationHeight();
      if (y < 0 || y >= h) {
        zeroFloats(patches, kw * c);
        patches += <usize>kw * pixel;
      } else {
        const row = x + <usize>(y * w) * pixel;
        if (dw == 1 && left >= 0 && left + kw <= w) {
          copyFloats(patches, row + <usize>left * pixel, kw * c);
          patches += <usize>kw * pixel;
        } else {
          for (let j = 0; j < kw; ++j, patches += pixel) {
            const z = left + j * dw;
            if (z < 0 || z >= w) zeroFloats(patches, c);
            else copyFloats(patches, row + <usize>z * pixel, c);
          }
        }
      }
    }
  }
}

/** Adds rows of patches to the pixels that they came from, in ascending order of the output position. */
function scatterPatches(x: usize, first: i32, count: i32, patches: usize): void {
  const h = inHeight(), w = inWidth(), c = inChannels(), ow = outWidth(), kh = filterHeight(), kw = filterWidth();
  const dw = dilationWidth(), pixel = <usize>c << 2;
  for (let p = first; p < first + count; ++p) {
    const oh = p / ow;
    const top = oh * strideHeight() - padTop(), left = (p - oh * ow) * strideWidth() - padLeft();
    for (let i = 0; i < kh; ++i, patches += <usize>kw * pixel) {
      const y = top + i * dilationHeight();
      if (y < 0 || y >= h) continue;
      const row = x + <usize>(y * w) * pixel;
      if (dw == 1 && left >= 0 && left + kw <= w) {
        addFloats(row + <usize>left * pixel, patches, kw * c);
      } else {
        for (let j = 0; j < kw; ++j) {
          const z = left + j * dw;
          if (z >= 0 && z < w) addFloats(row + <usize>z * pixel, patches + <usize>j * pixel, c);
        }
      }
    }
  }
}

/**
 * Arguments after the geometry: X, filter [taps x channels, out channels], Y; positions of a block; scratch, bytes of it
 * per thread; bias, activation, alpha, prelu slopes.
 */
export function conv2d(work: usize): void {
  const x = argP(GEOMETRY), filter = argP(GEOMETRY + 1), y = argP(GEOMETRY + 2), block = arg(GEOMETRY + 3);
  const patches = argP(GEOMETRY + 4) + <usize>threadNumber(work) * argP(GEOMETRY + 5);
  const bias = argP(GEOMETRY + 6), activation = arg(GEOMETRY + 7);
  const positions = outHeight() * outWidth(), oc = outChannels(), taps = filterHeight() * filterWidth() * inChannels();
  const blocks = (positions + block - 1) / block, tiles = batchSize() * blocks, ldc = <usize>oc << 2;
  const image = <usize>(inHeight() * inWidth() * inChannels()) << 2;
  for (let t = claim(); t < tiles; t = claim()) {
    const n = t / blocks, first = (t - n * blocks) * block, count = minI(block, positions - first);
    const c = y + (<usize>n * positions + first) * ldc;
    gatherPatches(x + <usize>n * image, first, count, patches);
    gemmTile(count, oc, taps, patches, <usize>taps << 2, 4, filter, ldc, 4, c, ldc, false, work);
    if (bias != 0 || activation != 0) {
        const slopes = argP(GEOMETRY + 9), alpha = argF(GEOMETRY + 8);
      if (oc == 1 && activation != Activation.Prelu) uniformEpilogue(c, count, bias, activation, alpha);
      else epilogue(c, count, oc, ldc, bias, activation, alpha, slopes);
    }
  }
}

/**
 * Arguments after the geometry: dY, filter, dX; positions of a block; scratch, bytes of it per thread; bias, activation and
 * alpha on dX, for a transposed convolution.
 */
export function conv2dInputGradient(work: usize): void {
  const dy = argP(GEOMETRY), filter = argP(GEOMETRY + 1), dx = argP(GEOMETRY + 2), block = arg(GEOMETRY + 3);
  const patches = argP(GEOMETRY + 4) + <usize>threadNumber(work) * argP(GEOMETRY + 5);
  const positions = outHeight() * outWidth(), oc = outChannels(), taps = filterHeight() * filterWidth() * inChannels();
  const image = <usize>(inHeight() * inWidth() * inChannels()) << 2, rowC = <usize>oc << 2, rowP = <usize>taps << 2;
  const bias = argP(GEOMETRY + 6), activation = arg(GEOMETRY + 7);
  for (let n = claim(); n < batchSize(); n = claim()) {
    const target = dx + <usize>n * image;
    memory.fill(target, 0, image);
    for (let first = 0; first < positions; first += block) {
      const count = minI(block, positions - first);
      gemmTile(
        count, taps, oc, dy + (<usize>n * positions + first) * rowC, rowC, 4, filter, 4, rowC, patches, rowP, false, work,
      );
      scatterPatches(target, first, count, patches);
    }
    if (bias != 0 || activation != 0) pixelEpilogue(target, bias, activation, argF(GEOMETRY + 8));
  }
}

/** Bias and activation on all pixels of an image. */
function pixelEpilogue(image: usize, bias: usize, activation: i32, alpha: f32): void {
  const pixels = inHeight() * inWidth(), c = inChannels();
  if (c != 1) epilogue(image, pixels, c, <usize>c << 2, bias, activation, alpha, 0);
  else uniformEpilogue(image, pixels, bias, activation, alpha);
}

/**
 * Arguments after the geometry: X, dY, partial filters [groups, taps x channels, out channels]; positions of a block;
 * scratch, bytes of it per thread; images of a group. A group adds its images and their positions in ascending order.
 */
export function conv2dFilterGradient(work: usize): void {
  const x = argP(GEOMETRY), dy = argP(GEOMETRY + 1), partial = argP(GEOMETRY + 2), block = arg(GEOMETRY + 3);
  const patches = argP(GEOMETRY + 4) + <usize>threadNumber(work) * argP(GEOMETRY + 5), perGroup = arg(GEOMETRY + 6);
  const positions = outHeight() * outWidth(), oc = outChannels(), taps = filterHeight() * filterWidth() * inChannels();
  const image = <usize>(inHeight() * inWidth() * inChannels()) << 2, rowC = <usize>oc << 2;
  const groups = (batchSize() + perGroup - 1) / perGroup;
  for (let g = claim(); g < groups; g = claim()) {
    const c = partial + <usize>g * taps * rowC;
    let started = false;
    for (let n = g * perGroup; n < minI(batchSize(), (g + 1) * perGroup); ++n) {
      for (let first = 0; first < positions; first += block) {
        const count = minI(block, positions - first);
        gatherPatches(x + <usize>n * image, first, count, patches);
        gemmTile(
          taps, oc, count, patches, 4, <usize>taps << 2,
          dy + (<usize>n * positions + first) * rowC, rowC, 4, c, rowC, started, work,
        );
        started = true;
      }
    }
  }
}
