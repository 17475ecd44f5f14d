/**
 * Masking noise (Vincent et al. 2008): x ← 0 where the uniform number of the same index is below p rounded to float32.
 * In place, on what the network sees: after `normalize`, 0 is the mean, not black.
 */
export function masking(values: Float32Array | Float64Array, uniforms: Float32Array, p: number): void {
  const probability = Math.fround(p);
  for (let i = 0; i < values.length; i++) {
    if ((uniforms[i] ?? 1) < probability) values[i] = 0;
  }
}
