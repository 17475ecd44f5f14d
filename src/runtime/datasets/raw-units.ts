import { isPixelTransform, type Transform } from './transform.js';

/**
 * raw = gain · seen + shift: the raw value of what the network sees. Both have one number for each value of an example,
 * or a single one for all of them.
 */
export interface RawUnits {
  readonly gain: Float64Array;
  readonly shift: Float64Array;
}

/** Identity map: leaves values unchanged. */
export const itself: RawUnits = { gain: Float64Array.of(1), shift: Float64Array.of(0) };

/**
 * The map from network input back to raw values, for pictures and for errors in raw units: pixels in [0, 1], and all
 * other numbers in their original units. Values made raw by a transform, as by `binarize`, are raw themselves; clipped
 * values, as by `min_max`, stay clipped.
 */
export function rawUnits(transforms: readonly Transform[]): RawUnits {
  return transforms.reduce((raw, transform) => {
    if (isPixelTransform(transform)) return raw;
    const { makesRaw, change } = transform;
    return makesRaw ? itself : after(raw, change.undo);
  }, itself);
}

/** Converts to raw values, in a new array. @param seen example after example */
export function toRaw(seen: Float32Array, units: RawUnits): Float32Array {
  const { gain, shift } = units;
  if (gain.length === 1 && shift.length === 1 && gain[0] === 1 && shift[0] === 0) return seen.slice();
  return undoneInto(new Float32Array(seen.length), seen, units);
}

/** Like {@link toRaw}, without rounding to float32, which has too few bits (24) for Unix timestamps. */
export function toRawInDouble(seen: Float32Array, units: RawUnits): Float64Array {
  return undoneInto(new Float64Array(seen.length), seen, units);
}

function undoneInto<T extends Float32Array | Float64Array>(raw: T, seen: Float32Array, { gain, shift }: RawUnits): T {
  const [factor = 1, added = 0] = [gain[0], shift[0]];
  if (gain.length === 1 && shift.length === 1) {
    for (let i = 0; i < seen.length; i++) raw[i] = factor * (seen[i] ?? 0) + added;
    return raw;
  }
  for (let i = 0; i < seen.length; i++) {
    raw[i] = (gain[i % gain.length] ?? 1) * (seen[i] ?? 0) + (shift[i % shift.length] ?? 0);
  }
  return raw;
}

/** raw = a.gain (gain seen + shift) + a.shift */
function after(a: RawUnits, { gain, shift }: RawUnits): RawUnits {
  const length = Math.max(a.gain.length, gain.length);
  const outer = (i: number): number => a.gain[i % a.gain.length] ?? 1;
  return {
    gain: Float64Array.from({ length }, (_, i) => outer(i) * (gain[i % gain.length] ?? 1)),
    shift: Float64Array.from(
      { length },
      (_, i) => outer(i) * (shift[i % shift.length] ?? 0) + (a.shift[i % a.shift.length] ?? 0),
    ),
  };
}
