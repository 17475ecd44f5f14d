import { opendirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { byteText } from '../../files/read-file.js';
import { groupedText } from '../../text/number-text.js';
import type { ArrayFile } from './array-part.js';
import { numberOf, withKnown } from './class-labels.js';
import { DamagedPictures } from './damaged-pictures.js';
import { mostDataBytes, mostImageFiles } from './data-limits.js';
import { DatasetError, systemErrorCode } from './dataset-error.js';
import { checkPicture, decodePicture, isPictureName, otherPicture, type PictureLook, pictureHead } from './pictures.js';
import type { DecodedPicture, ImageShape, PictureHead } from './png.js';
import { withRoom } from './stored-array.js';

/** The pictures of a folder, in their order. */
export interface ImageFolder {
  readonly files: readonly string[];
  /** Names of the subfolders, which are the classes; null if the files are in the folder itself. */
  readonly classes: readonly string[] | null;
  /** Class of each file; null if there are none. */
  readonly labels: Int32Array | null;
}

/**
 * Lists a folder of pictures, or of folders of them, or a single picture. Names are sorted by UTF-16 units. Skips
 * hidden files, files made by operating systems, and text and tables beside pictures. A link to a folder counts as a
 * folder.
 *
 * @param classes of the training folder, to which a test folder's new ones are appended; null for the training folder
 * @throws DatasetError not_found, unreadable, too_large; wrong_shape for a folder without images, or with both files
 *   and folders; wrong_format for a file without a picture's extension
 */
export function listImages(folder: string, classes: readonly string[] | null = null): ImageFolder {
  if (isSinglePicture(folder)) {
    return { files: picturesIn(dirname(folder), [basename(folder)]), classes: null, labels: null };
  }
  const { files, folders } = entriesOf(folder);
  if (folders.length === 0) return { files: picturesIn(folder, files), classes: null, labels: null };
  if (folders.length > 1 && folders.every((name) => nameParts.has(name.toLowerCase()))) {
    const problem = `has folders of parts (${folders.join(', ')}), and not of classes`;
    const hint = 'name them apart: images("FOLDER/train", test_folder="FOLDER/test")';
    throw new DatasetError('wrong_shape', folder, problem, hint);
  }
  const stray = files.find((name) => !isAccompanying(name));
  if (stray !== undefined) {
    const problem = `has both files (${stray}) and folders (${folders[0]})`;
    throw new DatasetError('wrong_shape', folder, problem, 'put every image into the folder of its class');
  }
  const known = withKnown(classes ?? [], new Set(folders));
  const numbers = new Map(known.map((name, i) => [name, i]));
  const perClass = folders.map((name) => {
    const inside = entriesOf(join(folder, name));
    if (inside.folders.length > 0) {
      const problem = `has a folder in that of a class: ${name}/${inside.folders[0]}`;
      throw new DatasetError('wrong_shape', folder, problem, 'put all images of a class into one folder');
    }
    return { label: numberOf(name, numbers), files: picturesIn(join(folder, name), inside.files) };
  });
  requireFew(
    perClass.reduce((sum, { files: inside }) => sum + inside.length, 0),
    folder,
  );
  const labels = perClass.flatMap((one) => one.files.map(() => one.label));
  return { files: perClass.flatMap((one) => one.files), classes: known, labels: Int32Array.from(labels) };
}

/** Properties shared by all pictures of a folder, from their headers. */
export interface FolderHead {
  /** Shape of one picture after conversion. */
  readonly shape: ImageShape;
  /** Whether any picture has 16 bits per channel, so that values must be floating-point. */
  readonly isDeep: boolean;
}

/**
 * The common shape of pictures, from their headers.
 *
 * @param folder for messages
 * @param files from the folder, at least one
 * @throws DatasetError as `pictureHead` and `checkPicture`, for all pictures at once; mismatch if shapes differ and
 *   `look` doesn't unify them
 */
function headOfImages(folder: string, files: readonly string[], look: PictureLook): FolderHead {
  try {
    return commonHead(folder, files, (file) => pictureHead(file, look));
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    // Fails too, and names those whose heads are whole.
    return checkImages(folder, files, look);
  }
}

/**
 * Like `headOfImages`, and checks every picture. @throws DatasetError as `headOfImages` and `checkPicture`, for all at
 * once
 */
export function checkImages(folder: string, files: readonly string[], look: PictureLook): FolderHead {
  return commonHead(folder, files, (file) => {
    const head = pictureHead(file, look);
    checkPicture(file, look);
    return head;
  });
}

function commonHead(folder: string, files: readonly string[], headOf: (file: string) => PictureHead): FolderHead {
  const damaged = new DamagedPictures(folder);
  let first: { readonly head: PictureHead; readonly file: string } | null = null;
  let unlike: DatasetError | null = null;
  let isDeep = false;
  for (const file of files) {
    try {
      const head = headOf(file);
      isDeep ||= head.isDeep;
      first ??= { head, file };
      unlike ??= unlikeness(head, file, first.head, first.file);
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error;
      damaged.add(error);
    }
  }
  damaged.throwIfAny(files.length);
  if (unlike !== null) throw unlike;
  if (first === null) throw new RangeError('a folder without pictures');
  return { shape: first.head.shape, isDeep };
}

/**
 * Reads pictures. Bytes stay bytes; if any picture has 16 bits per channel, all become floats from 0 to 1.
 *
 * @param files from the folder: all, or those needed
 * @param signal ends it; the promise is then rejected with the signal's reason
 * @throws DatasetError as `headOfImages` and `decodePicture`, for all pictures at once
 */
export async function readImages(
  folder: string,
  files: readonly string[],
  look: PictureLook,
  signal?: AbortSignal,
): Promise<ArrayFile> {
  const head = headOfImages(folder, files, look);
  const size = sizeOf(head);
  const bytes = files.length * size * (head.isDeep ? 4 : 1);
  if (bytes > mostDataBytes) {
    const problem = `has ${files.length} images that take ${bytes} bytes, more than the limit of ${byteText(mostDataBytes)}`;
    throw new DatasetError('too_large', folder, problem, 'use fewer images (take=), or smaller ones (size=)');
  }
  const data = withRoom(folder, () => (head.isDeep ? new Float32Array(files.length * size) : new Uint8Array(bytes)));
  const [first = ''] = files;
  const damaged = new DamagedPictures(folder);
  for (const [i, file] of files.entries()) {
    // Lets signals and keys be heard.
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    const image = pictureOr(file, look, damaged);
    if (image === null) continue;
    const unlike = unlikeness(image, file, head, first);
    if (unlike !== null) throw unlike;
    if (data instanceof Uint8Array && image.data instanceof Uint8Array) data.set(image.data, i * size);
    else {
      const most = image.data instanceof Uint8Array ? 255 : 65535;
      for (let j = 0; j < size; j++) data[i * size + j] = (image.data[j] ?? 0) / most;
    }
  }
  damaged.throwIfAny(files.length);
  return { path: folder, array: { dims: [files.length, ...head.shape], data } };
}

/** Decodes a picture; null if it can't be read, which is added to `damaged`. */
function pictureOr(file: string, look: PictureLook, damaged: DamagedPictures): DecodedPicture | null {
  try {
    return decodePicture(file, look);
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    damaged.add(error);
    return null;
  }
}

/** How many values the first picture has that can be read; 0 where none can. */
export function sizeOfFirst(files: readonly string[], look: PictureLook): number {
  for (const file of files) {
    try {
      return sizeOf(pictureHead(file, look));
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error;
    }
  }
  return 0;
}

function sizeOf({ shape: [channels, height, width] }: Pick<PictureHead, 'shape'>): number {
  return channels * height * width;
}

type Shaped = Pick<PictureHead, 'shape'>;

/** The error for a picture whose shape differs from the first one's; null if they match. */
function unlikeness({ shape }: Shaped, file: string, { shape: other }: Shaped, first: string): DatasetError | null {
  if (shape.join() === other.join()) return null;
  const problem = `is ${described(shape)}, and ${first} ${described(other)}`;
  const sameSize = shape[1] === other[1] && shape[2] === other[2];
  const size = `size=[${other[1]}, ${other[2]}] brings all pictures to one size`;
  const colour = 'color=rgb makes all of them coloured, color=grey all grey';
  const hints = [...(sameSize ? [] : [size]), ...(shape[0] === other[0] ? [] : [colour])];
  return new DatasetError('mismatch', file, problem, hints.join('; '));
}

function described([channels, height, width]: ImageShape): string {
  return `a ${channels === 1 ? 'grey' : 'coloured'} image of ${height}×${width}`;
}

/** A picture is a folder of one, so that a model can be applied to it. */
function isSinglePicture(path: string): boolean {
  return isPictureName(path) && statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function entriesOf(folder: string): { readonly files: readonly string[]; readonly folders: readonly string[] } {
  try {
    const [files, folders]: [string[], string[]] = [[], []];
    const directory = opendirSync(folder, { bufferSize: 1024 });
    try {
      for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
        if (entry.name.startsWith('.') || MADE_BY_SYSTEMS.has(entry.name.toLowerCase())) continue;
        const isFolder = entry.isSymbolicLink() ? leadsToFolder(join(folder, entry.name)) : entry.isDirectory();
        (isFolder ? folders : files).push(entry.name);
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
    throw new DatasetError('unreadable', folder, problem, 'name a folder of pictures', { cause: error });
  }
}

/** Lower-case names of folders that hold parts. */
const nameParts = new Set(['train', 'training', 'test', 'testing', 'val', 'valid', 'validation']);

/** Lower-case names that operating systems put into folders. */
const MADE_BY_SYSTEMS = new Set(['thumbs.db', 'desktop.ini', '__macosx', '$recycle.bin', '@eadir']);

/** @throws DatasetError not_found for a link that leads nowhere */
function leadsToFolder(link: string): boolean {
  const status = statSync(link, { throwIfNoEntry: false });
  if (status === undefined) {
    throw new DatasetError('not_found', link, 'is a link that leads nowhere', 'remove it, or mend what it leads to');
  }
  return status.isDirectory();
}

function byUnits(a: string, b: string): number {
  return a < b ? -1 : 1;
}

function requireFew(count: number, folder: string): void {
  if (count <= mostImageFiles) return;
  const problem = `has more than ${groupedText(mostImageFiles)} files, which is the limit`;
  throw new DatasetError('too_large', folder, problem, 'use fewer images, or save them as one .npy array');
}

function picturesIn(folder: string, files: readonly string[]): readonly string[] {
  const pictures = files.filter((name) => !isAccompanying(name));
  const other = pictures.length > 0 ? pictures.find((name) => !isPictureName(name)) : files[0];
  if (other !== undefined) throw otherPicture(join(folder, other));
  if (pictures.length === 0) {
    throw new DatasetError('wrong_shape', folder, 'has no images', 'put PNG or JPEG files into it');
  }
  return pictures.map((name) => join(folder, name));
}

/** Whether a file is one that data sets come with, by its name, and no picture: labels, a licence. */
function isAccompanying(name: string): boolean {
  return /\.(?:txt|md|rst|csv|tsv|xlsx?|jsonl?|ya?ml|xml|html?|pdf|log|py|ipynb|np[yz]|mat)$|^(?:readme|licen[sc]e|copying)$/i.test(
    name,
  );
}
