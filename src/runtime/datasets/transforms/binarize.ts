/** x ← 1 where x is at least the threshold rounded to float32, else 0. In place. */
export function binarize(values: Float32Array, threshold: number): void {
  const least = Math.fround(threshold);
  for (let i = 0; i < values.length; i++) {
    values[i] = (values[i] ?? 0) >= least ? 1 : 0;
  }
}

/** x ← 1 with probability x, else 0: 1 where the uniform number of the same index is below x. In place. */
export function binarizeStochastically(values: Float32Array | Float64Array, uniforms: Float32Array): void {
  for (let i = 0; i < values.length; i++) {
    values[i] = (uniforms[i] ?? 1) < (values[i] ?? 0) ? 1 : 0;
  }
}
