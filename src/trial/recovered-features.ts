import { codeReference } from '../compiler/ir/experiment.js';
import type { Dataset } from '../runtime/datasets/dataset.js';
import { drawActivations } from '../runtime/datasets/drawn-rows.js';
import type { Split } from '../runtime/datasets/split.js';
import { areDrawn, areInMemory } from '../runtime/datasets/stored-rows.js';
import { worldOf } from '../runtime/datasets/synth/world.js';
import type { Matrix } from '../runtime/evaluation/matrix.js';
import type { GroundTruth } from '../runtime/evaluation/measure.js';
import type { Work } from '../runtime/evaluation/work.js';
import { portionSize } from './chunks.js';
import type { Model } from './model.js';

/**
 * The direction of each unit: a linear decoder's output for the unit alone at 1, less that for none. So it is the same
 * whatever weights are tied, shared or subtracted, and in raw units.
 */
export function* directionsOf(model: Model): Work<Matrix> {
  const units = model.sizeOf(codeReference(model.experiment));
  const { values: none } = model.decode(new Float32Array(units));
  const columns = none.length;
  const values = new Float32Array(units * columns);
  const atOnce = portionSize(units);
  for (let first = 0; first < units; first += atOnce) {
    const count = Math.min(atOnce, units - first);
    const codes = new Float32Array(count * units);
    for (let i = 0; i < count; i++) codes[i * units + first + i] = 1;
    const { values: given } = model.decode(codes);
    for (const [i, value] of given.entries()) values[first * columns + i] = value - (none[i % columns] ?? 0);
    yield (first + count) / units;
  }
  return { values, rows: units, columns };
}

/** The features that examples were made of; null for data without any that are known. */
export function truthOf({ dataset, ...split }: Split & { readonly dataset: Dataset }): GroundTruth | null {
  const { truth } = dataset;
  if (truth === undefined) return null;
  return {
    directions: { values: worldOf(truth).directions, rows: truth.features, columns: truth.dim },
    activations(part, first, count) {
      const { part: stored, indices } = split[part];
      if (areInMemory(stored.values) || !areDrawn(stored.values)) throw new RangeError('examples that were not drawn');
      const values = drawActivations(stored.values, indices.subarray(first, first + count));
      return { values, rows: count, columns: truth.features };
    },
  };
}
