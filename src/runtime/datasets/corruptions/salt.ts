/** White noise: x ← 1 where the uniform number of the same index is below p rounded to float32. In place, raw units. */
export function salt(values: Float32Array | Float64Array, uniforms: Float32Array, p: number): void {
  const probability = Math.fround(p);
  for (let i = 0; i < values.length; i++) {
    if ((uniforms[i] ?? 1) < probability) values[i] = 1;
  }
}
