/** The difference of two tensors of one shape. */
export interface TensorDifference {
  readonly elements: number;
  /** How many differ. All NaN are equal. */
  readonly differing: number;
  /** Largest distance in units of the last place; infinite for NaN against a number. */
  readonly mostUlps: number;
  /** The first that differs, with both values; null if none does. */
  readonly first: { readonly index: number; readonly left: number; readonly right: number } | null;
}

/** @throws RangeError for tensors of different sizes */
export function tensorDifference(left: Float32Array, right: Float32Array): TensorDifference {
  if (left.length !== right.length) throw new RangeError(`${left.length} values against ${right.length}`);
  let [differing, mostUlps] = [0, 0];
  let first: TensorDifference['first'] = null;
  for (let i = 0; i < left.length; i++) {
    const [a = Number.NaN, b = Number.NaN] = [left[i], right[i]];
    if (Object.is(a, b)) continue;
    differing++;
    mostUlps = Math.max(mostUlps, ulpsBetween(a, b));
    first ??= { index: i, left: a, right: b };
  }
  return { elements: left.length, differing, mostUlps, first };
}

/** The distance of two float32 values in their order, in which +0 follows -0. */
export function ulpsBetween(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b) ? 0 : Number.POSITIVE_INFINITY;
  return Math.abs(rank(a) - rank(b));
}

/** The rank of a value among all float32 values. */
function rank(x: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, x);
  const bits = view.getUint32(0);
  const magnitude = bits & 0x7fffffff;
  return bits >>> 31 === 1 ? -magnitude - 1 : magnitude;
}
