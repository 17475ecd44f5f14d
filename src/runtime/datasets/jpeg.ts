import { mostJpegPixelsPerByte, mostJpegScannedPixels, mostJpegScans } from './data-limits.js';
import { DatasetError } from './dataset-error.js';
import { decodeWithLibjpeg } from './jpeg-decoder.js';
import { isUndamagedJpeg } from './jpeg-walk.js';
import { type DecodedPicture, type ImageShape, type PictureHead, requireReadable } from './png.js';

/** Header of a JPEG file. */
interface JpegHead extends PictureHead {
  /** Exif orientation, from 1 to 8; 1 if not given. */
  readonly orientation: number;
}

/** Frames that are decoded: baseline, extended and progressive, Huffman coded. */
const FRAMES = new Set([0xc0, 0xc1, 0xc2]);

/** Frames that are not: lossless, hierarchical, arithmetically coded. */
const OTHER_FRAMES = new Set([0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf]);

const FIRST_WITH_LENGTH = 0xc0;
const FIRST_RESTART = 0xd0;
const APP1 = 0xe1;
const SCAN = 0xda;
const END = 0xd9;

/**
 * The shape of a JPEG file's picture after applying its orientation.
 *
 * @param bytes at least the beginning of the file
 * @param fileBytes length of the file
 * @returns null if more bytes are needed
 * @throws DatasetError wrong_format, wrong_type for kinds that are not decoded, too_large
 */
export function jpegHead(bytes: Uint8Array, fileBytes: number, path: string): JpegHead | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let orientation = 1;
  for (let at = 2; at + 4 <= bytes.byteLength; ) {
    if (view.getUint8(at) !== 0xff) throw damaged(path, 'its header is none');
    const marker = view.getUint8(at + 1);
    // A marker may have any number of these before it.
    if (marker === 0xff) {
      at++;
      continue;
    }
    const length = view.getUint16(at + 2);
    const end = at + 2 + length;
    if (marker === SCAN || marker === END || length < 2) throw damaged(path, 'it has no size');
    if (OTHER_FRAMES.has(marker)) {
      const kind = marker === 0xc3 ? 'lossless JPEG' : 'a rare kind of JPEG';
      throw new DatasetError('wrong_type', path, `is ${kind}`, 'save it as PNG or as an ordinary JPEG');
    }
    if (FRAMES.has(marker)) {
      if (at + 10 > bytes.byteLength) return null;
      const upright = shapeOf(view, at, path);
      const [channels, height, width] = upright;
      if (height * width > fileBytes * mostJpegPixelsPerByte) {
        throw damaged(path, `it states ${height}×${width} pixels, more than its ${fileBytes} bytes can hold`);
      }
      return { shape: orientation > 4 ? [channels, width, height] : upright, isDeep: false, orientation };
    }
    if (end > bytes.byteLength) return null;
    if (marker === APP1) orientation = exifOrientation(bytes.subarray(at + 4, end)) ?? orientation;
    at = end;
  }
  return null;
}

function shapeOf(view: DataView, at: number, path: string): ImageShape {
  const precision = view.getUint8(at + 4);
  const components = view.getUint8(at + 9);
  if (precision !== 8) {
    throw new DatasetError('wrong_type', path, `has ${precision} bits for a channel`, 'save it with 8, or as PNG');
  }
  if (components !== 1 && components !== 3) {
    const kind = components === 4 ? 'has four channels (CMYK, for printing)' : `has ${components} channels`;
    throw new DatasetError('wrong_type', path, kind, 'convert it to RGB');
  }
  const shape = [components, view.getUint16(at + 5), view.getUint16(at + 7)] as const;
  requireReadable(shape, path);
  return shape;
}

/** Exif tag 0x0112 in the first directory (CIPA DC-008, 4.6.4); null if missing or invalid. */
function exifOrientation(segment: Uint8Array): number | null {
  const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
  if (segment.length < 14 || view.getUint32(0) !== 0x45786966) return null;
  const little = view.getUint16(6) === 0x4949;
  const start = 6 + view.getUint32(10, little);
  if (start + 2 > segment.length) return null;
  const entries = view.getUint16(start, little);
  for (let i = 0; i < entries; i++) {
    const at = start + 2 + 12 * i;
    if (at + 12 > segment.length) return null;
    if (view.getUint16(at, little) !== 0x0112) continue;
    const value = view.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? value : null;
  }
  return null;
}

