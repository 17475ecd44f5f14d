/** op(A) op(B): `[m, k]` times `[k, n]`; a transposed operand is stored as `[k, m]` or `[n, k]`. */
export interface Product {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Every element is the sum, from +0 and in ascending k, of the products, each product and each sum rounded. */
export function matmul(a: Float32Array, b: Float32Array, { m, k, n, transposeA, transposeB }: Product): Float32Array {
  const c = new Float32Array(m * n);
  for (let i = 0; i < m; ++i) {
    for (let j = 0; j < n; ++j) {
      let sum = 0;
      for (let p = 0; p < k; ++p) {
        const left = a[transposeA ? p * m + i : i * k + p] ?? 0;
        const right = b[transposeB ? j * k + p : p * n + j] ?? 0;
        sum = Math.fround(sum + Math.fround(left * right));
      }
      c[i * n + j] = sum;
    }
  }
  return c;
}
