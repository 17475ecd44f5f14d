/** Elements of a block of a sum along the last axis. */
const BLOCK = 4096;

/** The float64 sum of at most a block: eight lanes of every eighth element, then a tree. */
function blockSum(x: ArrayLike<number>, first: number, count: number): number {
  const lanes = new Float64Array(8);
  for (let i = 0; i < count; ++i) lanes[i % 8] = (lanes[i % 8] ?? 0) + (x[first + i] ?? 0);
  const [l0 = 0, l1 = 0, l2 = 0, l3 = 0, l4 = 0, l5 = 0, l6 = 0, l7 = 0] = lanes;
  return l0 + l4 + (l2 + l6) + (l1 + l5 + (l3 + l7));
}

/** The float64 sum of `count` neighbouring elements: blocks in ascending order. */
export function rowSum(x: ArrayLike<number>, first: number, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i += BLOCK) sum += blockSum(x, first + i, Math.min(BLOCK, count - i));
  return sum;
}

/** The float32 sums of [outer, length, inner] over the middle axis. */
export function sum(x: Float32Array, outer: number, length: number, inner: number): Float32Array {
  const y = new Float32Array(outer * inner);
  for (let o = 0; o < outer; ++o) {
    for (let i = 0; i < inner; ++i) {
      if (inner === 1) {
        y[o] = rowSum(x, o * length, length);
        continue;
      }
      let total = 0;
      for (let l = 0; l < length; ++l) total += x[(o * length + l) * inner + i] ?? 0;
      y[o * inner + i] = total;
    }
  }
  return y;
}

/** The sums, rounded, divided by the length, rounded. */
export function mean(x: Float32Array, outer: number, length: number, inner: number): Float32Array {
  return sum(x, outer, length, inner).map((total) => total / length);
}
