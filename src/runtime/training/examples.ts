import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import { elementCount, type Shape } from '../../compiler/ir/shape.js';
import type { ScheduleTime } from '../../compiler/library/word.js';
import type { Statistic } from '../datasets/fit.js';
import type { FusedCorruption } from '../lowering/fused-operations.js';
import { toInside } from '../lowering/image-layout.js';
import type { StreamKey } from '../random/address.js';
import type { TensorBatch } from './updater.js';

export type PartName = 'train' | 'validation' | 'test';

/** Examples as the network sees them, one after the other, each in the language's order. */
export interface HostBatch {
  readonly count: number;
  readonly input: Float32Array;
  /** The clean input; the same array where nothing corrupts it. */
  readonly target: Float32Array;
  /** The target before any transform cut values off, which errors in raw units are against; absent where none does. */
  readonly uncut?: Float32Array;
}

/** The data of a trial, as its stages ask for it: transformed, corrupted, normalised. */
export interface Examples {
  /** Of one example, as the network sees it. */
  readonly shape: Shape;
  count(part: PartName): number;
  /**
   * Examples of the training part, with the crops and the corruption of an update.
   * @param indices among the examples of the part
   * @param step of the stage, from 0
   */
  trainingBatch(indices: Uint32Array, step: number, time: ScheduleTime): HostBatch;
  /** The same for a backend that makes the batch itself; absent where the data or what is done to it needs the host. */
  readonly bytes?: ByteExamples;
  /** Consecutive examples of a part, always with the same crops and random numbers. */
  evaluationBatch(part: PartName, first: number, count: number, time: ScheduleTime): HostBatch;
  /**
   * What a difference of 1 between two values the network sees is in raw units, where pixels are in [0, 1]: for each value
   * of an example, or one number for all of them.
   */
  readonly rawScale: Float64Array;
  /** What the transforms took from the training part, to be kept with the weights. */
  readonly statistics: readonly Statistic[];
}

/** Training examples that are kept as bytes. */
export interface ByteExamples {
  /** What the network sees of each of the 256 bytes, clean. */
  readonly table: Float32Array;
  /** The bytes of a training batch, one example after the other. */
  fill(indices: Uint32Array, step: number, out: Uint8Array): void;
  /** What damages the input; null for nothing. */
  readonly corruptionAt: ((time: ScheduleTime) => FusedCorruption) | null;
  /** Of the stream that the corruption draws from. */
  readonly corruptionKey: StreamKey;
}

/** A batch on the backend, images as `[batch, height, width, channels]`. */
export function tensorBatch({ count, input, target }: HostBatch, shape: Shape): TensorBatch {
  const given = uploaded(input, count, shape);
  return { input: given, target: target === input ? given : uploaded(target, count, shape) };
}

/** Examples, one after the other, as a tensor; images as `[count, height, width, channels]`. */
export function uploaded(elements: Float32Array, count: number, shape: Shape): Tensor {
  return toInside(tensor(elements, [count, elementCount(shape)], 'float32'), shape);
}
