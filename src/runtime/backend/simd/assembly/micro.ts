// The innermost loop of a multiplication: a tile of results in registers, so that each number that is loaded is used often.

/**
 * A 4x8 tile of C: C (or 0 when `first`) plus the products of kc steps. A step of A is four floats side by side, one of B
 * eight; the steps lie `aStep` and `bStep` bytes apart.
 */
export function micro(
  kc: i32, a: usize, aStep: usize, b: usize, bStep: usize, c: usize, ldc: usize, first: bool,
): void {
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
  for (; kc > 0; --kc) {
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
 * The same for four rows of A whose steps lie side by side. A function of its own, because four addresses in place of one make
 * a multiplication a tenth slower.
 */
export function microOfRows(
  kc: i32, a: usize, a1: usize, a2: usize, a3: usize, b: usize, bStep: usize, c: usize, ldc: usize, first: bool,
): void {
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
  for (; kc > 0; --kc) {
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
