// The innermost loops of a multiplication: a tile of results stays in registers, so that each loaded number is used
// often. Adjacent vectors are loaded, computed and stored together, without branches, so that V8 can merge two of them
// into one of 256 bits.

/** Initial sums: 48 zeros, a row of the widest tile. */
export const ZEROS: usize = memory.data(192, 16);

/**
 * Computes a 4x8 tile of C: C (or 0 if `first`) plus the products of kc steps. A step of A is four adjacent floats, one
 * of B eight; steps lie `aStep` and `bStep` bytes apart.
 */
export function micro(
  kc: i32, a: usize, aStep: usize, b: usize, bStep: usize, c: usize, ldc: usize, first: bool,
): void {
  const c1 = c + ldc, c2 = c1 + ldc, c3 = c2 + ldc;
  const from = first ? ZEROS : c, row: usize = first ? 0 : ldc, from1 = from + row, from2 = from1 + row, from3 = from2 + row;
  let x0 = v128.load(from), x1 = v128.load(from, 16);
  let y0 = v128.load(from1), y1 = v128.load(from1, 16);
  let z0 = v128.load(from2), z1 = v128.load(from2, 16);
  let w0 = v128.load(from3), w1 = v128.load(from3, 16);
  // Not unrolled over k, which would make V8 spill registers. The address of A also counts the steps.
  for (const end = a + <usize>kc * aStep; a < end; ) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let s = v128.load_splat<f32>(a);
    x0 = f32x4.add(x0, f32x4.mul(s, b0)); x1 = f32x4.add(x1, f32x4.mul(s, b1));
    s = v128.load_splat<f32>(a, 4);
    y0 = f32x4.add(y0, f32x4.mul(s, b0)); y1 = f32x4.add(y1, f32x4.mul(s, b1));
    s = v128.load_splat<f32>(a, 8);
    z0 = f32x4.add(z0, f32x4.mul(s, b0)); z1 = f32x4.add(z1, f32x4.mul(s, b1));
    s = v128.load_splat<f32>(a, 12);
    w0 = f32x4.add(w0, f32x4.mul(s, b0)); w1 = f32x4.add(w1, f32x4.mul(s, b1));
    a += aStep;
    b += bStep;
  }
  v128.store(c, x0); v128.store(c, x1, 16);
  v128.store(c1, y0); v128.store(c1, y1, 16);
  v128.store(c2, z0); v128.store(c2, z1, 16);
  v128.store(c3, w0); v128.store(c3, w1, 16);
}

/**
 * Like `micro`, for four rows of A that are dense along k. A function of its own, because four addresses instead of one
 * make a multiplication a tenth slower.
 */
export function microOfRows(
  kc: i32, a: usize, a1: usize, a2: usize, a3: usize, b: usize, bStep: usize, c: usize, ldc: usize, first: bool,
): void {
  const c1 = c + ldc, c2 = c1 + ldc, c3 = c2 + ldc;
  const from = first ? ZEROS : c, row: usize = first ? 0 : ldc, from1 = from + row, from2 = from1 + row, from3 = from2 + row;
  let x0 = v128.load(from), x1 = v128.load(from, 16);
  let y0 = v128.load(from1), y1 = v128.load(from1, 16);
  let z0 = v128.load(from2), z1 = v128.load(from2, 16);
  let w0 = v128.load(from3), w1 = v128.load(from3, 16);
  for (const end = a + (<usize>kc << 2); a < end; ) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let s = v128.load_splat<f32>(a);
    x0 = f32x4.add(x0, f32x4.mul(s, b0)); x1 = f32x4.add(x1, f32x4.mul(s, b1));
    s = v128.load_splat<f32>(a1);
    y0 = f32x4.add(y0, f32x4.mul(s, b0)); y1 = f32x4.add(y1, f32x4.mul(s, b1));
    s = v128.load_splat<f32>(a2);
    z0 = f32x4.add(z0, f32x4.mul(s, b0)); z1 = f32x4.add(z1, f32x4.mul(s, b1));
    s = v128.load_splat<f32>(a3);
    w0 = f32x4.add(w0, f32x4.mul(s, b0)); w1 = f32x4.add(w1, f32x4.mul(s, b1));
    a += 4; a1 += 4; a2 += 4; a3 += 4;
    b += bStep;
  }
  v128.store(c, x0); v128.store(c, x1, 16);
  v128.store(c1, y0); v128.store(c1, y1, 16);
  v128.store(c2, z0); v128.store(c2, z1, 16);
  v128.store(c3, w0); v128.store(c3, w1, 16);
}

/**
 * Computes a 4x16 tile of C from packed A and two panels of B ([kc][8]), at b and d. The sums take eight registers with
 * 256-bit vectors; with 128-bit ones they would take sixteen, too many.
 */
