/**
 * Gaussian noise: x ← x + sigma n, n the standard normal number of the same index, in float32: sigma rounded, then a
 * product and a sum. In place, raw units; nothing is cut off at 0 or 1.
 */
export function gaussian(values: Float32Array | Float64Array, normals: Float32Array, sigma: number): void {
  const deviation = Math.fround(sigma);
  for (let i = 0; i < values.length; i++) {
    values[i] = (values[i] ?? 0) + Math.fround(deviation * (normals[i] ?? 0));
  }
}
