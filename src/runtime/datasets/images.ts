import { opendirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { byteText } from '../../files/read-file.js';
import type { ArrayFile } from './array_part.js';
import { mostDataBytes, mostImageFileBytes, mostImageFiles } from './data_limits.js';
import { DatasetError, someOf, systemErrorCode } from './dataset_error.js';
import { readBytes } from './file_bytes.js';
import { decodeImage, type ImageShape, pngShape } from './png.js';
import { withRoom } from './stored_array.js';

/** The PNG files of a folder, in their order. */
export interface ImageFolder {
  readonly files: readonly string[];
  /** The names of the folders within, which are the classes; null where the files lie in the folder itself. */
  readonly classes: readonly string[] | null;
  /** The class of each file; null where there are none. */
  readonly labels: Int32Array | null;
}

/** An image folder that was read. */
export interface ImageArrays {
  /** [files, channels, height, width] */
  readonly examples: ArrayFile;
  readonly labels: ArrayFile | null;
  readonly classes: readonly string[] | null;
}

/**
 * Lists a folder of PNG files, or of folders of them, or takes a single one. Names are in the order of their UTF-16 units; those that begin with
 * a point are left out.
 *
 * @param classes of the training folder, which a test folder has no others than; null where this is the training folder
 * @throws DatasetError not_found, unreadable, too_large; wrong_shape for a folder without images, or with both files and folders;
 *   wrong_format for a file that isn't named .png; mismatch for a class that the training folder doesn't have
 */
export function listImages(folder: string, classes: readonly string[] | null = null): ImageFolder {
  if (isSinglePicture(folder)) {
    return { files: pngFiles(dirname(folder), [basename(folder)]), classes: null, labels: null };
  }
  const { files, folders } = entriesOf(folder);
  if (folders.length === 0) return { files: pngFiles(folder, files), classes: null, labels: null };
  if (files.length > 0) {
    const problem = `has both files (${files[0]}) and folders (${folders[0]})`;
    throw new DatasetError('wrong_shape', folder, problem, 'put every image into the folder of its class');
  }
  const known = classes ?? folders;
  const numbers = new Map(known.map((name, i) => [name, i]));
  const perClass = folders.map((name) => {
    const inside = entriesOf(join(folder, name));
    if (inside.folders.length > 0) {
      const problem = `has a folder in that of a class: ${name}/${inside.folders[0]}`;
      throw new DatasetError('wrong_shape', folder, problem, 'put all images of a class into one folder');
    }
    const label = numbers.get(name);
    if (label === undefined) {
      const problem = `has the class '${name}', and the training folder doesn't`;
      throw new DatasetError('mismatch', folder, problem, `its classes are ${someOf(known)}`);
    }
    return { label, files: pngFiles(join(folder, name), inside.files) };
  });
  requireFew(
    perClass.reduce((sum, { files: inside }) => sum + inside.length, 0),
    folder,
  );
  const labels = perClass.flatMap((one) => one.files.map(() => one.label));
  return { files: perClass.flatMap((one) => one.files), classes: known, labels: Int32Array.from(labels) };
}

/**
 * The shape that all images of a folder have, by their heads.
 *
 * @throws DatasetError as `listImages` and `pngShape`; mismatch for images of several shapes
 */
export function shapeOfImages({ files }: ImageFolder): ImageShape {
  const [first = '', ...others] = files;
  const shape = pngShape(readImageFile(first), first);
  for (const file of others) requireAlike(pngShape(readImageFile(file), file), file, shape, first);
  return shape;
}

/** @throws DatasetError as `listImages`, `shapeOfImages` and `decodeImage` */
export function readImages(folder: string, classes: readonly string[] | null = null): ImageArrays {
  const list = listImages(folder, classes);
  const [first = ''] = list.files;
  const shape = pngShape(readImageFile(first), first);
  const size = shape[0] * shape[1] * shape[2];
  const bytes = list.files.length * size;
  if (bytes > mostDataBytes) {
    const problem = `has ${list.files.length} images of ${size} bytes, more than the limit of ${byteText(mostDataBytes)}`;
    throw new DatasetError('too_large', folder, problem, 'use fewer or smaller images');
  }
  const data = withRoom(folder, () => new Uint8Array(bytes));
  list.files.forEach((file, i) => {
    const image = decodeImage(readImageFile(file), file);
    requireAlike(image.shape, file, shape, first);
    data.set(image.data, i * size);
  });
  return {
    examples: { path: folder, array: { dims: [list.files.length, ...shape], data } },
    labels: list.labels && { path: folder, array: { dims: [list.labels.length], data: list.labels } },
    classes: list.classes,
  };
}

function requireAlike(shape: ImageShape, file: string, other: ImageShape, first: string): void {
  if (shape.join() === other.join()) return;
  const problem = `is ${described(shape)}, and ${first} ${described(other)}`;
  throw new DatasetError('mismatch', file, problem, 'make all images of one size, all grey or all coloured');
}

function described([channels, height, width]: ImageShape): string {
  return `a ${channels === 1 ? 'grey' : 'coloured'} image of ${height}×${width}`;
}

/** A picture is a folder of one, so that a model can be applied to it. */
function isSinglePicture(path: string): boolean {
  return path.toLowerCase().endsWith('.png') && statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function entriesOf(folder: string): { readonly files: readonly string[]; readonly folders: readonly string[] } {
  try {
    const [files, folders]: [string[], string[]] = [[], []];
    const directory = opendirSync(folder, { bufferSize: 1024 });
    try {
      for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
        if (entry.name.startsWith('.')) continue;
        (entry.isDirectory() ? folders : files).push(entry.name);
        requireFew(files.length + folders.length, folder);
      }
    } finally {
      directory.closeSync();
    }
    return { files: files.sort(byUnits), folders: folders.sort(byUnits) };
  } catch (error) {
    if (error instanceof DatasetError) throw error;
    const code = systemErrorCode(error);
    if (code === 'ENOENT') {
      throw new DatasetError('not_found', folder, 'there is no such folder', 'check the path', { cause: error });
    }
    const problem = code === 'ENOTDIR' ? 'is a file' : `can't be read (${code ?? String(error)})`;
    throw new DatasetError('unreadable', folder, problem, 'name a folder of PNG files', { cause: error });
  }
}

function byUnits(a: string, b: string): number {
  return a < b ? -1 : 1;
}

function requireFew(count: number, folder: string): void {
  if (count <= mostImageFiles) return;
  const problem = `has more than ${mostImageFiles.toLocaleString('en')} files, which is the limit`;
  throw new DatasetError('too_large', folder, problem, 'use fewer images, or save them as one .npy array');
}

function readImageFile(path: string): Uint8Array {
  return readBytes(path, mostImageFileBytes);
}

function pngFiles(folder: string, files: readonly string[]): readonly string[] {
  const other = files.find((name) => !name.toLowerCase().endsWith('.png'));
  if (other !== undefined) {
    throw new DatasetError('wrong_format', join(folder, other), 'is no PNG file', 'convert it, or put it elsewhere');
  }
  if (files.length === 0) throw new DatasetError('wrong_shape', folder, 'has no images', 'put PNG files into it');
  return files.map((name) => join(folder, name));
}
