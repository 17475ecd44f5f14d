import { DatasetError } from './dataset_error.js';
import { type ElementType, readElements, type StoredArray } from './stored_array.js';

/** The third byte of the file, and what it stands for. */
const TYPES = new Map<number, ElementType>([
  [0x08, 'uint8'],
  [0x09, 'int8'],
  [0x0b, 'int16'],
  [0x0c, 'int32'],
  [0x0d, 'float32'],
  [0x0e, 'float64'],
]);

/**
 * Decodes a file in the IDX format of MNIST: two zero bytes, the type, the number of dimensions, the dimensions as
 * 32-bit integers and the elements, everything big-endian, the last index changing fastest.
 *
 * @param path for messages
 * @throws DatasetError truncated, trailing_bytes, wrong_format, wrong_type, wrong_value
 */
export function decodeIdx(bytes: Uint8Array, path: string): StoredArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 4) {
    throw new DatasetError('truncated', path, `has ${bytes.byteLength} bytes, too few for a header`, 'copy it again');
  }
  if (view.getUint16(0) !== 0) {
    const start = view.getUint32(0).toString(16).padStart(8, '0');
    throw new DatasetError(
      'wrong_format',
      path,
      `is no IDX file (it starts with 0x${start})`,
      'check which file it is',
    );
  }
  const code = view.getUint8(2);
  const type = TYPES.get(code);
  if (type === undefined) {
    const problem = `has elements of type 0x${code.toString(16).padStart(2, '0')}, which IDX doesn't have`;
    throw new DatasetError('wrong_type', path, problem, 'check which file it is');
  }
  const rank = view.getUint8(3);
  const start = 4 + 4 * rank;
  if (bytes.byteLength < start) {
    throw new DatasetError('truncated', path, `ends within its ${rank} dimensions`, 'copy it again');
  }
  const dims = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  return readElements(bytes, start, dims, type, false, path);
}