export function microWide(kc: i32, a: usize, b: usize, d: usize, c: usize, ldc: usize, first: bool): void {
  const c1 = c + ldc, c2 = c1 + ldc, c3 = c2 + ldc;
  const from = first ? ZEROS : c, row: usize = first ? 0 : ldc, from1 = from + row, from2 = from1 + row, from3 = from2 + row;
  let x0 = v128.load(from), x1 = v128.load(from, 16), x2 = v128.load(from, 32), x3 = v128.load(from, 48);
  let y0 = v128.load(from1), y1 = v128.load(from1, 16), y2 = v128.load(from1, 32), y3 = v128.load(from1, 48);
  let z0 = v128.load(from2), z1 = v128.load(from2, 16), z2 = v128.load(from2, 32), z3 = v128.load(from2, 48);
  let w0 = v128.load(from3), w1 = v128.load(from3, 16), w2 = v128.load(from3, 32), w3 = v128.load(from3, 48);
  for (; kc >= 2; kc -= 2) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(d), b3 = v128.load(d, 16);
    let s = v128.load_splat<f32>(a);
    x0 = f32x4.add(x0, f32x4.mul(s, b0)); x1 = f32x4.add(x1, f32x4.mul(s, b1));
    x2 = f32x4.add(x2, f32x4.mul(s, b2)); x3 = f32x4.add(x3, f32x4.mul(s, b3));
    s = v128.load_splat<f32>(a, 4);
    y0 = f32x4.add(y0, f32x4.mul(s, b0)); y1 = f32x4.add(y1, f32x4.mul(s, b1));
    y2 = f32x4.add(y2, f32x4.mul(s, b2)); y3 = f32x4.add(y3, f32x4.mul(s, b3));
    s = v128.load_splat<f32>(a, 8);
    z0 = f32x4.add(z0, f32x4.mul(s, b0)); z1 = f32x4.add(z1, f32x4.mul(s, b1));
    z2 = f32x4.add(z2, f32x4.mul(s, b2)); z3 = f32x4.add(z3, f32x4.mul(s, b3));
    s = v128.load_splat<f32>(a, 12);
    w0 = f32x4.add(w0, f32x4.mul(s, b0)); w1 = f32x4.add(w1, f32x4.mul(s, b1));
    w2 = f32x4.add(w2, f32x4.mul(s, b2)); w3 = f32x4.add(w3, f32x4.mul(s, b3));
    const d0 = v128.load(b, 32), d1 = v128.load(b, 48), d2 = v128.load(d, 32), d3 = v128.load(d, 48);
    s = v128.load_splat<f32>(a, 16);
    x0 = f32x4.add(x0, f32x4.mul(s, d0)); x1 = f32x4.add(x1, f32x4.mul(s, d1));
    x2 = f32x4.add(x2, f32x4.mul(s, d2)); x3 = f32x4.add(x3, f32x4.mul(s, d3));
    s = v128.load_splat<f32>(a, 20);
    y0 = f32x4.add(y0, f32x4.mul(s, d0)); y1 = f32x4.add(y1, f32x4.mul(s, d1));
    y2 = f32x4.add(y2, f32x4.mul(s, d2)); y3 = f32x4.add(y3, f32x4.mul(s, d3));
    s = v128.load_splat<f32>(a, 24);
    z0 = f32x4.add(z0, f32x4.mul(s, d0)); z1 = f32x4.add(z1, f32x4.mul(s, d1));
    z2 = f32x4.add(z2, f32x4.mul(s, d2)); z3 = f32x4.add(z3, f32x4.mul(s, d3));
    s = v128.load_splat<f32>(a, 28);
    w0 = f32x4.add(w0, f32x4.mul(s, d0)); w1 = f32x4.add(w1, f32x4.mul(s, d1));
    w2 = f32x4.add(w2, f32x4.mul(s, d2)); w3 = f32x4.add(w3, f32x4.mul(s, d3));
    a += 32;
    b += 64;
    d += 64;
  }
  v128.store(c, x0); v128.store(c, x1, 16); v128.store(c, x2, 32); v128.store(c, x3, 48);
  v128.store(c1, y0); v128.store(c1, y1, 16); v128.store(c1, y2, 32); v128.store(c1, y3, 48);
  v128.store(c2, z0); v128.store(c2, z1, 16); v128.store(c2, z2, 32); v128.store(c2, z3, 48);
  v128.store(c3, w0); v128.store(c3, w1, 16); v128.store(c3, w2, 32); v128.store(c3, w3, 48);
  if (kc > 0) {
    micro(1, a, 16, b, 32, c, ldc, false);
    micro(1, a, 16, d, 32, c + 32, ldc, false);
  }
}
