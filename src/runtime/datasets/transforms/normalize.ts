/** x ← (x - mean) / std in float32: a subtraction and a division, of the numbers rounded to float32. In place. */
export function normalize(values: Float32Array, mean: number, std: number): void {
  const subtrahend = Math.fround(mean);
  const divisor = Math.fround(std);
  for (let i = 0; i < values.length; i++) {
    values[i] = Math.fround((values[i] ?? 0) - subtrahend) / divisor;
  }
}
