import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import { elementCount, type Shape } from '../../compiler/ir/shape.js';
import type { ConditionSizes } from '../../compiler/library/conditions-needed.js';
import type { ScheduleTime } from '../../compiler/library/word.js';
import type { Statistic } from '../datasets/fit.js';
import type { FusedCorruption } from '../lowering/fused-operations.js';
import { toInside } from '../lowering/image-layout.js';
import type { Network } from '../lowering/network.js';
import type { StreamKey } from '../random/address.js';
import type { TensorBatch } from './updater.js';

export type PartName = 'train' | 'validation' | 'test';

/** What a network may be given of examples, besides their values. */
export interface Conditions {
  /** The examples' classes; null for data without labels. */
  readonly classes: Int32Array | null;
  /** `[count, values]` of the columns that are conditions, as the network is given them; null for data without. */
  readonly columns: Float32Array | null;
}

export const unconditioned: Conditions = { classes: null, columns: null };

/** Consecutive examples as the network sees them, each in the language's order. */
export interface HostBatch extends Conditions {
  readonly count: number;
  readonly input: Float32Array;
  /** The clean input; the same array as `input` without a corruption. */
  readonly clean: Float32Array;
  /** What the decoder must give; the same array as `clean` without a target of its own. */
  readonly target: Float32Array;
  /** The target before any transform clips it, used for errors in raw units; absent if none clips. */
  readonly uncut?: Float32Array;
}

/** A trial's data, transformed and corrupted as its stages need it. */
export interface Examples {
  /** Shape of one example, as the network sees it. */
  readonly shape: Shape;
  /** Shape of one target; null if the decoder must give the input. */
  readonly targetShape: Shape | null;
  count(part: PartName): number;
  /**
   * Examples of the training part, with an update's crops and corruption.
   * @param indices into the training part
   * @param step of the stage, from 0
   */
  trainingBatch(indices: Uint32Array, step: number, time: ScheduleTime): HostBatch;
  /** Those of examples of the training part. */
  conditions(indices: Uint32Array): Conditions;
  /** For a backend that prepares batches itself; absent if the data or its processing needs the host. */
  readonly bytes?: ByteExamples;
  /** Consecutive examples of a part, always with the same crops and random numbers. */
  evaluationBatch(part: PartName, first: number, count: number, time: ScheduleTime): HostBatch;
  /**
   * Scale from what the decoder gives to raw units, in which pixels are in [0, 1]: one factor per value of an example,
   * or a single one.
   */
  readonly rawScale: Float64Array;
  /** The transforms' statistics of the training part, which are stored with the weights. */
  readonly statistics: readonly Statistic[];
}

/** Training examples stored as bytes. */
export interface ByteExamples {
  /** The network's clean value for each of the 256 bytes. */
  readonly table: Float32Array;
  /** Writes the bytes of a training batch, example by example. */
  fill(indices: Uint32Array, step: number, out: Uint8Array): void;
  /** The input's corruptions in their order, each with the key of its random stream. */
  readonly corruptions: readonly { readonly at: (time: ScheduleTime) => FusedCorruption; readonly key: StreamKey }[];
}

/** Uploads a batch; images become `[batch, height, width, channels]`. */
export function tensorBatch(
  batch: HostBatch,
  network: Pick<Network, 'input' | 'wanted' | keyof ConditionSizes>,
): TensorBatch {
  const { count } = batch;
  const input = uploaded(batch.input, count, network.input);
  const clean = batch.clean === batch.input ? input : uploaded(batch.clean, count, network.input);
  const target = batch.target === batch.clean ? clean : uploaded(batch.target, count, network.wanted);
  return { input, clean, target, condition: conditionOf(batch, network, count) };
}

/** The same batch with the clean input as what goes in and comes out, as layers that are pretrained see it. */
export function cleanBatch(batch: HostBatch): HostBatch {
  return { ...batch, input: batch.clean, target: batch.clean };
}

/**
 * What a network is given of examples, `[count, values]`; null for a network that needs nothing.
 * @throws RangeError for examples without labels or columns that it needs, or of a class that it does not know
 */
export function conditionOf(conditions: Conditions, sizes: ConditionSizes, count: number): Tensor | null {
  const size = sizes.classes + sizes.columns;
  return size === 0 ? null : tensor(conditionValues(conditions, sizes, count), [count, size], 'float32');
}

/** Example by example: its class, one-hot, then its columns. @throws RangeError like `conditionOf` */
export function conditionValues(
  { classes, columns }: Conditions,
  { classes: known, columns: width }: ConditionSizes,
  count: number,
): Float32Array {
  if (known > 0 && classes === null)
    throw new RangeError('the network is given the classes of its examples, and these have no labels');
  if (width > 0 && columns?.length !== count * width)
    throw new RangeError('the network is given columns of its examples, and these have none of them');
  const size = known + width;
  const values = new Float32Array(count * size);
  for (let i = 0; i < count; i++) {
    const label = known === 0 ? null : (classes?.[i] ?? -1);
    if (label !== null) {
      if (label < 0 || label >= known)
        throw new RangeError(`the network knows ${known} classes, and not class ${label}`);
      values[i * size + label] = 1;
    }
    for (let at = 0; at < width; at++) values[i * size + known + at] = columns?.[i * width + at] ?? 0;
  }
  return values;
}

/** Uploads consecutive examples; images become `[count, height, width, channels]`. */
export function uploaded(elements: Float32Array, count: number, shape: Shape): Tensor {
  return toInside(tensor(elements, [count, elementCount(shape)], 'float32'), shape);
}
