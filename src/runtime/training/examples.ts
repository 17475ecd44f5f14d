import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import { elementCount, type Shape } from '../../compiler/ir/shape.js';
import type { ScheduleTime } from '../../compiler/library/word.js';
import type { Statistic } from '../datasets/fit.js';
import type { FusedCorruption } from '../lowering/fused-operations.js';
import { toInside } from '../lowering/image-layout.js';
import type { Network } from '../lowering/network.js';
import type { StreamKey } from '../random/address.js';
import type { TensorBatch } from './updater.js';

export type PartName = 'train' | 'validation' | 'test';

/** Consecutive examples as the network sees them, each in the language's order. */
export interface HostBatch {
  readonly count: number;
  readonly input: Float32Array;
  /** The clean input; the same array as `input` without a corruption. */
  readonly target: Float32Array;
  /** The examples' classes; null for data without labels. */
  readonly classes: Int32Array | null;
  /** The target before any transform clips it, used for errors in raw units; absent if none clips. */
  readonly uncut?: Float32Array;
}

/** A trial's data, transformed and corrupted as its stages need it. */
export interface Examples {
  /** Shape of one example, as the network sees it. */
  readonly shape: Shape;
  count(part: PartName): number;
  /**
   * Examples of the training part, with an update's crops and corruption.
   * @param indices into the training part
   * @param step of the stage, from 0
   */
  trainingBatch(indices: Uint32Array, step: number, time: ScheduleTime): HostBatch;
  /** Classes of examples of the training part; null for data without labels. */
  classes(indices: Uint32Array): Int32Array | null;
  /** For a backend that prepares batches itself; absent if the data or its processing needs the host. */
  readonly bytes?: ByteExamples;
  /** Consecutive examples of a part, always with the same crops and random numbers. */
  evaluationBatch(part: PartName, first: number, count: number, time: ScheduleTime): HostBatch;
  /**
   * Scale from the network's values to raw units, in which pixels are in [0, 1]: one factor per value of an example, or
   * a single one.
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
  { count, input, target, classes }: HostBatch,
  { input: shape, classes: known }: Pick<Network, 'input' | 'classes'>,
): TensorBatch {
  const given = uploaded(input, count, shape);
  const condition = conditionOf(classes, known);
  return { input: given, target: target === input ? given : uploaded(target, count, shape), condition };
}

/**
 * The classes as a network is given them, one-hot, `[count, known]`; null for a network that needs none.
 * @param known number of classes of the network, 0 for none
 * @throws RangeError for examples without labels, or of a class that the network does not know
 */
export function conditionOf(classes: Int32Array | null, known: number): Tensor | null {
  return known === 0 ? null : tensor(oneHot(classes, known), [classes?.length ?? 0, known], 'float32');
}

/** Example by example, 1 at its class and 0 elsewhere. @throws RangeError like `conditionOf` */
export function oneHot(classes: Int32Array | null, known: number): Float32Array {
  if (classes === null)
    throw new RangeError('the network is given the classes of its examples, and these have no labels');
  const hot = new Float32Array(classes.length * known);
  classes.forEach((label, i) => {
    if (label < 0 || label >= known) throw new RangeError(`the network knows ${known} classes, and not class ${label}`);
    hot[i * known + label] = 1;
  });
  return hot;
}

/** Uploads consecutive examples; images become `[count, height, width, channels]`. */
export function uploaded(elements: Float32Array, count: number, shape: Shape): Tensor {
  return toInside(tensor(elements, [count, elementCount(shape)], 'float32'), shape);
}
