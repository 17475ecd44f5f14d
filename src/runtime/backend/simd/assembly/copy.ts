// Casts, fills, ramps, and the strided copy behind slice, transpose, concat, pad, tile, reverse and broadcast.
import { arg, argF, argP, claim, JOB, minI } from './job';
import { maskBytes, rowOffset, widenBytes } from './rows';
import { Element } from '../operations';

const TILE_ELEMENTS: i32 = 8192;

/** Arguments: element from, element to, n, X, Y. */
export function cast(): void {
  const from = arg(0), to = arg(1), n = arg(2), x = argP(3), y = argP(4);
  const zero = i32x4.splat(0);
  for (let t = claim() * TILE_ELEMENTS; t < n; t = claim() * TILE_ELEMENTS) {
    const end = minI(n, t + TILE_ELEMENTS);
    for (let i = t; i < end; i += 4) {
      const p = <usize>i << 2;
      const v = from == Element.Bool ? widenBytes(x + <usize>i) : v128.load(x + p);
      if (to == Element.Bool) {
        store<u32>(y + <usize>i, maskBytes(from == Element.Float32 ? f32x4.ne(v, zero) : i32x4.ne(v, zero)));
      } else if (to == Element.Float32) {
        v128.store(y + p, f32x4.convert_i32x4_s(v));
      } else {
        v128.store(y + p, from == Element.Float32 ? i32x4.trunc_sat_f32x4_s(v) : v);
      }
    }
  }
}

/** Arguments: element bytes (4 or 1), n, Y, the element's bits. */
export function fill(): void {
  const size = arg(0), n = arg(1), y = argP(2), bits = arg(3);
  const v = size == 4 ? i32x4.splat(bits) : i8x16.splat(<i8>bits);
  const bytes = <usize>n * size;
  for (let t = <usize>claim() << 15; t < bytes; t = <usize>claim() << 15) {
    const end = t + 32768 < bytes ? t + 32768 : bytes;
    for (let p = t; p < end; p += 16) v128.store(y + p, v);
  }
}

/** Arguments: n, first, step (float32 bits or int32), Y, element: Y[i] = first + i * step, rounded twice. */
export function ramp(): void {
  const n = arg(0), y = argP(3);
  for (let i = claim(); i < 1; i = claim()) {
    if (arg(4) == Element.Float32) for (let j = 0; j < n; ++j) store<f32>(y + (<usize>j << 2), argF(1) + <f32>j * argF(2));
    else for (let j = 0; j < n; ++j) store<i32>(y + (<usize>j << 2), arg(1) + j * arg(2));
  }
}

/** Transposes four rows of four elements. */
@inline
function transpose4(s: usize, sStep: usize, d: usize, dStep: usize): void {
  const r0 = v128.load(s), r1 = v128.load(s + sStep), r2 = v128.load(s + 2 * sStep), r3 = v128.load(s + 3 * sStep);
  const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), t1 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const t2 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(d, v128.shuffle<f32>(t0, t2, 0, 1, 4, 5));
  v128.store(d + dStep, v128.shuffle<f32>(t0, t2, 2, 3, 6, 7));
  v128.store(d + 2 * dStep, v128.shuffle<f32>(t1, t3, 0, 1, 4, 5));
  v128.store(d + 3 * dStep, v128.shuffle<f32>(t1, t3, 2, 3, 6, 7));
}

/** Transposes a plane: `rows` x `n` elements of 4 bytes in y. Steps are in bytes; x is dense along rows, y along n. */
function transposePlane(x: usize, xStep: usize, y: usize, yStep: usize, rows: i32, n: i32): void {
  let r = 0;
  for (; r + 4 <= rows; r += 4) {
    const s = x + (<usize>r << 2), d = y + <usize>r * yStep;
    let i = 0;
    for (; i + 4 <= n; i += 4) transpose4(s + <usize>i * xStep, xStep, d + (<usize>i << 2), yStep);
    for (; i < n; ++i) {
      for (let q = 0; q < 4; ++q) {
        store<u32>(d + <usize>q * yStep + (<usize>i << 2), load<u32>(s + <usize>i * xStep + (<usize>q << 2)));
      }
    }
  }
  for (; r < rows; ++r) {
    const s = x + (<usize>r << 2), d = y + <usize>r * yStep;
    for (let i = 0; i < n; ++i) store<u32>(d + (<usize>i << 2), load<u32>(s + <usize>i * xStep));
  }
}

@inline
function copyRow<T>(x: usize, xStep: usize, y: usize, yStep: usize, n: i32): void {
  if (xStep == sizeof<T>() && yStep == sizeof<T>()) {
    const bytes = <usize>n * sizeof<T>();
    if (bytes >= 64) memory.copy(y, x, bytes);
    else for (const end = y + bytes; y < end; x += sizeof<T>(), y += sizeof<T>()) store<T>(y, load<T>(x));
  } else {
    for (let i = 0; i < n; ++i, x += xStep, y += yStep) store<T>(y, load<T>(x));
  }
}

/**
 * Arguments: element bytes; X, Y; elements of a row, X's and Y's byte strides along it; number of rows; whether the
 * innermost outer axis and the row form transposed planes; number of outer axes, their sizes, X's strides, Y's strides.
 */
export function copy(): void {
  const size = arg(0), x = argP(1), y = argP(2), n = arg(3), xStep = argP(4), yStep = argP(5), rows = arg(6);
  const planes = arg(7) != 0, rank = arg(8);
  const dims = JOB + 40, xStrides = dims + (<usize>rank << 2), yStrides = xStrides + (<usize>rank << 2);
  if (planes) {
    // Planes are cut into strips of rows, so that several threads can share one.
    const last = <usize>(rank - 1) << 2;
    const planeRows = load<i32>(dims + last), yRow = load<usize>(yStrides + last);
    const strips = (planeRows + 15) / 16, tiles = (rows / planeRows) * strips;
    for (let t = claim(); t < tiles; t = claim()) {
      const plane = t / strips, r = (t - plane * strips) * 16;
      transposePlane(
        x + rowOffset(plane, rank - 1, dims, xStrides) + (<usize>r << 2), xStep,
        y + rowOffset(plane, rank - 1, dims, yStrides) + <usize>r * yRow, yRow,
        minI(16, planeRows - r), n,
      );
    }
    return;
  }
  const perTile = n >= TILE_ELEMENTS ? 1 : TILE_ELEMENTS / n;
  for (let t = claim() * perTile; t < rows; t = claim() * perTile) {
    const end = minI(rows, t + perTile);
    for (let r = t; r < end; ++r) {
      const s = x + rowOffset(r, rank, dims, xStrides), d = y + rowOffset(r, rank, dims, yStrides);
      if (size == 4) copyRow<u32>(s, xStep, d, yStep, n);
      else copyRow<u8>(s, xStep, d, yStep, n);
    }
  }
}
