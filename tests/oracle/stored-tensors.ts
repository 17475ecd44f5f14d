import type { Shape } from '../../src/compiler/ir/shape.js';
import { decodeSafetensors } from '../../src/runtime/formats/safetensors.js';
import { GoldenFormatError } from './fields.js';

/** A tensor of a case's files, its elements row by row. */
export interface StoredTensor {
  readonly shape: Shape;
  readonly elements: Float32Array | Uint8Array;
}

export type StoredTensors = ReadonlyMap<string, StoredTensor>;

/** @throws SafetensorsError for a broken file, GoldenFormatError for a tensor that is neither float32 nor bytes */
export function storedTensors(file: Uint8Array): StoredTensors {
  return new Map(
    decodeSafetensors(file).tensors.map(({ name, type, shape, values }) => {
      if (!(values instanceof Float32Array || values instanceof Uint8Array)) {
        throw new GoldenFormatError(`the tensor '${name}' is ${type}, which no case stores`);
      }
      return [name, { shape, elements: values }];
    }),
  );
}

/** @throws GoldenFormatError for a tensor that isn't in the file */
export function storedTensor(tensors: StoredTensors, name: string): StoredTensor {
  const tensor = tensors.get(name);
  if (!tensor) throw new GoldenFormatError(`the case's files have no tensor '${name}'`);
  return tensor;
}
