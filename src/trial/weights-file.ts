import { createHash } from 'node:crypto';
import type { Shape } from '../compiler/ir/shape.js';
import { FileError, readRegularFile } from '../files/read-file.js';
import { UsageError } from '../project/usage-error.js';
import { mostDataBytes } from '../runtime/datasets/data-limits.js';
import {
  decodeSafetensors,
  encodeSafetensors,
  type Float32Tensor,
  float32Tensors,
  SafetensorsError,
} from '../runtime/formats/safetensors.js';
import type { RunRecord } from '../runtime/store/records.js';
import type { Store } from '../runtime/store/store.js';
import type { WeightValues } from '../runtime/training/initial-weights.js';
import type { TrialResult } from '../runtime/training/train-trial.js';

type TrainedValues = Pick<TrialResult, 'weights' | 'statistics'>;

/** Initial weights, with the hash of their file. */
export interface GivenWeights {
  readonly values: WeightValues;
  /** Shapes stated in the file. */
  readonly shapes: ReadonlyMap<string, Shape>;
  /** Hash of the file, part of the trial's identity. */
  readonly sha256: string;
  readonly file: Uint8Array;
  /** The autoencoder of SAELens that they were read from just now; absent for any others. */
  readonly saelens?: SaelensForm;
}

/** What a sparse autoencoder of SAELens computes with its weights. */
export interface SaelensForm {
  readonly folder: string;
  readonly architecture: string;
  /** Units that it keeps; null where it has no such number. */
  readonly k: number | null;
}

/** Reads a file's weights, without statistics of its data. @throws UsageError if it cannot be read */
export function readWeights(path: string): GivenWeights {
  try {
    return givenWeights(readRegularFile(path, mostDataBytes));
  } catch (error) {
    const reason = error instanceof FileError ? error.problem : error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `cannot start from '${path}': ${reason}`,
      'it must be a safetensors file, such as `aedsl export RUN --as safetensors` writes, or a bundle (.tgz)',
    );
  }
}

/** @throws SafetensorsError */
export function givenWeights(file: Uint8Array): GivenWeights {
  const tensors = weightTensors(file);
  return {
    values: new Map([...tensors].map(([key, { values }]) => [key, values])),
    shapes: new Map([...tensors].map(([key, { shape }]) => [key, shape])),
    sha256: createHash('sha256').update(file).digest('hex'),
    file,
  };
}

/** Encodes a trained model: its weights, and the statistics it needs. @param experiment hash of its IR */
export function encodeWeights({ weights, statistics }: TrainedValues, experiment: string): Uint8Array {
  return encodeSafetensors(
    [...weights, ...statistics].map(({ key, shape, values }) => ({ name: key.replaceAll('/', '.'), shape, values })),
    { experiment },
  );
}

/**
 * The weights that a stored run ended with, and what it took from its data; null for a run that has none.
 * @throws StoreError for a file that is missing or was altered, SafetensorsError
 */
export function storedWeights(store: Pick<Store, 'listFiles' | 'readFile'>, id: string): WeightValues | null {
  const file = store.listFiles(id, 'weights').find(({ name }) => name === 'final');
  if (!file) return null;
  const tensors = float32Tensors(decodeSafetensors(store.readFile(file)));
  return new Map(tensors.map(({ name, values }) => [name.replaceAll('.', '/'), values]));
}

/** The weights of a safetensors file by key, without statistics. @throws SafetensorsError */
export function weightsOf(file: Uint8Array): WeightValues {
  return new Map([...weightTensors(file)].map(([key, { values }]) => [key, values]));
}

function weightTensors(file: Uint8Array): ReadonlyMap<string, Float32Tensor> {
  const tensors = float32Tensors(decodeSafetensors(file)).filter(({ name }) => !/^(data|target)\./.test(name));
  const weights = new Map(tensors.map((tensor) => [tensor.name.replaceAll('.', '/'), tensor]));
  if (weights.size < tensors.length) {
    throw new SafetensorsError('bad_header', "two tensors are named the same but for '.' and '/'");
  }
  return weights;
}

/** A stored run's initial weights were not stored with it. */
export class InitialWeightsError extends Error {
  override readonly name = 'InitialWeightsError';
  readonly hint = '`aedsl run FILE --init WEIGHTS` with the file that they were in trains it again';
}

/**
 * The weights given to a stored run by `--init`; null if it drew its own.
 * @throws InitialWeightsError, StoreError for a missing or altered file
 */
export function initOf(
  store: Pick<Store, 'listFiles' | 'readFile'>,
  { id, initialSha256 }: Pick<RunRecord, 'id' | 'initialSha256'>,
): GivenWeights | null {
  if (initialSha256 === null) return null;
  const file = store.listFiles(id, 'weights').find(({ name }) => name === 'initial');
  if (!file) throw new InitialWeightsError(`${id} began from given weights, and they were not kept`);
  return givenWeights(store.readFile(file));
}
