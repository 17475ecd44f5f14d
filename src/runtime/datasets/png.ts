import { inflateSync } from 'node:zlib';
import { convertIndexedToRgb, type DecodedPng, decode, hasPngSignature } from 'fast-png';
import { largestDeflateRatio, mostImageValues, mostSurplusBytes } from './data_limits.js';
import { DatasetError, systemErrorCode } from './dataset_error.js';

/** [channels, height, width] */
export type ImageShape = readonly [channels: 1 | 3, height: number, width: number];

const COLOUR = { grey: 0, rgb: 2, palette: 3, greyAlpha: 4, rgbAlpha: 6 } as const;

/**
 * The shape of the image that a PNG file holds, by its head: grey images have one channel, coloured ones, with a palette
 * too, have three.
 *
 * @param path for messages
 * @throws DatasetError truncated, wrong_format, too_large; wrong_type for 16 bits
 */
export function pngShape(bytes: Uint8Array, path: string): ImageShape {
  if (!hasPngSignature(bytes)) {
    throw new DatasetError('wrong_format', path, 'is no PNG file, whatever its name', 'save it as PNG');
  }
  if (bytes.byteLength < 33) throw new DatasetError('truncated', path, 'ends within its header', 'copy it again');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(8) !== 13 || chunkType(bytes, 8) !== 'IHDR')
    throw damaged(path, 'it does not begin with its header');
  if (view.getUint8(24) === 16) {
    throw new DatasetError('wrong_type', path, 'has 16 bits for a channel', 'save it with 8, or as an .npy array');
  }
  const colour = view.getUint8(25);
  const channels = colour === COLOUR.grey || colour === COLOUR.greyAlpha ? 1 : 3;
  const [height, width] = [view.getUint32(20), view.getUint32(16)];
  if (channels * height * width > mostImageValues) {
    const problem = `is an image of ${height}×${width}, which has more than ${mostImageValues.toLocaleString('en')} values`;
    throw new DatasetError('too_large', path, problem, 'make it smaller: that is the limit for one image');
  }
  return [channels, height, width];
}

/**
 * The bytes of an image, channel by channel, row by row. Grey levels of fewer than 8 bits are spread over 0 … 255. Images
 * with transparent pixels are refused, because what is behind them is not known; an alpha channel that is opaque
 * throughout is left out. Colour profiles and gamma are not applied.
 *
 * @throws DatasetError as `pngShape`; wrong_value for transparent pixels
 */
export function decodeImage(
  bytes: Uint8Array,
  path: string,
): { readonly shape: ImageShape; readonly data: Uint8Array } {
  const shape = pngShape(bytes, path);
  requireStatedSize(bytes, shape, path);
  const { channels, data } = interleaved(bytes, path);
  const [planes, height, width] = shape;
  const pixels = height * width;
  if (data.length !== pixels * channels) {
    throw new DatasetError('wrong_type', path, 'is interlaced, with fewer than 8 bits', 'save it without interlacing');
  }
  const planar = new Uint8Array(planes * pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (channels > planes && data[pixel * channels + planes] !== 255) {
      throw transparent(path, `the pixel in row ${Math.floor(pixel / width)}, column ${pixel % width}`);
    }
    for (let plane = 0; plane < planes; plane++) planar[plane * pixels + pixel] = data[pixel * channels + plane] ?? 0;
  }
  return { shape, data: planar };
}

interface Interleaved {
  readonly channels: number;
  readonly data: Uint8Array;
}

function interleaved(bytes: Uint8Array, path: string): Interleaved {
  try {
    const png = decode(bytes, { checkCrc: true });
    if (png.transparency !== undefined) throw transparent(path, 'one of its colours');
    if (png.palette !== undefined) {
      return { channels: png.palette[0]?.length ?? 3, data: convertIndexedToRgb(png) };
    }
    return { channels: png.channels, data: png.depth < 8 ? spread(png) : Uint8Array.from(png.data) };
  } catch (error) {
    if (error instanceof DatasetError) throw error;
    // The decoder goes on without looking whether there are as many bytes as the header states.
    const foreseen = error instanceof Error && !(error instanceof TypeError || error instanceof RangeError);
    throw damaged(path, foreseen ? error.message : 'its content is not what its header states', error);
  }
}

