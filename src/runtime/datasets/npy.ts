import { byteText } from '../../files/read-file.js';
import { mostNpyHeaderBytes } from './data_limits.js';
import { DatasetError } from './dataset_error.js';
import { type ElementType, readElements, type StoredArray } from './stored_array.js';

/** NumPy's type strings without the byte order. */
const TYPES = new Map<string, ElementType>([
  ['b1', 'bool'],
  ['u1', 'uint8'],
  ['i1', 'int8'],
  ['u2', 'uint16'],
  ['i2', 'int16'],
  ['u4', 'uint32'],
  ['i4', 'int32'],
  ['u8', 'uint64'],
  ['i8', 'int64'],
  ['f4', 'float32'],
  ['f8', 'float64'],
]);

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY

/**
 * Decodes an array that `numpy.save` wrote (format versions 1 to 3, NumPy enhancement proposal 1): C order, any byte
 * order, booleans, integers, float32 or float64.
 *
 * @param path for messages
 * @throws DatasetError too_large, truncated, trailing_bytes, wrong_format, wrong_type, wrong_shape, wrong_value
 */
export function decodeNpy(bytes: Uint8Array, path: string): StoredArray {
  const { text, end } = readHeader(bytes, path);
  const description = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape'\s*:\s*\(([\d\s,L]*)\)/.exec(text)?.[1];
  if (order === undefined || shape === undefined) {
    throw new DatasetError(
      'wrong_format',
      path,
      `has a header that isn't NumPy's: ${text.trim().slice(0, 100)}`,
      'save it again',
    );
  }
  if (description === undefined) {
    throw new DatasetError('wrong_type', path, 'has records, not numbers', 'save a plain array');
  }
  const type = TYPES.get(description.slice(1));
  if (type === undefined) {
    const hint = 'save it as uint8, float32 or float64 (labels as integers)';
    throw new DatasetError('wrong_type', path, `has elements of type '${description.slice(0, 40)}'`, hint);
  }
  const dims = (shape.match(/\d+/g) ?? []).map(Number);
  if (order === 'True' && dims.length > 1) {
    const hint = 'save numpy.ascontiguousarray(array)';
    throw new DatasetError('wrong_shape', path, 'is in Fortran order (columns first)', hint);
  }
  return readElements(bytes, end, dims, type, !description.startsWith('>'), path);
}

/** The dictionary that describes the array, and where its elements begin. */
function readHeader(bytes: Uint8Array, path: string): { readonly text: string; readonly end: number } {
  if (MAGIC.some((byte, i) => i < bytes.byteLength && bytes[i] !== byte)) {
    throw new DatasetError('wrong_format', path, 'is no NumPy file', 'write it with numpy.save (.npz is not read)');
  }
  const cut = (): DatasetError => new DatasetError('truncated', path, 'ends within its header', 'copy it again');
  if (bytes.byteLength < 12) throw cut();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(6);
  if (version < 1 || version > 3) {
    throw new DatasetError(
      'wrong_format',
      path,
      `has the unknown version ${version} of NumPy's format`,
      'save it again',
    );
  }
  const start = version === 1 ? 10 : 12;
  const end = start + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (end - start > mostNpyHeaderBytes) {
    const problem = `has a header of ${end - start} bytes, more than the limit of ${byteText(mostNpyHeaderBytes)}`;
    throw new DatasetError('too_large', path, problem, 'save it again with numpy.save');
  }
  if (bytes.byteLength < end) throw cut();
  return { text: new TextDecoder().decode(bytes.subarray(start, end)), end };
}
