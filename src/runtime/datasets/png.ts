import { crc32, inflateSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { groupedText } from '../../text/number-text.js';
import { largestDeflateRatio, mostImageValues, mostSurplusBytes } from './data-limits.js';
import { DatasetError, systemErrorCode } from './dataset-error.js';

/** [channels, height, width] */
export type ImageShape = readonly [channels: 1 | 3, height: number, width: number];

const COLOUR = { grey: 0, rgb: 2, palette: 3, greyAlpha: 4, rgbAlpha: 6 } as const;

/** Header of a picture. */
export interface PictureHead {
  readonly shape: ImageShape;
  /** Whether values go up to 65535 instead of 255. */
  readonly isDeep: boolean;
}

/** A picture as it comes out of its file. */
export interface DecodedPicture {
  readonly shape: ImageShape;
  /** Channel by channel, row by row; 16-bit if the header says so. */
  readonly data: Uint8Array | Uint16Array;
}

const PNG_SIGNATURE_BYTES = 8;

/** How many bytes of a PNG file have its head. */
export const PNG_HEAD_BYTES = 33;

/**
 * The shape of a PNG file's image, from its header: grey images have one channel; coloured ones, including those with a
 * palette, have three.
 *
 * @param bytes at least the beginning of the file
 * @param path for messages
 * @throws DatasetError truncated, wrong_format, too_large
 */
export function pngHead(bytes: Uint8Array, path: string): PictureHead {
  if (bytes.byteLength < PNG_HEAD_BYTES) {
    throw new DatasetError('truncated', path, 'ends within its header', 'copy it again');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(8) !== 13 || chunkType(bytes, 8) !== 'IHDR')
    throw damaged(path, 'it does not begin with its header');
  const colour = view.getUint8(25);
  const channels = colour === COLOUR.grey || colour === COLOUR.greyAlpha ? 1 : 3;
  const shape = [channels, view.getUint32(20), view.getUint32(16)] as const;
  requireReadable(shape, path);
  return { shape, isDeep: view.getUint8(24) === 16 };
}

/**
 * Whether a PNG file has an alpha channel or transparent colours. @param head the beginning of the file, up to the
 * pixels
 */
export function mayBeTransparent(head: Uint8Array): boolean {
  const colour = head[25] ?? 0;
  if (colour === COLOUR.greyAlpha || colour === COLOUR.rgbAlpha) return true;
  for (const { type } of chunksOf(head)) {
    if (type === 'tRNS') return true;
    if (type === 'IDAT') return false;
  }
  return false;
}

/** Whether a PNG file has chunks alone up to its end, each with the sum (CRC-32) that it states. */
export function isUndamagedPng(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = PNG_SIGNATURE_BYTES;
  for (const { type, at, data } of chunksOf(bytes)) {
    end = at + 12 + data.length;
    if (end > bytes.byteLength || crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) return false;
    if (type === 'IEND') return end === bytes.byteLength;
  }
  return false;
}

/** @throws DatasetError too_large; wrong_format for a picture without pixels */
export function requireReadable([channels, height, width]: ImageShape, path: string): void {
  if (height === 0 || width === 0) throw damaged(path, 'it has no pixels');
  if (channels * height * width <= mostImageValues) return;
  const problem = `is an image of ${height}×${width}, which has more than ${groupedText(mostImageValues)} values`;
  throw new DatasetError('too_large', path, problem, 'make it smaller: that is the limit for one image');
}

/**
 * Decodes a PNG file of any colour type and depth, interlaced or not. Grey levels of fewer than 8 bits are scaled to 0
 * … 255. Colour profiles and gamma are ignored. A fully opaque alpha channel is dropped.
 *
 * @param background value behind transparent pixels, from 0 to 1; null rejects them
 * @throws DatasetError as `pngHead`; wrong_value for transparent pixels
 */
export function decodePng(bytes: Uint8Array, background: number | null, path: string): DecodedPicture {
  const { shape, isDeep } = pngHead(bytes, path);
  requireStatedSize(bytes, shape, path);
  const rgba = rgbaOf(bytes, isDeep, path);
  const [planes, height, width] = shape;
  const pixels = height * width;
  if (rgba.length !== 4 * pixels) throw damaged(path, 'its content is not what its header states');
  const most = isDeep ? 65535 : 255;
  const data = isDeep ? new Uint16Array(planes * pixels) : new Uint8Array(planes * pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const alpha = rgba[4 * pixel + 3] ?? most;
    if (alpha === most) {
      for (let plane = 0; plane < planes; plane++) data[plane * pixels + pixel] = rgba[4 * pixel + plane] ?? 0;
      continue;
    }
    if (background === null) throw transparent(path, Math.floor(pixel / width), pixel % width);
    for (let plane = 0; plane < planes; plane++) {
      const value = rgba[4 * pixel + plane] ?? 0;
      data[plane * pixels + pixel] = Math.round((value * alpha + background * most * (most - alpha)) / most);
    }
  }
  return { shape, data };
}

/** Four values for each pixel, whatever the file has. */
function rgbaOf(bytes: Uint8Array, isDeep: boolean, path: string): ArrayLike<number> {
  try {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // Without rescaling 16 bits stay 16 bits, and 4 would stay 4.
    return PNG.sync.read(buffer, { skipRescale: isDeep }).data;
  } catch (error) {
    if (error instanceof DatasetError) throw error;
    const what = isUndamagedPng(bytes) ? 'its content is not what its header states' : 'it is cut off, or was changed';
    throw damaged(path, what, error);
  }
}

function damaged(path: string, what: string, cause?: unknown): DatasetError {
  return new DatasetError('wrong_format', path, `is damaged: ${what}`, 'copy or save it again', { cause });
}

/** The most that a palette has. */
const paletteBytes = 3 * 256;

/**
 * Rejects a file whose pixels or colour profile decompress to more than their maximum size, and one with fewer pixels
 * than stated: the decoder would decompress all of it, or continue with whatever is in its memory.
 */
function requireStatedSize(bytes: Uint8Array, [, height, width]: ImageShape, path: string): void {
  const packed: Uint8Array[] = [];
  for (const { type, at, data } of chunksOf(bytes)) {
    if (type === 'IHDR' && at > 8) throw damaged(path, 'it has two headers');
    if (type === 'PLTE' && data.length > paletteBytes) throw damaged(path, 'its palette is too long');
    if (type === 'IDAT') packed.push(data);
    // After its name, a zero and the method.
    if (type === 'iCCP') unpackedLength(data.subarray(data.indexOf(0) + 2), 0, 'its colour profile', path);
  }
  const bits = SAMPLES.get(bytes[25] ?? 0);
  if (bits === undefined) throw damaged(path, 'it has no kind of colours that there is');
  const stated = pixelBytes(height, width, bits * (bytes[24] ?? 0), bytes[28] === 1);
  const length = unpackedLength(Buffer.concat(packed), stated, 'its pixels', path);
  if (length < stated) throw damaged(path, 'it has fewer pixels than its header states');
}

/** How many samples a pixel has, by the type of its colours. */
const SAMPLES = new Map([
  [0, 1],
  [2, 3],
  [3, 1],
  [4, 2],
  [6, 4],
]);

/** First row and column, and the steps between rows and columns, of the passes of Adam7 (PNG specification, 8.2). */
const PASSES = [
  [0, 0, 8, 8],
  [0, 4, 8, 8],
  [4, 0, 8, 4],
  [0, 2, 4, 4],
  [2, 0, 4, 2],
  [0, 1, 2, 2],
  [1, 0, 2, 1],
] as const;

/** How many bytes the rows have, each with the one that names its filter. */
function pixelBytes(height: number, width: number, bits: number, isInterlaced: boolean): number {
  const passes = isInterlaced ? PASSES : ([[0, 0, 1, 1]] as const);
  return passes.reduce((sum, [top, left, down, right]) => {
    const rows = Math.max(0, Math.ceil((height - top) / down));
    const columns = Math.max(0, Math.ceil((width - left) / right));
    return columns === 0 ? sum : sum + rows * (1 + Math.ceil((columns * bits) / 8));
  }, 0);
}

/** How much a stream unpacks to; infinity where what is wrong with it is left for the decoder to say. */
function unpackedLength(packed: Uint8Array, stated: number, what: string, path: string): number {
  const most = stated + mostSurplusBytes;
  const tooLarge = (cause?: unknown) => {
    const problem = `${what} unpack${what.endsWith('s') ? '' : 's'} to more than its header states`;
    return new DatasetError('too_large', path, problem, 'save it again', { cause });
  };
  try {
    const inflated: unknown = inflateSync(packed, { maxOutputLength: most, info: true });
    const mayBeLarge = packed.length * largestDeflateRatio > most;
    // The decoder continues with a second stream, if there is one.
    if (mayBeLarge && (packed[bytesOfStream(inflated)] ?? 0) !== 0) throw tooLarge();
    const content = propertyOf(inflated, 'buffer');
    return content instanceof Uint8Array ? content.length : 0;
  } catch (error) {
    if (systemErrorCode(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(error);
    if (error instanceof DatasetError) throw error;
    return Number.POSITIVE_INFINITY;
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

/** Chunks up to the end, or to where the file is truncated. */
function* chunksOf(bytes: Uint8Array): Iterable<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = PNG_SIGNATURE_BYTES; at + 12 <= bytes.byteLength; ) {
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

function transparent(path: string, row: number, column: number): DatasetError {
  const hint = 'write background=1 for white behind it (0 for black), or flatten the picture';
  return new DatasetError('wrong_value', path, `the pixel in row ${row}, column ${column} is transparent`, hint);
}