/**
 * The pixels of a JPEG file, upright, to the bit what libjpeg makes of it. Colour profiles are not applied.
 *
 * @throws DatasetError as `jpegHead`; truncated; wrong_format for damaged content
 */
export function decodeJpeg(bytes: Uint8Array, path: string): DecodedPicture {
  const { shape, orientation } = wholeHead(bytes, path);
  const [channels, height, width] = shape;
  const { hasEnd } = scansWithin(bytes, height * width, path);
  const decoded = decodeWithLibjpeg(bytes);
  if (decoded === null && !hasEnd) {
    throw new DatasetError('truncated', path, 'is cut off: a JPEG file has a mark at its end', 'copy or save it again');
  }
  if (decoded === null) throw damaged(path, 'its pixels are cut off, or were changed');
  const [across, down] = orientation > 4 ? [height, width] : [width, height];
  if (decoded.width !== across || decoded.height !== down || decoded.channels !== channels) {
    throw damaged(path, 'its content is not what its header states');
  }
  const data = new Uint8Array(channels * height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = channels * placeBefore(orientation, y, x, height, width);
      for (let c = 0; c < channels; c++) data[(c * height + y) * width + x] = decoded.data[from + c] ?? 0;
    }
  }
  return { shape, data };
}

/** Throws exactly what `decodeJpeg` throws, decoding only a file that may be damaged. */
export function checkJpeg(bytes: Uint8Array, path: string): void {
  const [, height, width] = wholeHead(bytes, path).shape;
  scansWithin(bytes, height * width, path);
  if (!isUndamagedJpeg(bytes)) decodeJpeg(bytes, path);
}

function wholeHead(bytes: Uint8Array, path: string): JpegHead {
  const head = jpegHead(bytes, bytes.length, path);
  if (head === null) throw new DatasetError('truncated', path, 'ends within its header', 'copy it again');
  return head;
}

/** @throws DatasetError too_large for too many scans: a few bytes of scan can take as long as all the pixels */
function scansWithin(bytes: Uint8Array, pixels: number, path: string): Scans {
  const most = Math.min(mostJpegScans, Math.floor(mostJpegScannedPixels / pixels));
  const found = scansOf(bytes);
  if (found.scans <= most) return found;
  const problem = `has more than ${most} scans, the limit for a JPEG picture of its size`;
  throw new DatasetError('too_large', path, problem, 'save it again as an ordinary JPEG or as PNG');
}

interface Scans {
  readonly scans: number;
  readonly hasEnd: boolean;
}

/** How many scans there are before the end, and whether it comes; a decoder that skips damage finds no more of them. */
function scansOf(bytes: Uint8Array): Scans {
  let scans = 0;
  for (let at = 2; ; ) {
    const mark = bytes.indexOf(0xff, at);
    const marker = bytes[mark + 1];
    if (mark < 0 || marker === undefined) return { scans, hasEnd: false };
    if (marker === END) return { scans, hasEnd: true };
    // Another mark, and what has no length: a 255 of the pixels, a restart, a start, and reserved markers.
    if (marker === 0xff) at = mark + 1;
    else if (marker < FIRST_WITH_LENGTH || (marker >= FIRST_RESTART && marker < END)) at = mark + 2;
    else {
      if (marker === SCAN) scans++;
      at = mark + 2 + Math.max(2, 256 * (bytes[mark + 2] ?? 0) + (bytes[mark + 3] ?? 0));
    }
  }
}

/** Index in the stored picture of the pixel at row `y` and column `x` of the upright picture. */
function placeBefore(orientation: number, y: number, x: number, height: number, width: number): number {
  const [down, right] = [height - 1 - y, width - 1 - x];
  switch (orientation) {
    case 2:
      return y * width + right;
    case 3:
      return down * width + right;
    case 4:
      return down * width + x;
    case 5:
      return x * height + y;
    case 6:
      return right * height + y;
    case 7:
      return right * height + down;
    case 8:
      return x * height + down;
    default:
      return y * width + x;
  }
}

function damaged(path: string, what: string): DatasetError {
  return new DatasetError('wrong_format', path, `is damaged: ${what}`, 'copy or save it again');
}
