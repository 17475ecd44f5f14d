import { shortened } from '../../files/quoted.js';
import {
  readSafetensorsHeader,
  SafetensorsError,
  type SafetensorsHeader,
  type TensorPlace,
} from '../formats/safetensors.js';
import type { ArrayFile } from './array-part.js';
import { type ByteSource, bytesAt, withBytesOf } from './byte-source.js';
import { DatasetError, someOf } from './dataset-error.js';
import { fileKind, readerOf } from './file-kinds.js';
import { type OpenArray, openArray } from './open-array.js';
import { isPattern, shardedArray } from './shards.js';
import type { ElementType } from './stored-array.js';

/** Supported types. */
const TYPES = new Map<string, ElementType>([
  ['BOOL', 'bool'],
  ['U8', 'uint8'],
  ['I8', 'int8'],
  ['U16', 'uint16'],
  ['I16', 'int16'],
  ['U32', 'uint32'],
  ['I32', 'int32'],
  ['U64', 'uint64'],
  ['I64', 'int64'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['F32', 'float32'],
  ['F64', 'float64'],
]);

/** Opens a tensor of an open file by name; null names the only one. */
export type OpenTensors = (name: string | null) => OpenArray;

/**
 * Lets `use` read tensors of a file, or of all files that a pattern names. Only the requested tensors need a supported type.
 *
 * @throws DatasetError not_found, unreadable, truncated, wrong_format; on request of a tensor, unknown_name if it is
 *   missing or must be named, and wrong_type
 */
export function withTensors<T>(path: string, use: (open: OpenTensors) => T): T {
  if (isPattern(path))
    return use((name) => shardedArray(path, (file, read) => withTensors(file, (open) => read(open(name)))));
  return withBytesOf(path, (source) => {
    const header = headerOf(source, path);
    return use((name) => {
      const tensor = chosen(header.tensors, name, path);
      return tensorAt(source, header.dataStart + tensor.begin, tensor, `${path}, tensor '${shortened(tensor.name)}'`);
    });
  });
}

/**
 * Reads a whole tensor.
 * @throws DatasetError as `withTensors`; wrong_value for a number that is not finite in float32
 */
export function readTensors(path: string): (name: string | null) => ArrayFile {
  return (name) => withTensors(path, (open) => open(name).read(null));
}

function tensorAt(source: ByteSource, start: number, { type: written, shape }: TensorPlace, place: string): OpenArray {
  const type = TYPES.get(written);
  if (type === undefined) {
    const hint = `save it as one of ${[...TYPES.keys()].join(', ')}: tensor.float() makes it F32`;
    throw new DatasetError('wrong_type', place, `has elements of type ${written.slice(0, 40)}`, hint);
  }
  return openArray({ source, start, dims: shape, type, littleEndian: true }, place);
}

function headerOf(source: ByteSource, path: string): SafetensorsHeader {
  try {
    return readSafetensorsHeader(source.length, (place, length) => bytesAt(source, place, length));
  } catch (error) {
    if (!(error instanceof SafetensorsError)) throw error;
    const kind = fileKind(bytesAt(source, 0, 4096));
    const problem = kind === null ? error.message : `is ${kind}, and no safetensors file`;
    const isCut = error.reason === 'truncated' && kind === null;
    const hint = isCut ? 'copy or make the file again' : (readerOf(kind, path) ?? 'save it as safetensors again');
    throw new DatasetError(isCut ? 'truncated' : 'wrong_format', path, problem, hint, { cause: error });
  }
}

function chosen(tensors: readonly TensorPlace[], name: string | null, path: string): TensorPlace {
  const [first] = tensors;
  if (first === undefined) throw new DatasetError('wrong_shape', path, 'has no tensors', 'give some examples');
  const names = someOf(tensors.map((tensor) => tensor.name));
  if (name === null) {
    if (tensors.length === 1) return first;
    throw new DatasetError('unknown_name', path, `has ${tensors.length} tensors: ${names}`, 'name one with tensor=');
  }
  const found = tensors.find((tensor) => tensor.name === name);
  if (found) return found;
  throw new DatasetError('unknown_name', path, `has no tensor '${shortened(name)}'`, `its tensors are ${names}`);
}
