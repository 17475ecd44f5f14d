/**
 * The safetensors format (https://github.com/huggingface/safetensors), which PyTorch reads with `safetensors.torch`:
 * the length of a JSON header as a 64-bit integer, the header, then the tensors' bytes, all little-endian and
 * contiguous.
 */
import * as v from 'valibot';
import { onOneLine, shortened } from '../../files/quoted.js';
import { anything, checked, count, JsonError, listOf, object, readJson, recordOf, text } from './json.js';

export interface Float32Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: Float32Array;
}

/** Element types that can be read; only `F32` is written. */
export type SafetensorsType = keyof typeof elementTypes;

export interface SafetensorsTensor {
  readonly name: string;
  readonly type: SafetensorsType;
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: Float32Array | Float64Array | Uint8Array | Int32Array | BigInt64Array;
}

export interface SafetensorsFile {
  /** In byte order. */
  readonly tensors: readonly SafetensorsTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

export type SafetensorsReason = 'truncated' | 'bad_header' | 'unsupported_type' | 'bad_offsets';

export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError';
  readonly hint = 'check that it is the right file, and complete';

  constructor(
    readonly reason: SafetensorsReason,
    message: string,
  ) {
    super(onOneLine(message));
  }
}

const elementTypes = {
  F32: { bytes: 4, view: (buffer: ArrayBuffer) => new Float32Array(buffer) },
  F64: { bytes: 8, view: (buffer: ArrayBuffer) => new Float64Array(buffer) },
  U8: { bytes: 1, view: (buffer: ArrayBuffer) => new Uint8Array(buffer) },
  I32: { bytes: 4, view: (buffer: ArrayBuffer) => new Int32Array(buffer) },
  I64: { bytes: 8, view: (buffer: ArrayBuffer) => new BigInt64Array(buffer) },
} as const;

/** Bytes per element of the known types; files may have others. */
const elementSizes: ReadonlyMap<string, number> = new Map([
  ...['BOOL', 'U8', 'I8', 'F8_E4M3', 'F8_E5M2', 'F8_E8M0'].map((name) => [name, 1] as const),
  ...['U16', 'I16', 'F16', 'BF16'].map((name) => [name, 2] as const),
  ...['U32', 'I32', 'F32'].map((name) => [name, 4] as const),
  ...['U64', 'I64', 'F64', 'C64'].map((name) => [name, 8] as const),
]);

export interface TensorPlace {
  readonly name: string;
  /** Type name in the file, known or not. */
  readonly type: string;
  readonly shape: readonly number[];
  /** Offset from the end of the header, in bytes. */
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  /** In byte order. */
  readonly tensors: readonly TensorPlace[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Offset of the tensors' bytes. */
  readonly dataStart: number;
}

/** The format's own limit, so that a corrupt length does not cause a huge allocation. */
const MAXIMUM_HEADER_BYTES = 100_000_000;
const LENGTH_BYTES = 8;
const ALIGNMENT = 8;
const METADATA = '__metadata__';

/** A header has at most 100 MB. */
const mostNames = 10_000_000;

const tensorType = object({ dtype: text, shape: listOf(count, 1000) });
const tensorOffsets = object({ data_offsets: v.strictTuple([count, count], 'is not a pair of offsets') });
const NAN_BITS = 0x7fc00000;

/** A tensor to write. */
export interface FloatTensor extends Omit<Float32Tensor, 'values'> {
  readonly values: Float32Array | Float64Array;
}

/**
 * Encodes float tensors in the given order. Deterministic: metadata is sorted by key, the header is padded with spaces
 * to a multiple of 8, and every float32 NaN is 0x7fc00000.
 *
 * @throws RangeError if a shape does not match its number of values, or a name occurs twice
 */
export function encodeSafetensors(
  tensors: readonly FloatTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const entries = Object.keys(metadata).length === 0 ? [] : [`"${METADATA}":${sortedJson(metadata)}`];
  const names = new Set([METADATA]);
  let dataBytes = 0;
  for (const { name, shape, values } of tensors) {
    if (names.has(name)) throw new RangeError(`two tensors are named '${name}'`);
    names.add(name);
    if (elementCount(shape) !== values.length) {
      throw new RangeError(`tensor '${name}' of shape [${shape.join(', ')}] has ${values.length} values`);
    }
    const type = values instanceof Float32Array ? 'F32' : 'F64';
    const end = dataBytes + values.byteLength;
    // Built as text, because an object would put integer-like keys first.
    entries.push(
      `${JSON.stringify(name)}:{"dtype":"${type}","shape":${JSON.stringify(shape)},"data_offsets":[${dataBytes},${end}]}`,
    );
    dataBytes = end;
  }
  const unpadded = new TextEncoder().encode(`{${entries.join(',')}}`);
  const headerBytes = Math.ceil(unpadded.length / ALIGNMENT) * ALIGNMENT;
  const file = new Uint8Array(LENGTH_BYTES + headerBytes + dataBytes);
  const view = new DataView(file.buffer);
  view.setBigUint64(0, BigInt(headerBytes), true);
  file.set(unpadded, LENGTH_BYTES);
  file.fill(' '.charCodeAt(0), LENGTH_BYTES + unpadded.length, LENGTH_BYTES + headerBytes);
  let position = LENGTH_BYTES + headerBytes;
  for (const { values } of tensors) {
    // All supported platforms are little-endian.
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), position);
    if (values instanceof Float32Array) {
      const bits = new Uint32Array(file.buffer, position, values.length);
      for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) bits[i] = NAN_BITS;
    }
    position += values.byteLength;
  }
  return file;
}

