import type { DrawnPart, WorldSpec } from './synth/spec.js';
import { worldOf } from './synth/world.js';

/** Examples that are drawn whenever they are needed. Plain values, so that threads can share them. */
export interface DrawnRows {
  readonly world: WorldSpec;
  readonly part: DrawnPart;
}

/** Draws examples into `out`, one after the other. */
export function drawExamples({ world, part }: DrawnRows, indices: Uint32Array, out: Float32Array | Float64Array): void {
  const { dim } = world;
  if (out.length !== indices.length * dim) throw new RangeError(`${indices.length} rows of ${dim} in ${out.length}`);
  const drawer = worldOf(world).examples(part);
  for (const [row, index] of indices.entries()) drawer.draw(index, out.subarray(row * dim, (row + 1) * dim));
}

/** The values of all features of a world for some examples, 0 where a feature doesn't fire: `[examples, features]`. */
export function drawActivations({ world, part }: DrawnRows, indices: Uint32Array): Float32Array {
  const values = new Float32Array(indices.length * world.features);
  const drawer = worldOf(world).examples(part);
  for (const [row, index] of indices.entries()) {
    const { features, values: own } = drawer.active(index);
    for (const [i, feature] of features.entries()) values[row * world.features + feature] = own[i] ?? 0;
  }
  return values;
}
