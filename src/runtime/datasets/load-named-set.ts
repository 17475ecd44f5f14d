import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { datasetChecksum } from './checksum.js';
import { mostPublishedBytes } from './data-limits.js';
import type { Dataset, Part } from './dataset.js';
import { DatasetError } from './dataset-error.js';
import { type DownloadOptions, download } from './download.js';
import { readContent, readContentBeside } from './file-bytes.js';
import { decodeIdx } from './idx.js';
import { NAMED_SETS, type NamedSet, type PublishedFile } from './named-set.js';
import type { DataPlaces } from './places.js';
import type { Precision } from './precision.js';

export interface LoadOptions extends DownloadOptions {
  /** A file that isn't on this machine is an error instead of a download. */
  readonly offline?: boolean;
  /** Storage precision of examples from files; by default, whatever the training examples need. */
  readonly precision?: Precision | undefined;
  /** Bytes that the examples of a part may take in memory; those of arrays that take more stay in their files. No limit by default. */
  readonly mostInMemory?: number;
}

/**
 * Loads a published data set: every file from the provided folder, else from the cache, else downloaded into the cache.
 * A file is used only if its content has the published SHA-256 checksum. Files are read concurrently and downloaded
 * sequentially.
 *
 * @throws DatasetError wrong_checksum, truncated, wrong_format, unreadable for an existing but wrong file;
 *   not_found when offline; download_failed, cache_not_writable
 */
export async function loadNamedSet(set: NamedSet, places: DataPlaces, options: LoadOptions = {}): Promise<Dataset> {
  const begin = (published: PublishedFile) => {
    const found = findContent(set, published, places);
    // Reported when the file's turn comes, so that the first of several failures wins.
    found.catch(() => {});
    return async () => (await found) ?? (await downloadInto(set, published, places, options));
  };
  const [trainImages, trainLabels] = [begin(set.trainImages), begin(set.trainLabels)];
  const [testImages, testLabels] = [begin(set.testImages), begin(set.testLabels)];
  const train = decodePart(set, await trainImages(), await trainLabels());
  const test = decodePart(set, await testImages(), await testLabels());
  const checksum = datasetChecksum(set.shape, {
    trainValues: set.trainImages.sha256,
    trainLabels: set.trainLabels.sha256,
    testValues: set.testImages.sha256,
    testLabels: set.testLabels.sha256,
  });
  const { name, shape, classes, classNames } = set;
  return { name, shape, train, test, classes, classNames, columns: null, unusedColumns: [], checksum };
}

/** Path of a published set's file, and whether it had to be downloaded. */
export interface FetchedFile {
  readonly path: string;
  readonly downloaded: boolean;
}

/**
 * Sees to it that the cache has all files of a published set; a file that is there but isn't right is replaced.
 *
 * @throws DatasetError download_failed, cache_not_writable
 */
export async function fetchNamedSet(
  set: NamedSet,
  places: DataPlaces,
  options: DownloadOptions = {},
): Promise<readonly FetchedFile[]> {
  const fetched: FetchedFile[] = [];
  for (const published of [set.trainImages, set.trainLabels, set.testImages, set.testLabels]) {
    const path = cachePath(set, published, places);
    const present = isRight(path, published);
    if (!present) await download(set.mirrors, published.file, published.sha256, path, options);
    fetched.push({ path, downloaded: !present });
  }
  return fetched;
}

function isRight(path: string, published: PublishedFile): boolean {
  if (!existsSync(path)) return false;
  try {
    return sha256(readContent(path, mostPublishedBytes)) === published.sha256;
  } catch (error) {
    if (error instanceof DatasetError) return false;
    throw error;
  }
}

function cachePath(set: NamedSet, { file }: PublishedFile, places: DataPlaces): string {
  return join(places.cache, set.name, `${file}.gz`);
}

/** Content of a file on this machine; null if there is none. Skips files of other published sets. */
async function findContent(set: NamedSet, published: PublishedFile, places: DataPlaces): Promise<Uint8Array | null> {
  const { file, sha256: expected } = published;
  const folders = places.provided === null ? [] : [join(places.provided, set.name), places.provided];
  const provided = folders.flatMap((folder) => [join(folder, `${file}.gz`), join(folder, file)]);
  const cached = cachePath(set, published, places);
  for (const path of [...provided, cached]) {
    if (!existsSync(path)) continue;
    const content = await readContentBeside(path, mostPublishedBytes);
    const actual = sha256(content);
    if (actual === expected) return content;
    if (belongsToAnother(set, actual)) continue;
    const hint = path === cached ? `delete it or run: aedsl data fetch ${set.name}` : 'replace it by the original';
    throw new DatasetError('wrong_checksum', path, `is not ${set.name}'s (SHA-256 ${actual} of its content)`, hint);
  }
  return null;
}

function belongsToAnother(set: NamedSet, sum: string): boolean {
  return Object.values(NAMED_SETS).some(
    (other) =>
      other.name !== set.name &&
      [other.trainImages, other.trainLabels, other.testImages, other.testLabels].some(({ sha256 }) => sha256 === sum),
  );
}

async function downloadInto(
  set: NamedSet,
  published: PublishedFile,
  places: DataPlaces,
  options: LoadOptions,
): Promise<Uint8Array> {
  const path = cachePath(set, published, places);
  if (options.offline === true) {
    const problem = `of ${set.name} is not on this machine`;
    throw new DatasetError('not_found', path, problem, `run: aedsl data fetch ${set.name}`);
  }
  return download(set.mirrors, published.file, published.sha256, path, options);
}

function decodePart(set: NamedSet, imageFile: Uint8Array, labelFile: Uint8Array): Part {
  const images = decodeIdx(imageFile, set.name);
  const labels = decodeIdx(labelFile, set.name);
  const [count = 0, height, width] = images.dims;
  const fits = height === set.shape[1] && width === set.shape[2] && labels.dims.join() === `${count}`;
  if (!fits || !(images.data instanceof Uint8Array) || !(labels.data instanceof Uint8Array)) {
    throw new DatasetError('wrong_shape', set.name, 'has files that do not belong together', 'correct its definition');
  }
  return { count, values: images.data, labels: labels.data };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
