import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { decodeSafetensors, float32Tensors } from '../runtime/formats/safetensors.js';
import type { WeightValues } from '../runtime/training/initial-weights.js';
import { UsageError } from './params.js';

/** Weights to start from, with the hash of the file that they are from. */
export interface GivenWeights {
  readonly values: WeightValues;
  /** Of the file; a part of the trial's identity. */
  readonly sha256: string;
  readonly file: Uint8Array;
}

/** The weights of a file, without what was taken from its data. @throws UsageError when the file cannot be read */
export function readWeights(path: string): GivenWeights {
  try {
    return givenWeights(readFileSync(path));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `cannot start from '${path}': ${reason}`,
      'it must be a safetensors file, such as aedsl export writes',
    );
  }
}

/** @throws SafetensorsError */
export function givenWeights(file: Uint8Array): GivenWeights {
  const tensors = float32Tensors(decodeSafetensors(file)).filter(({ name }) => !name.startsWith('data.'));
  return {
    values: new Map(tensors.map(({ name, values }) => [name.replaceAll('.', '/'), values])),
    sha256: createHash('sha256').update(file).digest('hex'),
    file,
  };
}
