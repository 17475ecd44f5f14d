// C = op(A) op(B): every element is the sum, in ascending k, of the rounded products, starting from +0.
// A block of k adds to the C that the block before it stored, which keeps that order.
import { evenBlock, maxI, minI, PANELS } from './job';
import { packPanel8, packPanels4 } from './pack';
import { copyFew } from './rows';

/** The longest block of k: a panel of B (KC x 8 floats) stays in the first-level cache. */
const KC: i32 = 320;
/** Elements of A packed at a time: they stay in the second-level cache. */
const PACKED: i32 = 40960;
/** Shorter blocks than this have as many rows as one of this length. */
const LEAST_BLOCK: i32 = 64;

/** A 4x8 tile of C from packed panels: C (or 0 when `first`) plus the products of kc steps. */
function micro(kc: i32, a: usize, b: usize, c: usize, ldc: usize, first: bool): void {
  const c1 = c + ldc, c2 = c1 + ldc, c3 = c2 + ldc;
  let x0: v128, x1: v128, y0: v128, y1: v128, z0: v128, z1: v128, w0: v128, w1: v128;
  if (first) {
    x0 = x1 = y0 = y1 = z0 = z1 = w0 = w1 = f32x4.splat(0);
  } else {
    x0 = v128.load(c); x1 = v128.load(c, 16);
    y0 = v128.load(c1); y1 = v128.load(c1, 16);
    z0 = v128.load(c2); z1 = v128.load(c2, 16);
    w0 = v128.load(c3); w1 = v128.load(c3, 16);
  }
  // Not unrolled over k: unrolling makes V8 spill registers.
  const end = a + (<usize>kc << 4);
  while (a < end) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let s = v128.load_splat<f32>(a);
    x0 = f32x4.add(x0, f32x4.mul(s, b0)); x1 = f32x4.add(x1, f32x4.mul(s, b1));
    s = v128.load_splat<f32>(a, 4);
    y0 = f32x4.add(y0, f32x4.mul(s, b0)); y1 = f32x4.add(y1, f32x4.mul(s, b1));
    s = v128.load_splat<f32>(a, 8);
    z0 = f32x4.add(z0, f32x4.mul(s, b0)); z1 = f32x4.add(z1, f32x4.mul(s, b1));
    s = v128.load_splat<f32>(a, 12);
    w0 = f32x4.add(w0, f32x4.mul(s, b0)); w1 = f32x4.add(w1, f32x4.mul(s, b1));
    a += 16;
    b += 32;
  }
  v128.store(c, x0); v128.store(c, x1, 16);
  v128.store(c1, y0); v128.store(c1, y1, 16);
  v128.store(c2, z0); v128.store(c2, z1, 16);
  v128.store(c3, w0); v128.store(c3, w1, 16);
}

/** A tile at the border of C: computed in scratch, only `rows` x `cols` of it belongs to C. */
function microEdge(
  kc: i32, a: usize, b: usize, c: usize, ldc: usize, first: bool, rows: i32, cols: i32, scratch: usize,
): void {
  if (!first) for (let r = 0; r < rows; ++r) copyFew(scratch + (<usize>r << 5), c + <usize>r * ldc, cols);
  micro(kc, a, b, scratch, 32, first);
  for (let r = 0; r < rows; ++r) copyFew(c + <usize>r * ldc, scratch + (<usize>r << 5), cols);
}

/**
 * The m x n block of C at `c` (rows `ldc` bytes apart) from A at `a` and B at `b`, whose strides are in bytes.
 * `accumulate`: start from what C holds instead of 0. `work` is the calling thread's own workspace: it
 * holds packed A, one panel of B and a scratch tile.
 */
export function gemmTile(
  m: i32, n: i32, k: i32,
  a: usize, aRow: usize, aK: usize,
  b: usize, bK: usize, bCol: usize,
  c: usize, ldc: usize, accumulate: bool, work: usize,
): void {
  work += PANELS;
  const packedB = work + (<usize>PACKED << 2);
  const scratch = packedB + (<usize>KC << 5);
  const step = evenBlock(k, KC), most = PACKED / maxI(step, LEAST_BLOCK) & ~3;
  for (let i0 = 0; i0 < m; i0 += most) {
    const mc = minI(most, m - i0);
    for (let k0 = 0; k0 < k; k0 += step) {
      const kc = minI(step, k - k0), first = k0 == 0 && !accumulate;
      const panelA = <usize>kc << 4;
      packPanels4(work, a + <usize>i0 * aRow + <usize>k0 * aK, mc, kc, aRow, aK);
      for (let j = 0; j < n; j += 8) {
        const cols = minI(8, n - j);
        packPanel8(packedB, b + <usize>k0 * bK + <usize>j * bCol, cols, kc, bCol, bK);
        let p = work;
        let q = c + <usize>i0 * ldc + (<usize>j << 2);
        for (let i = 0; i < mc; i += 4) {
          const rows = minI(4, mc - i);
          if (rows == 4 && cols == 8) micro(kc, p, packedB, q, ldc, first);
          else microEdge(kc, p, packedB, q, ldc, first, rows, cols, scratch);
          p += panelA;
          q += ldc << 2;
        }
      }
    }
  }
  if (k == 0 && !accumulate) for (let i = 0; i < m; ++i) memory.fill(c + <usize>i * ldc, 0, <usize>n << 2);
}
