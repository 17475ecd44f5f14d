import { byteText } from '../../files/read-file.js';
import { type ByteSource, bytesAt, bytesInMemory } from './byte-source.js';
import { mostNpyHeaderBytes } from './data-limits.js';
import { DatasetError } from './dataset-error.js';
import { fileKind, readerOf } from './file-kinds.js';
import { type OpenArray, openArray } from './open-array.js';
import { type ElementPlace, type ElementType, requireFilled, type StoredArray } from './stored-array.js';

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
  ['f2', 'float16'],
  ['f4', 'float32'],
  ['f8', 'float64'],
]);

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY

/**
 * Opens an array written by `numpy.save` (format versions 1 to 3, NumPy enhancement proposal 1): in C or Fortran order,
 * in any byte order; booleans, integers, float16, float32 or float64.
 *
 * @param path for messages
 * @throws DatasetError too_large, truncated, trailing_bytes, wrong_format, wrong_type, wrong_shape
 */
export function openNpy(source: ByteSource, path: string): OpenArray {
  const { text, end } = readHeader(source, path);
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
  if (type === undefined) throw unreadType(description, path);
  const dims = (shape.match(/\d+/g) ?? []).map(Number);
  const isFortran = order === 'True' && dims.length > 1;
  const littleEndian = !description.startsWith('>');
  const place: ElementPlace = { source, start: end, dims: isFortran ? [...dims].reverse() : dims, type, littleEndian };
  requireFilled(place, path);
  return openArray(place, path, isFortran ? 'fortran' : 'c');
}

/** The array of a whole file. @throws DatasetError as `openNpy`, and wrong_value */
export function decodeNpy(bytes: Uint8Array, path: string): StoredArray {
  return openNpy(bytesInMemory(bytes), path).read(null).array;
}

function unreadType(description: string, path: string): DatasetError {
  const kind = description.slice(1, 2);
  const said = `'${description.slice(0, 40)}'`;
  const refused = (what: string, hint: string) => new DatasetError('wrong_type', path, `has ${what}`, hint);
  switch (kind) {
    case 'O':
      return refused(
        `Python objects (${said}), which only Python can read, by running what is in the file`,
        "save an array of numbers: numpy.save(path, numpy.stack(array).astype('float32'))",
      );
    case 'c':
      return refused(`complex numbers (${said})`, 'save their real and imaginary parts as features');
    case 'U':
    case 'S':
      return refused(`texts (${said})`, 'save numbers; classes as numpy.unique(array, return_inverse=True)[1]');
    case 'M':
    case 'm':
      return refused(`dates or times (${said})`, "save numbers: array.astype('int64')");
    case 'V':
      return refused(
        `elements without a type of NumPy's (${said}), such as ${description.slice(2) === '1' ? 'float8' : 'bfloat16'}`,
        "save array.astype('float32')",
      );
    default:
      return refused(`elements of type ${said}`, 'save it as uint8, float32 or float64 (labels as integers)');
  }
}

/** The dictionary that describes the array, and where its elements begin. */
function readHeader(source: ByteSource, path: string): { readonly text: string; readonly end: number } {
  const head = bytesAt(source, 0, 12);
  if (MAGIC.some((byte, i) => i < head.byteLength && head[i] !== byte)) {
    const kind = fileKind(bytesAt(source, 0, 4096));
    const hint = readerOf(kind, path) ?? 'write it with numpy.save or numpy.savez';
    throw new DatasetError('wrong_format', path, `is ${kind ?? 'no NumPy file'}`, hint);
  }
  const cut = (): DatasetError => new DatasetError('truncated', path, 'ends within its header', 'copy it again');
  if (head.byteLength < 12) throw cut();
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
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
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > mostNpyHeaderBytes) {
    const problem = `has a header of ${length} bytes, more than the limit of ${byteText(mostNpyHeaderBytes)}`;
    throw new DatasetError('too_large', path, problem, 'save it again with numpy.save');
  }
  const header = bytesAt(source, start, length);
  if (header.byteLength < length) throw cut();
  return { text: new TextDecoder().decode(header), end: start + length };
}