function damaged(path: string, what: string, cause?: unknown): DatasetError {
  return new DatasetError('wrong_format', path, `is damaged: ${what}`, 'copy or save it again', { cause });
}

/** The most that a palette has. */
const paletteBytes = 3 * 256;

/**
 * Refuses a file whose pixels, or whose colour profile, unpack to more than they can be: the decoder would unpack all of it.
 * What is wrong otherwise is left for the decoder to say.
 */
function requireStatedSize(bytes: Uint8Array, [, height, width]: ImageShape, path: string): void {
  const packed: Uint8Array[] = [];
  for (const { type, at, data } of chunksOf(bytes)) {
    if (type === 'IHDR' && at > 8) throw damaged(path, 'it has two headers');
    if (type === 'PLTE' && data.length > paletteBytes) throw damaged(path, 'its palette is too long');
    if (type === 'IDAT') packed.push(data);
    // After its name, a zero and the method.
    if (type === 'iCCP') requireUnpacked(data.subarray(data.indexOf(0) + 2), 0, 'its colour profile', path);
  }
  // Four channels, and the byte that begins each row; with interlacing each row is up to seven, and as many bytes.
  requireUnpacked(Buffer.concat(packed), height * (4 * width + 7), 'its pixels', path);
}

function requireUnpacked(packed: Uint8Array, stated: number, what: string, path: string): void {
  const most = stated + mostSurplusBytes;
  if (packed.length * largestDeflateRatio <= most) return;
  const tooLarge = (cause?: unknown) => {
    const problem = `${what} unpack${what.endsWith('s') ? '' : 's'} to more than its header states`;
    return new DatasetError('too_large', path, problem, 'save it again', { cause });
  };
  try {
    const read = bytesOfStream(inflateSync(packed, { maxOutputLength: most, info: true }));
    // The decoder goes on with another stream where one follows.
    if ((packed[read] ?? 0) !== 0) throw tooLarge();
  } catch (error) {
    if (systemErrorCode(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(error);
    if (error instanceof DatasetError) throw error;
  }
}

/** How much of what was given is the stream. @param inflated what zlib gives with `info`, which its types don't know */
function bytesOfStream(inflated: unknown): number {
  const engine = propertyOf(inflated, 'engine');
  const read = propertyOf(engine, 'bytesWritten');
  if (typeof read !== 'number') throw new Error('zlib does not tell how much it read');
  return read;
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

interface Chunk {
  readonly type: string;
  readonly at: number;
  readonly data: Uint8Array;
}

/** Up to the end, or to where the file is cut off. */
function* chunksOf(bytes: Uint8Array): Iterable<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 12 <= bytes.byteLength; ) {
    const length = view.getUint32(at);
    const end = at + 8 + length;
    if (end > bytes.byteLength) return;
    const type = chunkType(bytes, at);
    yield { type, at, data: bytes.subarray(at + 8, end) };
    if (type === 'IEND') return;
    at = end + 4;
  }
}

function chunkType(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(bytes[at + 4] ?? 0, bytes[at + 5] ?? 0, bytes[at + 6] ?? 0, bytes[at + 7] ?? 0);
}

/** Grey levels of 1, 2 or 4 bits, packed from the high bits on, every row from a new byte. */
function spread({ width, height, depth, data }: DecodedPng): Uint8Array {
  const rowBytes = Math.ceil((width * depth) / 8);
  const most = 2 ** depth - 1;
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const bit = (i % width) * depth;
    const byte = data[Math.floor(i / width) * rowBytes + Math.floor(bit / 8)] ?? 0;
    return (((byte >> (8 - depth - (bit % 8))) & most) * 255) / most;
  });
}

function transparent(path: string, what: string): DatasetError {
  return new DatasetError('wrong_value', path, `${what} is transparent`, 'flatten it onto a background');
}
