/**
 * White and black noise, both equally likely: x ← 0 where the uniform number of the same index is below half of p
 * (rounded to float32), x ← 1 where it is below p but not below its half. In place, raw units.
 */
export function saltAndPepper(values: Float32Array | Float64Array, uniforms: Float32Array, p: number): void {
  const probability = Math.fround(p);
  const half = Math.fround(probability / 2);
  for (let i = 0; i < values.length; i++) {
    const u = uniforms[i] ?? 1;
    if (u < probability) values[i] = u < half ? 0 : 1;
  }
}
