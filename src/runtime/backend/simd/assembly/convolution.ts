// Convolution as matrix multiplication (im2col): the patches of a block of output positions form a matrix
// [positions, taps x channels]. Padding counts as +0.
import {
  GEOMETRY, batchSize, dilationHeight, dilationWidth, filterHeight, filterWidth, inChannels, inHeight, inWidth,
  outChannels, outHeight, outWidth, padLeft, padTop, strideHeight, strideWidth,
} from './geometry';
import { arg, argF, argP, claim, minI, threadNumber } from './job';
import { epilogue, uniformEpilogue } from './epilogue';
import { gemmTile } from './gemm';
import { Activation } from '../operations';

/**
 * Copies floats in whole vectors. This may overwrite 12 bytes after them, so patches are filled in ascending order and
 * have room at the end.
 */
@inline
function copyFloats(to: usize, from: usize, n: i32): void {
  for (const end = to + (<usize>n << 2); to < end; to += 16, from += 16) v128.store(to, v128.load(from));
}

/** Like `copyFloats`, with zeros. */
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

/** Gathers the patches of `count` output positions, from position `first` of the image at x, into rows of a matrix. */
function gatherPatches(x: usize, first: i32, count: i32, patches: usize): void {
  const h = inHeight(), w = inWidth(), c = inChannels(), ow = outWidth(), kh = filterHeight(), kw = filterWidth();
  const dh = dilationHeight(), dw = dilationWidth(), sh = strideHeight(), sw = strideWidth();
  const pt = padTop(), pl = padLeft(), pixel = <usize>c << 2, length = kw * c, along = <usize>length << 2;
  const line = <usize>w * pixel, deep = (kh - 1) * dh;
  let top = first / ow * sh - pt, column = first % ow;
  for (; count > 0; --count) {
    const left = column * sw - pl;
    if (dw == 1 && top >= 0 && top + deep < h && left >= 0 && left + kw <= w) {
      let row = x + <usize>top * line + <usize>left * pixel;
      for (let i = 0; i < kh; ++i, row += <usize>dh * line, patches += along) {
        if (length <= 4) v128.store(patches, v128.load(row));
        else copyFloats(patches, row, length);
      }
    } else patches = gatherAcrossBorder(x, top, left, patches);
    if (++column == ow) {
      column = 0;
      top += sh;
    }
  }
}

/** Gathers the patch of one position, with 0 for pixels outside the image. Returns the address after it. */
function gatherAcrossBorder(x: usize, top: i32, left: i32, patches: usize): usize {
  const h = inHeight(), w = inWidth(), c = inChannels(), kh = filterHeight(), kw = filterWidth();
  const dh = dilationHeight(), dw = dilationWidth(), pixel = <usize>c << 2;
  for (let i = 0; i < kh; ++i) {
    const y = top + i * dh, row = x + <usize>(y * w) * pixel;
    for (let j = 0; j < kw; ++j, patches += pixel) {
      const z = left + j * dw;
      if (y < 0 || y >= h || z < 0 || z >= w) zeroFloats(patches, c);
      else copyFloats(patches, row + <usize>z * pixel, c);
    }
  }
  return patches;
}

/** Gathers the patches of all output positions of consecutive images. */
function gatherImages(x: usize, images: i32, patches: usize): void {
  const positions = outHeight() * outWidth();
  const patchBytes = <usize>(positions * filterHeight() * filterWidth() * inChannels()) << 2;
  for (let i = 0; i < images; ++i, x += imageBytes(), patches += patchBytes) gatherPatches(x, 0, positions, patches);
}

@inline
function imageBytes(): usize {
  return <usize>(inHeight() * inWidth() * inChannels()) << 2;
}

/** Adds patches to the pixels they came from (col2im), in ascending order of the output position. */
function scatterPatches(x: usize, first: i32, count: i32, patches: usize): void {
  const h = inHeight(), w = inWidth(), c = inChannels(), ow = outWidth(), kh = filterHeight(), kw = filterWidth();
  const dh = dilationHeight(), dw = dilationWidth(), sh = strideHeight(), sw = strideWidth();
  const pt = padTop(), pl = padLeft(), pixel = <usize>c << 2, length = kw * c, along = <usize>length << 2;
  const line = <usize>w * pixel;
  let top = first / ow * sh - pt, column = first % ow;
  for (; count > 0; --count) {
    const left = column * sw - pl, inside = dw == 1 && left >= 0 && left + kw <= w;
    for (let i = 0, y = top; i < kh; ++i, y += dh, patches += along) {
      if (y < 0 || y >= h) continue;
      const row = x + <usize>y * line;
      if (inside) addFloats(row + <usize>left * pixel, patches, length);
      else {
        for (let j = 0; j < kw; ++j) {
          const z = left + j * dw;
          if (z >= 0 && z < w) addFloats(row + <usize>z * pixel, patches + <usize>j * pixel, c);
        }
      }
    }
    if (++column == ow) {
      column = 0;
      top += sh;
    }
  }
}

/**
 * Arguments after the geometry: X, filter [taps x channels, out channels], Y; positions per block; images per tile (if
 * several, all their positions form one block); scratch, its bytes per thread; bias, activation, alpha, prelu slopes.
 */
