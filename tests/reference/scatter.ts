/**
 * The rows of `[count, inner]` added up by segment, from +0 in ascending order of the row, each sum rounded. Rows of a
 * negative segment are left out.
 */
export function segmentSums(
  rows: Float32Array,
  segments: ArrayLike<number>,
  numberOfSegments: number,
  inner: number,
): Float32Array {
  const sums = new Float32Array(numberOfSegments * inner);
  for (let r = 0; r < segments.length; ++r) {
    const segment = segments[r] ?? -1;
    if (segment < 0) continue;
    for (let i = 0; i < inner; ++i) {
      const at = segment * inner + i;
      sums[at] = Math.fround((sums[at] ?? 0) + (rows[r * inner + i] ?? 0));
    }
  }
  return sums;
}
