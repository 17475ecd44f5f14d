import type { DataNode, ExperimentIr } from '../../compiler/ir/experiment.js';
import { describeShape, elementCount, sameShape } from '../../compiler/ir/shape.js';
import type { ScheduleTime } from '../../compiler/library/word.js';
import { type BatchMaker, batchMaker } from '../datasets/batch.js';
import { type ByteBatches, byteBatches } from '../datasets/byte-batches.js';
import { labelsAt } from '../datasets/class-labels.js';
import { corruptionPurpose } from '../datasets/corruption.js';
import type { Part } from '../datasets/dataset.js';
import { fitTransforms, keptTransforms, type Statistic, statisticsOf, type TransformedSet } from '../datasets/fit.js';
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
  experiment: Pick<ExperimentIr, 'data' | 'target' | 'corruptions'>,
  data: Split,
  seed: number,
  library: TrainedLibrary,
  kept: WeightValues | null = null,
): Examples {
  const given = prepared(experiment.data, data.train, { seed, library, kept, set: 'data' });
  const wanted =
    experiment.target && prepared(experiment.target, targetsOf(data.train), { seed, library, kept, set: 'target' });
  const { storedShape, shape } = experiment.data;
  const { transforms } = given;
  const corruptions = experiment.corruptions.map((word) => corruptionAt(word, library));
  const columns =
    experiment.data.conditions.length === 0 ? null : new ConditionValues(experiment.data, kept ?? data.train, library);
  const conditionsOf = (part: Part, stored: Uint32Array): Conditions => ({
    classes: part.labels && labelsAt(part.labels, stored),
    columns: columns?.of(part, stored) ?? null,
  });
  const make = (
    phase: 'trained' | 'evaluated',
    examples: ChosenExamples,
    places: Uint32Array,
    at: BatchPosition,
    time: ScheduleTime,
  ): HostBatch => {
    const { part, indices } = examples;
    const maker = given[phase];
    const stored = places.map((place) => indices[place] ?? 0);
    const count = stored.length;
    const clean = new Float32Array(count * maker.size);
    const input = corruptions.length === 0 ? clean : new Float32Array(clean.length);
    if (input === clean) maker.fill(part, stored, at, clean);
    else maker.fill(part, stored, at, clean, { corruptions: corruptions.map((each) => each(time)), input });
    const target = wanted === null ? clean : filled(wanted[phase], targetsOf(examples), places, at);
    return { count, input, clean, target, ...conditionsOf(part, stored) };
  };
  const bytes =
    wanted === null
      ? byteExamples(
          experiment,
          data.train,
          byteBatches(storedShape, transforms, seed, backendStream),
          transforms,
          seed,
          library,
        )
      : null;
  return {
    ...(bytes === null ? {} : { bytes }),
    shape,
    targetShape: experiment.target?.shape ?? null,
    rawScale: rawUnits((wanted ?? given).transforms).gain,
    statistics: [given, wanted, columns].flatMap((each) => each?.statistics ?? []),
    count: (part) => data[part].indices.length,
    conditions: (indices) =>
      conditionsOf(
        data.train.part,
        indices.map((index) => data.train.indices[index] ?? 0),
      ),
    trainingBatch: (indices, step, time) => make('trained', data.train, indices, { step, firstExample: 0 }, time),
    evaluationBatch(part, first, count, time) {
      const places = Uint32Array.from({ length: count }, (_, i) => first + i);
      const at = { step: 0, firstExample: first };
      const batch = make('evaluated', data[part], places, at, time);
      const { uncut } = wanted ?? given;
      if (uncut === null) return batch;
      return { ...batch, uncut: filled(uncut, wanted === null ? data[part] : targetsOf(data[part]), places, at) };
    },
  };
}

/** A data set's transforms, with the makers of batches that they come to. */
interface Prepared {
  readonly transforms: readonly Transform[];
  /** In training, with the trial's seed. */
  readonly trained: BatchMaker;
  readonly evaluated: BatchMaker;
  /** In evaluations, without what a transform cuts off; null if none does. */
  readonly uncut: BatchMaker | null;
  readonly statistics: readonly Statistic[];
}

function prepared(
  { transforms: words, storedShape, shape, indicators }: DataNode,
  training: ChosenExamples,
  {
    seed,
    library,
    kept,
    set,
  }: {
    readonly seed: number;
    readonly library: TrainedLibrary;
    readonly kept: WeightValues | null;
    readonly set: TransformedSet;
  },
): Prepared {
  const requests = words.map((word) => transformOf(word, library));
  const transforms =
    kept === null
      ? fitTransforms(storedShape, requests, training, indicators)
      : keptTransforms(requests, kept, elementCount(shape), set);
  const trained = batchMaker(storedShape, transforms, seed);
  if (!sameShape(trained.shape, shape)) {
    throw new RangeError(`the transforms give ${describeShape(trained.shape)}, not ${describeShape(shape)}`);
  }
  return {
    transforms,
    trained,
    evaluated: batchMaker(storedShape, transforms, 'evaluation', backendStream),
    uncut: transforms.some(cutsOff)
      ? batchMaker(storedShape, transforms.map(withoutCut), 'evaluation', backendStream)
      : null,
    statistics: statisticsOf(transforms, shape, set),
  };
}

function targetsOf({ target }: ChosenExamples): ChosenExamples {
  if (target === undefined) throw new RangeError('the experiment has a target, and its data have none');
  return target;
}

function filled(
  maker: BatchMaker,
  { part, indices }: ChosenExamples,
  places: Uint32Array,
  at: BatchPosition,
): Float32Array {
  const values = new Float32Array(places.length * maker.size);
  maker.fill(
    part,
    places.map((place) => indices[place] ?? 0),
    at,
    values,
  );
  return values;
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
