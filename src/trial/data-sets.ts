import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { UsageError } from '../project/usage-error.js';
import { mostPublishedBytes } from '../runtime/datasets/data-limits.js';
import { DatasetError } from '../runtime/datasets/dataset-error.js';
import { cacheFile, type DownloadOptions } from '../runtime/datasets/download.js';
import { decompressed, readBytes } from '../runtime/datasets/file-bytes.js';
import { type FetchedFile, fetchNamedSet, loadNamedSet } from '../runtime/datasets/load-named-set.js';
import type { NamedSet, PublishedFile } from '../runtime/datasets/named-set.js';
import { dataPlaces } from '../runtime/datasets/places.js';
import type { Words } from '../words/word.js';

/** A data set that needs no user files, and whether it is on this machine. */
export interface LocalDataSet {
  readonly name: string;
  readonly state: 'here' | 'not here' | 'damaged';
  /** Whether the package generates its examples, so that nothing is downloaded. */
  readonly isMade: boolean;
  /** Why it cannot be used; null if it can. */
  readonly problem: string | null;
}

function publishedSets({ byFamily }: Words): readonly NamedSet[] {
  return byFamily.dataset.flatMap(({ published }) => published ?? []);
}

/** The published files of a data set. @throws UsageError if there is no such set */
export function publishedSet(name: string, words: Words): NamedSet {
  const sets = publishedSets(words);
  const found = sets.find((known) => known.name === name);
  if (found) return found;
  const names = sets.map((known) => known.name);
  throw new UsageError(`there is no published data set '${name}'`, `there are ${names.join(' and ')}`);
}

/** Lists generated data sets and, with verified checksums, the published ones in AEDSL_DATA and the cache. */
export async function localDataSets(words: Words): Promise<readonly LocalDataSet[]> {
  const made = words.byFamily.dataset.filter(({ isMade }) => isMade === true);
  const found: LocalDataSet[] = made.map(({ name }) => ({ name, state: 'here', isMade: true, problem: null }));
  for (const set of publishedSets(words)) {
    const { name } = set;
    try {
      await loadNamedSet(set, dataPlaces(process.env), { offline: true });
      found.push({ name, state: 'here', isMade: false, problem: null });
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error;
      const state = error.reason === 'not_found' ? 'not here' : 'damaged';
      found.push({ name, state, isMade: false, problem: error.message });
    }
  }
  return found;
}

/** Downloads a published set to the cache unless it is there. */
export function fetchDataSet(set: NamedSet, options: DownloadOptions): Promise<readonly FetchedFile[]> {
  return fetchNamedSet(set, dataPlaces(process.env), options);
}

/**
 * Copies files downloaded by other means to the cache, after checking them.
 * @returns the paths in the cache
 * @throws DatasetError for missing or differing files
 */
export async function addDataSet(set: NamedSet, folder: string): Promise<readonly string[]> {
  const target = join(dataPlaces(process.env).cache, set.name);
  await loadNamedSet(set, { provided: folder, cache: folder }, { offline: true });
  return [set.trainImages, set.trainLabels, set.testImages, set.testLabels].map((published) => {
    const path = join(target, `${published.file}.gz`);
    cacheFile(path, gzippedFile(published, [join(folder, set.name), folder]));
    return path;
  });
}

/** Finds the file with the published content; another set may use the same name. */
function gzippedFile({ file, sha256 }: PublishedFile, folders: readonly string[]): Uint8Array {
  const paths = folders.flatMap((folder) => [join(folder, `${file}.gz`), join(folder, file)]);
  for (const path of paths.filter((found) => existsSync(found))) {
    const bytes = readBytes(path, mostPublishedBytes);
    const content = decompressed(bytes, path, mostPublishedBytes);
    if (createHash('sha256').update(content).digest('hex') !== sha256) continue;
    return content === bytes ? gzipSync(bytes) : bytes;
  }
  throw new DatasetError('not_found', file, `is not in ${folders.join(' or ')}`, 'name the folder of the files');
}
