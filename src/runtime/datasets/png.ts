import { convertIndexedToRgb, type DecodedPng, decode, hasPngSignature } from 'fast-png';
import { DatasetError } from './dataset_error.js';

/** [channels, height, width] */
export type ImageShape = readonly [channels: 1 | 3, height: number, width: number];

const COLOUR = { grey: 0, rgb: 2, palette: 3, greyAlpha: 4, rgbAlpha: 6 } as const;

/**
 * The shape of the image that a PNG file holds, by its head: grey images have one channel, coloured ones, with a palette
 * too, have three.
 *
 * @param path for messages
 * @throws DatasetError truncated, wrong_format; wrong_type for 16 bits
 */
export function pngShape(bytes: Uint8Array, path: string): ImageShape {
  if (!hasPngSignature(bytes)) {
    throw new DatasetError('wrong_format', path, 'is no PNG file, whatever its name', 'save it as PNG');
  }
  if (bytes.byteLength < 33) throw new DatasetError('truncated', path, 'ends within its header', 'copy it again');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint8(24) === 16) {
    throw new DatasetError('wrong_type', path, 'has 16 bits for a channel', 'save it with 8, or as an .npy array');
  }
  const colour = view.getUint8(25);
  const channels = colour === COLOUR.grey || colour === COLOUR.greyAlpha ? 1 : 3;
  return [channels, view.getUint32(20), view.getUint32(16)];
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
    const problem = `is damaged: ${error instanceof Error ? error.message : String(error)}`;
    throw new DatasetError('wrong_format', path, problem, 'copy or save it again', { cause: error });
  }
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