export function conv2d(work: usize): void {
  const x = argP(GEOMETRY), filter = argP(GEOMETRY + 1), y = argP(GEOMETRY + 2), block = arg(GEOMETRY + 3);
  const images = arg(GEOMETRY + 4), patches = argP(GEOMETRY + 5) + <usize>threadNumber(work) * argP(GEOMETRY + 6);
  const bias = argP(GEOMETRY + 7), activation = arg(GEOMETRY + 8);
  const positions = outHeight() * outWidth(), oc = outChannels(), taps = filterHeight() * filterWidth() * inChannels();
  const blocks = (positions + block - 1) / block, ldc = <usize>oc << 2;
  const tiles = images > 1 ? (batchSize() + images - 1) / images : batchSize() * blocks;
  for (let t = claim(); t < tiles; t = claim()) {
    let count: i32, c = y;
    if (images > 1) {
      const n = t * images, taken = minI(images, batchSize() - n);
      count = taken * positions;
      c += <usize>(n * positions) * ldc;
      gatherImages(x + <usize>n * imageBytes(), taken, patches);
    } else {
      const n = t / blocks, first = (t - n * blocks) * block;
      count = minI(block, positions - first);
      c += (<usize>n * positions + first) * ldc;
      gatherPatches(x + <usize>n * imageBytes(), first, count, patches);
    }
    gemmTile(count, oc, taps, patches, <usize>taps << 2, 4, filter, ldc, 4, c, ldc, false, work, false);
    if (bias != 0 || activation != 0) {
      const slopes = argP(GEOMETRY + 10), alpha = argF(GEOMETRY + 9);
      if (oc == 1 && activation != Activation.Prelu) uniformEpilogue(c, count, bias, activation, alpha);
      else epilogue(c, count, oc, ldc, bias, activation, alpha, slopes);
    }
  }
}

/**
 * Arguments after the geometry: dY, filter, dX; positions per block, images per tile; scratch, its bytes per thread;
 * bias, activation and alpha for dX, used by transposed convolutions.
 */
export function conv2dInputGradient(work: usize): void {
  const dy = argP(GEOMETRY), filter = argP(GEOMETRY + 1), dx = argP(GEOMETRY + 2), block = arg(GEOMETRY + 3);
  const images = arg(GEOMETRY + 4), patches = argP(GEOMETRY + 5) + <usize>threadNumber(work) * argP(GEOMETRY + 6);
  const positions = outHeight() * outWidth(), oc = outChannels(), taps = filterHeight() * filterWidth() * inChannels();
  const rowC = <usize>oc << 2, rowP = <usize>taps << 2, tiles = (batchSize() + images - 1) / images;
  const bias = argP(GEOMETRY + 7), activation = arg(GEOMETRY + 8);
  for (let t = claim(); t < tiles; t = claim()) {
    const n = t * images, taken = minI(images, batchSize() - n);
    let target = dx + <usize>n * imageBytes();
    memory.fill(target, 0, <usize>taken * imageBytes());
    for (let first = 0; first < positions; first += block) {
      const count = minI(block, positions - first), rows = taken * count;
      gemmTile(
        rows, taps, oc, dy + (<usize>n * positions + first) * rowC, rowC, 4, filter, 4, rowC, patches, rowP, false, work,
        false,
      );
      for (let i = 0; i < taken; ++i) {
        scatterPatches(target + <usize>i * imageBytes(), first, count, patches + <usize>(i * count) * rowP);
      }
    }
    if (bias != 0 || activation != 0) {
      for (let i = 0; i < taken; ++i, target += imageBytes()) {
        pixelEpilogue(target, bias, activation, argF(GEOMETRY + 9));
      }
    }
  }
}

/** Applies bias and activation to all pixels of an image. */
function pixelEpilogue(image: usize, bias: usize, activation: i32, alpha: f32): void {
  const pixels = inHeight() * inWidth(), c = inChannels();
  if (c != 1) epilogue(image, pixels, c, <usize>c << 2, bias, activation, alpha, 0);
  else uniformEpilogue(image, pixels, bias, activation, alpha);
}

/**
 * Arguments after the geometry: X, dY, partial filters [groups, taps x channels, out channels]; positions per block,
 * images taken at once; scratch, its bytes per thread; images per group. A group adds up its images and their positions
 * in ascending order.
 */
export function conv2dFilterGradient(work: usize): void {
  const x = argP(GEOMETRY), dy = argP(GEOMETRY + 1), partial = argP(GEOMETRY + 2), block = arg(GEOMETRY + 3);
  const images = arg(GEOMETRY + 4), patches = argP(GEOMETRY + 5) + <usize>threadNumber(work) * argP(GEOMETRY + 6);
  const perGroup = arg(GEOMETRY + 7);
  const positions = outHeight() * outWidth(), oc = outChannels(), taps = filterHeight() * filterWidth() * inChannels();
  const rowC = <usize>oc << 2, rowP = <usize>taps << 2, groups = (batchSize() + perGroup - 1) / perGroup;
  for (let g = claim(); g < groups; g = claim()) {
    const c = partial + <usize>g * taps * rowC, end = minI(batchSize(), (g + 1) * perGroup);
    let started = false;
    for (let n = g * perGroup; n < end; n += images) {
      const taken = minI(images, end - n);
      for (let first = 0; first < positions; first += block) {
        const count = minI(block, positions - first);
        const row = dy + (<usize>n * positions + first) * rowC;
        if (taken > 1) gatherImages(x + <usize>n * imageBytes(), taken, patches);
        else gatherPatches(x + <usize>n * imageBytes(), first, count, patches);
        gemmTile(taps, oc, taken * count, patches, 4, rowP, row, rowC, 4, c, rowC, started, work, false);
        started = true;
      }
    }
  }
}
