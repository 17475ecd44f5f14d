/**
 * Writes the four values of one block at `at`, clipped to `out`: the first and the last block of a fill may extend
 * beyond it.
 */
export function storeBlock(out: Float32Array, at: number, a: number, b: number, c: number, d: number): void {
  const length = out.length;
  if (at >= 0 && at + 4 <= length) {
    out[at] = a;
    out[at + 1] = b;
    out[at + 2] = c;
    out[at + 3] = d;
    return;
  }
  if (at >= 0 && at < length) out[at] = a;
  if (at + 1 >= 0 && at + 1 < length) out[at + 1] = b;
  if (at + 2 >= 0 && at + 2 < length) out[at + 2] = c;
  if (at + 3 >= 0 && at + 3 < length) out[at + 3] = d;
}
