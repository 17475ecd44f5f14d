import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ArrayFile } from './array_part.js';
import { DatasetError, systemErrorCode } from './dataset_error.js';
import { readBytes } from './file_bytes.js';
import { decodeImage, type ImageShape, pngShape } from './png.js';

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
 * Lists a folder of PNG files, or of folders of them. Names are in the order of their UTF-16 units; those that begin with
 * a point are left out.
 *
 * @param classes of the training folder, which a test folder has no others than; null where this is the training folder
 * @throws DatasetError not_found, unreadable; wrong_shape for a folder without images, or with both files and folders;
 *   wrong_format for a file that isn't named .png; mismatch for a class that the training folder doesn't have
 */
export function listImages(folder: string, classes: readonly string[] | null = null): ImageFolder {
  const { files, folders } = entriesOf(folder);
  if (folders.length === 0) return { files: pngFiles(folder, files), classes: null, labels: null };
  if (files.length > 0) {
    const problem = `has both files (${files[0]}) and folders (${folders[0]})`;
    throw new DatasetError('wrong_shape', folder, problem, 'put every image into the folder of its class');
  }
  const known = classes ?? folders;
  const perClass = folders.map((name) => {
    const inside = entriesOf(join(folder, name));
    if (inside.folders.length > 0) {
      const problem = `has a folder in that of a class: ${name}/${inside.folders[0]}`;
      throw new DatasetError('wrong_shape', folder, problem, 'put all images of a class into one folder');
    }
    const label = known.indexOf(name);
    if (label < 0) {
      const problem = `has the class '${name}', and the training folder doesn't`;
      throw new DatasetError('mismatch', folder, problem, `its classes are ${known.join(', ')}`);
    }
    return { label, files: pngFiles(join(folder, name), inside.files) };
  });
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
  const shape = pngShape(readBytes(first), first);
  for (const file of others) requireAlike(pngShape(readBytes(file), file), file, shape, first);
  return shape;
}

/** @throws DatasetError as `listImages`, `shapeOfImages` and `decodeImage` */
export function readImages(folder: string, classes: readonly string[] | null = null): ImageArrays {
  const list = listImages(folder, classes);
  const [first = ''] = list.files;
  const shape = pngShape(readBytes(first), first);
  const size = shape[0] * shape[1] * shape[2];
  const data = new Uint8Array(list.files.length * size);
  list.files.forEach((file, i) => {
    const image = decodeImage(readBytes(file), file);
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

function entriesOf(folder: string): { readonly files: readonly string[]; readonly folders: readonly string[] } {
  try {
    const entries = readdirSync(folder, { withFileTypes: true })
      .filter(({ name }) => !name.startsWith('.'))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const named = (wanted: boolean) =>
      entries.filter((entry) => entry.isDirectory() === wanted).map(({ name }) => name);
    return { files: named(false), folders: named(true) };
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT') {
      throw new DatasetError('not_found', folder, 'there is no such folder', 'check the path', { cause: error });
    }
    const problem = code === 'ENOTDIR' ? 'is a file' : `can't be read (${code ?? String(error)})`;
    throw new DatasetError('unreadable', folder, problem, 'name a folder of PNG files', { cause: error });
  }
}

function pngFiles(folder: string, files: readonly string[]): readonly string[] {
  const other = files.find((name) => !name.toLowerCase().endsWith('.png'));
  if (other !== undefined) {
    throw new DatasetError('wrong_format', join(folder, other), 'is no PNG file', 'convert it, or put it elsewhere');
  }
  if (files.length === 0) throw new DatasetError('wrong_shape', folder, 'has no images', 'put PNG files into it');
  return files.map((name) => join(folder, name));
}
