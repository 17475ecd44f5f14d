import { type ByteSource, bytesAt, bytesInMemory } from './byte-source.js';
import { DatasetError } from './dataset-error.js';
import { fileKind, readerOf } from './file-kinds.js';
import { type ElementPlace, type ElementType, readElements, requireFilled, type StoredArray } from './stored-array.js';

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
 * Locates the array in a file in MNIST's IDX format: two zero bytes, the type, the number of dimensions, the dimensions
 * as 32-bit integers, then the elements. Everything is big-endian, and the last index changes fastest.
 *
 * @param path for messages
 * @throws DatasetError truncated, trailing_bytes, wrong_format, wrong_type
 */
export function placeInIdx(source: ByteSource, path: string): ElementPlace {
  const head = bytesAt(source, 0, 4);
  if (head.byteLength < 4) {
    throw new DatasetError('truncated', path, `has ${head.byteLength} bytes, too few for a header`, 'copy it again');
  }
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (view.getUint16(0) !== 0) {
    const kind = fileKind(bytesAt(source, 0, 4096));
    const problem = `is ${kind ?? `no IDX file (it starts with 0x${hex(view.getUint32(0), 8)})`}`;
    throw new DatasetError('wrong_format', path, problem, readerOf(kind, path) ?? 'check which file it is');
  }
  const code = view.getUint8(2);
  const type = TYPES.get(code);
  if (type === undefined) {
    const problem = `has elements of type 0x${hex(code, 2)}, which IDX doesn't have`;
    throw new DatasetError('wrong_type', path, problem, 'check which file it is');
  }
  const rank = view.getUint8(3);
  const sizes = bytesAt(source, 4, 4 * rank);
  if (sizes.byteLength < 4 * rank) {
    throw new DatasetError('truncated', path, `ends within its ${rank} dimensions`, 'copy it again');
  }
  const dimensions = new DataView(sizes.buffer, sizes.byteOffset, sizes.byteLength);
  const dims = Array.from({ length: rank }, (_, i) => dimensions.getUint32(4 * i));
  const place: ElementPlace = { source, start: 4 + 4 * rank, dims, type, littleEndian: false };
  requireFilled(place, path);
  return place;
}

function hex(number: number, digits: number): string {
  return number.toString(16).padStart(digits, '0');
}

/** The array of a whole file. @throws DatasetError as `placeInIdx`, and wrong_value */
export function decodeIdx(bytes: Uint8Array, path: string): StoredArray {
  return readElements(placeInIdx(bytesInMemory(bytes), path), path);
}