/**
 * Reads and validates a header: lengths, names, shapes, and that the tensors' bytes are contiguous, without gaps or
 * overlaps. Accepts unknown types: an unreadable tensor does no harm.
 *
 * @param fileBytes the length of the file
 * @param read returns bytes of the file
 * @throws SafetensorsError
 */
export function readSafetensorsHeader(
  fileBytes: number,
  read: (place: number, length: number) => Uint8Array,
): SafetensorsHeader {
  if (fileBytes < LENGTH_BYTES) throw new SafetensorsError('truncated', 'the file ends within its first 8 bytes');
  const start = read(0, LENGTH_BYTES);
  const headerBytes = new DataView(start.buffer, start.byteOffset, start.byteLength).getBigUint64(0, true);
  if (headerBytes > BigInt(MAXIMUM_HEADER_BYTES)) {
    throw new SafetensorsError('bad_header', `a header of ${headerBytes} bytes; this is not a safetensors file`);
  }
  const dataStart = LENGTH_BYTES + Number(headerBytes);
  if (dataStart > fileBytes) throw new SafetensorsError('truncated', 'the file ends within its header');
  const { entries, metadata } = parseHeader(read(LENGTH_BYTES, Number(headerBytes)));
  const dataBytes = fileBytes - dataStart;
  let position = 0;
  for (const { name, begin, end } of entries.sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== position) {
      const what = begin < position ? 'overlaps the tensor before it' : 'leaves unused bytes before it';
      throw new SafetensorsError('bad_offsets', `tensor '${shortened(name)}' ${what}`);
    }
    if (end > dataBytes) throw new SafetensorsError('truncated', `the file ends within tensor '${shortened(name)}'`);
    position = end;
  }
  if (position !== dataBytes) {
    throw new SafetensorsError('bad_offsets', `${dataBytes - position} unused bytes follow the last tensor`);
  }
  return { tensors: entries, metadata, dataStart };
}

/**
 * Reads a file whose tensors all have a supported element type.
 *
 * @throws SafetensorsError as `readSafetensorsHeader`; `unsupported_type`
 */
export function decodeSafetensors(file: Uint8Array): SafetensorsFile {
  const { tensors, metadata, dataStart } = readSafetensorsHeader(file.length, (place, length) =>
    file.subarray(place, place + length),
  );
  const decoded = tensors.map(({ name, type, shape, begin, end }) => {
    if (!isElementType(type)) {
      const known = Object.keys(elementTypes).join(', ');
      throw new SafetensorsError(
        'unsupported_type',
        `tensor '${shortened(name)}' is ${shortened(type)}; ${known} can be read`,
      );
    }
    // Copied, because the bytes need not be aligned.
    const bytes = new Uint8Array(file.subarray(dataStart + begin, dataStart + end));
    return { name, type, shape, values: elementTypes[type].view(bytes.buffer) };
  });
  return { tensors: decoded, metadata };
}

