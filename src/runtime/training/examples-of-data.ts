import type { ExperimentIr } from '../../compiler/ir/experiment.js';
import { describeShape, elementCount, sameShape } from '../../compiler/ir/shape.js';
import type { ScheduleTime } from '../../compiler/library/word.js';
import { type BatchMaker, batchMaker } from '../datasets/batch.js';
import { type ByteBatches, byteBatches } from '../datasets/byte-batches.js';
import { labelsAt } from '../datasets/class-labels.js';
import { corruptionPurpose } from '../datasets/corruption.js';
import type { Part } from '../datasets/dataset.js';
import { fitTransforms, keptTransforms, statisticsOf } from '../datasets/fit.js';
import { rawUnits } from '../datasets/raw-units.js';
import type { Examples as ChosenExamples, Split } from '../datasets/split.js';
import { isPixelTransform, type Transform } from '../datasets/transform.js';
import type { BatchPosition } from '../datasets/windows.js';
import { stream } from '../random/stream.js';
import { backendStream } from './backend-stream.js';
import { ConditionValues } from './condition-values.js';
import { corruptionAt, kernelCorruptionAt } from './corruption.js';
import { transformOf } from './data-words.js';
import type { ByteExamples, Conditions, Examples, HostBatch } from './examples.js';
import type { WeightValues } from './initial-weights.js';
import type { TrainedLibrary } from './trained-words.js';

/**
 * Prepares the examples of a split data set as an experiment's network sees them.
 * @param kept weights that include the statistics of the network's training data; null to fit them to this training
 *   part
 * @throws RangeError if the data isn't what the experiment was compiled for, or a statistic is missing
 */
export function examplesOf(
  experiment: Pick<ExperimentIr, 'data' | 'corruptions'>,
  data: Split,
  seed: number,
  library: TrainedLibrary,
  kept: WeightValues | null = null,
): Examples {
  const { transforms: words, storedShape, shape } = experiment.data;
  const requests = words.map((word) => transformOf(word, library));
  const transforms =
    kept === null
      ? fitTransforms(storedShape, requests, data.train)
      : keptTransforms(requests, kept, elementCount(shape));
  const trained = batchMaker(storedShape, transforms, seed);
  const evaluated = batchMaker(storedShape, transforms, 'evaluation', backendStream);
  if (!sameShape(trained.shape, shape)) {
    throw new RangeError(`the transforms give ${describeShape(trained.shape)}, not ${describeShape(shape)}`);
  }
  const uncut = transforms.some(cutsOff)
    ? batchMaker(storedShape, transforms.map(withoutCut), 'evaluation', backendStream)
    : null;
  const corruptions = experiment.corruptions.map((word) => corruptionAt(word, library));
  const columns =
    experiment.data.conditions.length === 0 ? null : new ConditionValues(experiment.data, kept ?? data.train, library);
  const conditionsOf = (part: Part, stored: Uint32Array): Conditions => ({
    classes: part.labels && labelsAt(part.labels, stored),
    columns: columns?.of(part, stored) ?? null,
  });
  const make = (
    maker: BatchMaker,
    { part, indices }: ChosenExamples,
    wanted: Uint32Array,
    at: BatchPosition,
    time: ScheduleTime,
  ): HostBatch => {
    const stored = wanted.map((index) => indices[index] ?? 0);
    const given = conditionsOf(part, stored);
    const target = new Float32Array(stored.length * maker.size);
    if (corruptions.length === 0) {
      maker.fill(part, stored, at, target);
      return { count: stored.length, input: target, target, ...given };
    }
    const input = new Float32Array(target.length);
    maker.fill(part, stored, at, target, { corruptions: corruptions.map((at) => at(time)), input });
    return { count: stored.length, input, target, ...given };
  };
  const bytes = byteExamples(
    experiment,
    data.train,
    byteBatches(storedShape, transforms, seed, backendStream),
    transforms,
    seed,
    library,
  );
  return {
    ...(bytes === null ? {} : { bytes }),
    shape,
    rawScale: rawUnits(transforms).gain,
    statistics: [...statisticsOf(transforms, shape), ...(columns?.statistics ?? [])],
    count: (part) => data[part].indices.length,
    conditions: (indices) =>
      conditionsOf(
        data.train.part,
        indices.map((index) => data.train.indices[index] ?? 0),
      ),
    trainingBatch: (indices, step, time) => make(trained, data.train, indices, { step, firstExample: 0 }, time),
    evaluationBatch(part, first, count, time) {
      const indices = Uint32Array.from({ length: count }, (_, i) => first + i);
      const at = { step: 0, firstExample: first };
      const batch = make(evaluated, data[part], indices, at, time);
      if (uncut === null) return batch;
      const whole = new Float32Array(batch.target.length);
      const stored = indices.map((index) => data[part].indices[index] ?? 0);
      uncut.fill(data[part].part, stored, at, whole);
      return { ...batch, uncut: whole };
    },
  };
}

/** @param batches those of the trial's seed; null if the transforms need more than each byte */
function byteExamples(
  { corruptions: words }: Pick<ExperimentIr, 'corruptions'>,
  { part, indices }: ChosenExamples,
  batches: ByteBatches | null,
  transforms: readonly Transform[],
  seed: number,
  library: TrainedLibrary,
): ByteExamples | null {
  const { values } = part;
  if (batches === null || !(values instanceof Uint8Array)) return null;
  const { table } = batches;
  const [black = 0, white = 1] = [table[0], table[255]];
  const seen = { areRaw: transforms.every(isPixelTransform), black, white };
  const corruptions = words.flatMap((word, i) => {
    const at = kernelCorruptionAt(word, seen, library);
    return at === null ? [] : [{ at, key: stream({ seed, path: 'data', purpose: corruptionPurpose(i) }).key }];
  });
  if (corruptions.length < words.length) return null;
  const inStoredOrder = indices.every((index, i) => index === i);
  return {
    table,
    fill(wanted, step, out) {
      const stored = inStoredOrder ? wanted : wanted.map((index) => indices[index] ?? 0);
      batches.fill(values, stored, { step, firstExample: 0 }, out);
    },
    corruptions,
  };
}

function cutsOff(transform: Transform): boolean {
  return withoutCut(transform) !== transform;
}

function withoutCut(transform: Transform): Transform {
  if (isPixelTransform(transform) || transform.change.isDrawn || transform.change.uncut === undefined) return transform;
  return { ...transform, change: transform.change.uncut };
}
