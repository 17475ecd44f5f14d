import { decodeSafetensors, SafetensorsError, type SafetensorsTensor } from '../formats/safetensors.js';
import type { ArrayFile } from './array_part.js';
import { DatasetError, someOf } from './dataset_error.js';
import { readContent } from './file_bytes.js';
import { type StoredArray, storedNumbers } from './stored_array.js';

/**
 * Reads a file and gives its tensors by their names; null is the name where there is one tensor alone. They are float32,
 * float64, bytes, or integers of 32 bits or 64.
 *
 * @throws DatasetError not_found, unreadable, truncated, wrong_format, wrong_type; later unknown_name for a tensor that
 *   isn't there, or that has to be named; wrong_value for a number that is not finite in float32
 */
export function readTensors(path: string): (name: string | null) => ArrayFile {
  const { tensors } = decoded(readContent(path), path);
  return (name) => {
    const tensor = chosen(tensors, name, path);
    const place = `${path}, tensor '${tensor.name}'`;
    return { path: place, array: arrayOf(tensor, place) };
  };
}

function decoded(content: Uint8Array, path: string): { readonly tensors: readonly SafetensorsTensor[] } {
  try {
    return decodeSafetensors(content);
  } catch (error) {
    if (!(error instanceof SafetensorsError)) throw error;
    switch (error.reason) {
      case 'truncated':
        throw new DatasetError('truncated', path, error.message, 'copy or make the file again', { cause: error });
      case 'bad_header':
      case 'bad_offsets':
        throw new DatasetError('wrong_format', path, error.message, 'save it as safetensors again', { cause: error });
      case 'unsupported_type':
        throw new DatasetError('wrong_type', path, error.message, 'save it as one of these', { cause: error });
    }
  }
}

function chosen(tensors: readonly SafetensorsTensor[], name: string | null, path: string): SafetensorsTensor {
  const [first] = tensors;
  if (first === undefined) throw new DatasetError('wrong_shape', path, 'has no tensors', 'give some examples');
  const names = someOf(tensors.map((tensor) => tensor.name));
  if (name === null) {
    if (tensors.length === 1) return first;
    throw new DatasetError('unknown_name', path, `has ${tensors.length} tensors: ${names}`, 'name one with tensor=');
  }
  const found = tensors.find((tensor) => tensor.name === name);
  if (found) return found;
  throw new DatasetError('unknown_name', path, `has no tensor '${name}'`, `its tensors are ${names}`);
}

function arrayOf({ shape: dims, values }: SafetensorsTensor, path: string): StoredArray {
  if (values instanceof Uint8Array) return { dims, data: values };
  const kind = values instanceof Float32Array ? 'single' : values instanceof Float64Array ? 'double' : 'integer';
  return { dims, data: storedNumbers(values.length, (i) => Number(values[i]), kind, path) };
}
