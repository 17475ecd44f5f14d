import { mostImageFileBytes } from './data-limits.js';
import { DatasetError } from './dataset-error.js';
import { openedFile, readBytes, readPiece } from './file-bytes.js';
import { fileKind, readerOf } from './file-kinds.js';
import { checkJpeg, decodeJpeg, jpegHead } from './jpeg.js';
import {
  type DecodedPicture,
  decodePng,
  type ImageShape,
  isUndamagedPng,
  mayBeTransparent,
  type PictureHead,
  pngHead,
} from './png.js';
import { resizeImages } from './resize-images.js';

/** Conversions applied to all pictures. */
export interface PictureLook {
  /** Null: pictures keep their size, and all must be alike. */
  readonly size: readonly [height: number, width: number] | null;
  readonly color: 'grey' | 'rgb' | null;
  /** Value behind transparent pixels, from 0 to 1; null: transparent pixels are rejected. */
  readonly background: number | null;
}

/** Parses the language's arguments, of which unspecified ones are absent. */
export function pictureLook({
  size,
  color,
  background,
}: {
  readonly size?: readonly [number, number];
  readonly color?: string;
  readonly background?: number;
}): PictureLook {
  return {
    size: size ?? null,
    color: color === 'grey' || color === 'rgb' ? color : null,
    background: background ?? null,
  };
}

/** How much of a file is read for its head; photographs have a small picture of themselves before it. */
const headBytes = 64 * 2 ** 10;

export function isPictureName(name: string): boolean {
  return /\.(?:png|jpe?g)$/i.test(name);
}

/** @throws DatasetError not_found, unreadable, truncated, wrong_format, wrong_type, too_large */
export function pictureHead(path: string, look: PictureLook): PictureHead {
  const file = openedFile(path, mostImageFileBytes);
  let head: PictureHead | null;
  try {
    const bytes = new Uint8Array(Math.min(headBytes, file.size));
    head = headOf(bytes.subarray(0, readPiece(file, bytes, 0)), file.size, path);
  } finally {
    file.close();
  }
  const whole = head ?? wholeHead(path);
  if (whole === null) throw new DatasetError('truncated', path, 'ends within its header', 'copy it again');
  const [channels, height, width] = whole.shape;
  const shape: ImageShape = [
    look.color === null ? channels : look.color === 'grey' ? 1 : 3,
    look.size?.[0] ?? height,
    look.size?.[1] ?? width,
  ];
  return { shape, isDeep: whole.isDeep };
}

/**
 * Checks a picture for anything that `decodePicture` would reject and the header doesn't show, without decoding it if
 * possible: transparent pixels, wrong checksums, compressed data that is cut off or changed.
 *
 * @throws DatasetError as `decodePicture`
 */
export function checkPicture(path: string, { background }: PictureLook): void {
  const bytes = readBytes(path, mostImageFileBytes);
  if (formatOf(bytes, path) === 'jpeg') {
    checkJpeg(bytes, path);
    return;
  }
  const isOpaque = background !== null || !mayBeTransparent(bytes);
  if (!isOpaque || !isUndamagedPng(bytes)) decodePng(bytes, background, path);
}

function wholeHead(path: string): PictureHead | null {
  const bytes = readBytes(path, mostImageFileBytes);
  return headOf(bytes, bytes.length, path);
}

/** @returns null if more bytes are needed */
function headOf(bytes: Uint8Array, fileBytes: number, path: string): PictureHead | null {
  switch (formatOf(bytes, path)) {
    case 'png':
      return pngHead(bytes, path);
    case 'jpeg':
      return jpegHead(bytes, fileBytes, path);
  }
}

/**
 * Detects the format by content: many a .png file is a JPEG. @throws DatasetError truncated for an empty file;
 * wrong_format for any other format
 */
function formatOf(bytes: Uint8Array, path: string): 'png' | 'jpeg' {
  if (bytes.length === 0) throw new DatasetError('truncated', path, 'is an empty file', 'copy it again, or remove it');
  const kind = fileKind(bytes);
  if (kind === 'a PNG picture' && PNG_SIGNATURE.every((byte, i) => bytes[i] === byte)) return 'png';
  if (kind === 'a JPEG picture') return 'jpeg';
  const problem = `is ${kind ?? 'no picture'}, whatever its name`;
  throw new DatasetError('wrong_format', path, problem, readerOf(kind, '') ?? 'save it as PNG or JPEG');
}

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** A file in a folder of pictures that is not named as one that is read. */
export function otherPicture(path: string): DatasetError {
  const ending = /\.(webp|gif|bmp|tiff?|heic|avif|jp2|ppm|pgm|svg)$/i.exec(path)?.[1];
  if (ending === undefined) {
    return new DatasetError('wrong_format', path, 'is no PNG or JPEG file', 'convert it, or put it elsewhere');
  }
  const command = `mogrify -format png *.${ending} (ImageMagick) converts a folder`;
  const problem = `is a picture of a kind that is not read (${ending.toUpperCase()})`;
  return new DatasetError('wrong_format', path, problem, `save it as PNG or JPEG: ${command}`);
}

/** @throws DatasetError as `pictureHead`, and for damaged content; wrong_value for transparent pixels */
export function decodePicture(path: string, look: PictureLook): DecodedPicture {
  const decoded = decodeFile(path, look.background);
  return resized(recoloured(decoded, look.color), look.size);
}

function decodeFile(path: string, background: number | null): DecodedPicture {
  const bytes = readBytes(path, mostImageFileBytes);
  switch (formatOf(bytes, path)) {
    case 'png':
      return decodePng(bytes, background, path);
    case 'jpeg':
      return decodeJpeg(bytes, path);
  }
}

/** Grey is 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), in whole numbers of 1/65536, as Pillow's mode L. */
function recoloured({ shape, data }: DecodedPicture, color: PictureLook['color']): DecodedPicture {
  const [channels, height, width] = shape;
  if (color === null || channels === (color === 'grey' ? 1 : 3)) return { shape, data };
  const pixels = height * width;
  if (color === 'rgb') {
    const coloured = like(data, 3 * pixels);
    for (let plane = 0; plane < 3; plane++) coloured.set(data, plane * pixels);
    return { shape: [3, height, width], data: coloured };
  }
  const grey = like(data, pixels);
  for (let i = 0; i < pixels; i++) {
    const [red = 0, green = 0, blue = 0] = [data[i], data[pixels + i], data[2 * pixels + i]];
    grey[i] = Math.floor((19595 * red + 38470 * green + 7471 * blue + 32768) / 65536);
  }
  return { shape: [1, height, width], data: grey };
}

/** Area means to shrink a picture, bilinear interpolation to enlarge it; rounded. */
function resized({ shape, data }: DecodedPicture, size: PictureLook['size']): DecodedPicture {
  const [channels, height, width] = shape;
  if (size === null || (size[0] === height && size[1] === width)) return { shape, data };
  const method = size[0] <= height && size[1] <= width ? 'area' : 'bilinear';
  const values = resizeImages(Float32Array.from(data), [height, width], size, method);
  const rounded = like(data, values.length);
  values.forEach((value, i) => {
    rounded[i] = Math.round(value);
  });
  return { shape: [channels, ...size], data: rounded };
}

function like(data: DecodedPicture['data'], length: number): DecodedPicture['data'] {
  return data instanceof Uint8Array ? new Uint8Array(length) : new Uint16Array(length);
}
