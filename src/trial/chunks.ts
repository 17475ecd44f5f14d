import { wantedOf } from '../compiler/ir/experiment.js';
import { elementCount } from '../compiler/ir/shape.js';
import type { WordValue } from '../compiler/ir/value.js';
import type { LoadedData } from '../runtime/datasets/load.js';
import type { Split } from '../runtime/datasets/split.js';
import type { ScoredExamples } from '../runtime/evaluation/anomaly.js';
import type { HostBatch, PartName } from '../runtime/training/examples.js';
import { examplesOf } from '../runtime/training/examples-of-data.js';
import type { WeightValues } from '../runtime/training/initial-weights.js';
import { scheduleEnd } from '../runtime/training/stage-settings.js';
import type { TrainedLibrary } from '../runtime/training/trained-words.js';
import { type Model, matrixOf } from './model.js';

/** A trained model with the data that it was trained on. */
export interface ModelWithData {
  readonly model: Model;
  readonly weights: WeightValues;
  readonly data: Split & Pick<LoadedData, 'dataset'>;
  readonly seed: number;
  readonly library: TrainedLibrary;
}

/** Most examples to process at once, and most values: several copies of them are needed. */
const mostExamples = 1000;
const mostValues = 2 ** 26;

/**
 * The examples of a part in chunks, as all of them may not fit in memory. They are as the network sees them, with the
 * crops and random numbers of every evaluation.
 * @param most uses only this many of the first examples; null: all
 */
export function* portionsOf(
  part: PartName,
  { model: { experiment }, data, seed, library, weights }: ModelWithData,
  {
    corruptions = [],
    most = null,
  }: { readonly corruptions?: readonly WordValue[]; readonly most?: number | null } = {},
): Generator<HostBatch> {
  const examples = examplesOf({ ...experiment, corruptions }, data, seed, library, weights);
  const count = Math.min(most ?? Number.POSITIVE_INFINITY, examples.count(part));
  const time = scheduleEnd(experiment);
  const chunk = portionSize(Math.max(elementCount(experiment.data.shape), elementCount(wantedOf(experiment).shape)));
  for (let first = 0; first < count; first += chunk) {
    yield examples.evaluationBatch(part, first, Math.min(chunk, count - first), time);
  }
}

/**
 * What the decoder should give for the clean examples of a part, and what it gives, in the network's units, in chunks.
 */
export function* reconstructionsOf(part: PartName, measured: ModelWithData): Generator<ScoredExamples> {
  const { model } = measured;
  const shape = model.outputShape;
  for (const batch of portionsOf(part, measured)) {
    const { count, clean, target, uncut } = batch;
    // What a transform cuts off is an error too.
    yield {
      seen: matrixOf({ shape, count, values: uncut ?? target }),
      rebuilt: matrixOf(model.reconstructScaled(clean, batch)),
    };
  }
}

/** Number of examples of a size to process at once: a multiple of four, because some sums take four at a time. */
export function portionSize(values: number): number {
  return Math.max(4, Math.min(mostExamples, Math.floor(mostValues / values / 4) * 4));
}