/**
 * Tensors of a weights file.
 *
 * @throws SafetensorsError `unsupported_type` unless all are float32
 */
export function float32Tensors({ tensors }: SafetensorsFile): readonly Float32Tensor[] {
  return tensors.map(({ name, type, shape, values }) => {
    if (!(values instanceof Float32Array)) {
      throw new SafetensorsError(
        'unsupported_type',
        `tensor '${shortened(name)}' is ${shortened(type)}; weights are F32`,
      );
    }
    return { name, shape, values };
  });
}

function parseHeader(bytes: Uint8Array): { entries: TensorPlace[]; metadata: Readonly<Record<string, string>> } {
  const { [METADATA]: metadata = {}, ...tensors } = parsedHeader(bytes);
  return {
    entries: Object.entries(tensors).map(([name, value]) => parseEntry(name, value)),
    metadata: refusing('bad_header', () => checked(recordOf(text, mostNames), metadata, METADATA)),
  };
}

function parsedHeader(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let json: string;
  try {
    json = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new SafetensorsError(
      'bad_header',
      `the header is not JSON: ${error instanceof Error ? error.message : error}`,
    );
  }
  const header = refusing('bad_header', () => readJson(recordOf(anything, mostNames), json, 'the header'));
  if (writtenKeys(json) !== keysOf(header)) {
    throw new SafetensorsError('bad_header', 'a name occurs twice in the header, so readers would disagree');
  }
  return header;
}

/** Converts a JsonError to a SafetensorsError. @throws SafetensorsError with this reason */
function refusing<T>(reason: SafetensorsReason, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof JsonError) throw new SafetensorsError(reason, error.message);
    throw error;
  }
}

/** Counts the keys in JSON text: its colons outside of strings. */
function writtenKeys(json: string): number {
  let count = 0;
  for (let i = 0; i < json.length; i++) {
    if (json[i] === '"') {
      for (i++; json[i] !== '"'; i++) if (json[i] === '\\') i++;
    } else if (json[i] === ':') count++;
  }
  return count;
}

/** Counts the keys that survived parsing, in the header and its entries; duplicates do not. */
function keysOf(header: object): number {
  const inner = Object.values(header).filter((value) => typeof value === 'object' && value !== null);
  return [header, ...inner].reduce((sum, value) => sum + Object.keys(value).length, 0);
}

function parseEntry(name: string, value: unknown): TensorPlace {
  const place = `tensor '${shortened(name)}'`;
  const { dtype, shape } = refusing('bad_header', () => checked(tensorType, value, place));
  const [begin, end] = refusing('bad_offsets', () => checked(tensorOffsets, value, place)).data_offsets;
  if (begin > end) throw new SafetensorsError('bad_offsets', `${place} ends before it begins`);
  const size = elementSizes.get(dtype) ?? 0;
  // A larger product is inexact, and one with a factor 0 hides the others.
  if (!Number.isSafeInteger(elementCount(shape.filter((n) => n > 0)) * size)) {
    throw new SafetensorsError('bad_offsets', `${place} has a shape that is too large`);
  }
  if (size > 0 && elementCount(shape) * size !== end - begin) {
    const described = `${shortened(dtype)} [${shortened(shape.join(', '))}]`;
    throw new SafetensorsError(
      'bad_offsets',
      `tensor '${shortened(name)}' of ${described} cannot have ${end - begin} bytes`,
    );
  }
  return { name, type: dtype, shape, begin, end };
}

function isElementType(dtype: string): dtype is SafetensorsType {
  return Object.hasOwn(elementTypes, dtype);
}

function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

function sortedJson(metadata: Readonly<Record<string, string>>): string {
  const entries = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, text]) => `${JSON.stringify(key)}:${JSON.stringify(text)}`).join(',')}}`;
}
