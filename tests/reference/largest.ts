/** The places of the `count` largest of a row, sorted. NaN is larger than any number, and of equal ones the first come first. */
function placesOf(row: Float32Array, count: number): readonly number[] {
  const isAbove = (a: number, b: number): boolean => (Number.isNaN(a) ? !Number.isNaN(b) : a > b);
  const left = new Set(row.keys());
  return Array.from({ length: count }, () => {
    let best = -1;
    for (const i of left) if (best < 0 || isAbove(row[i] ?? 0, row[best] ?? 0)) best = i;
    left.delete(best);
    return best;
  });
}

const rowsOf = (x: Float32Array, length: number): Float32Array[] =>
  Array.from({ length: x.length / length }, (_, r) => x.subarray(r * length, (r + 1) * length));

/** TopK along the last axis of [rows, length]. */
export function topK(x: Float32Array, length: number, count: number): { values: Float32Array; places: Int32Array } {
  const places = rowsOf(x, length).map((row) => placesOf(row, count));
  const values = rowsOf(x, length).flatMap((row, r) => (places[r] ?? []).map((i) => row[i] ?? 0));
  return { values: Float32Array.from(values), places: Int32Array.from(places.flat()) };
}

/** The `count` largest along the last axis in max(x, 0), or in |x| with their signs; NaN in any case; else 0. */
export function keepLargest(x: Float32Array, length: number, count: number, byMagnitude: boolean): Float32Array {
  const y = new Float32Array(x.length);
  rowsOf(x, length).forEach((row, r) => {
    const size = row.map((value) => (byMagnitude ? Math.abs(value) : Math.max(value, 0)));
    const kept = new Set(placesOf(size, count));
    row.forEach((value, i) => {
      if (kept.has(i) || Number.isNaN(value)) y[r * length + i] = byMagnitude ? value : Math.max(value, 0);
    });
  });
  return y;
}
