/** x ← low + (high - low) x in float32: the difference once, then a product and a sum for each value. In place. */
export function scale(values: Float32Array, low: number, high: number): void {
  const start = Math.fround(low);
  const span = Math.fround(Math.fround(high) - start);
  for (let i = 0; i < values.length; i++) {
    values[i] = start + Math.fround(span * (values[i] ?? 0));
  }
}
