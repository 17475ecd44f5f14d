import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { UsageError } from '../project/params.js';
import { mostPublishedBytes } from '../runtime/datasets/data_limits.js';
import { DatasetError } from '../runtime/datasets/dataset_error.js';
import { cacheFile, type DownloadOptions } from '../runtime/datasets/download.js';
import { decompressed, readBytes } from '../runtime/datasets/file_bytes.js';
import { type FetchedFile, fetchNamedSet, loadNamedSet } from '../runtime/datasets/load_named_set.js';
import { NAMED_SETS, type NamedSetName, type PublishedFile } from '../runtime/datasets/named_set.js';
import { dataPlaces } from '../runtime/datasets/places.js';

/** A published data set, and whether it is on this machine. */
export interface LocalDataSet {
  readonly name: NamedSetName;
  readonly state: 'here' | 'not here' | 'damaged';
  /** Why it cannot be used as it is; null where it can. */
  readonly problem: string | null;
}

const names: readonly NamedSetName[] = ['mnist', 'fashion_mnist'];

/** @throws UsageError for a name that no published set has */
export function publishedName(name: string): NamedSetName {
  const found = names.find((known) => known === name);
  if (found) return found;
  throw new UsageError(`there is no published data set '${name}'`, `there are ${names.join(' and ')}`);
}

/** What is in AEDSL_DATA and the cache, with its checksums verified. */
export async function localDataSets(): Promise<readonly LocalDataSet[]> {
  const found: LocalDataSet[] = [];
  for (const name of names) {
    try {
      await loadNamedSet(NAMED_SETS[name], dataPlaces(process.env), { offline: true });
      found.push({ name, state: 'here', problem: null });
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error;
      found.push({ name, state: error.reason === 'not_found' ? 'not here' : 'damaged', problem: error.message });
    }
  }
  return found;
}

/** Sees to it that the cache has a published set. @throws DatasetError */
export function fetchDataSet(name: NamedSetName, options: DownloadOptions): Promise<readonly FetchedFile[]> {
  return fetchNamedSet(NAMED_SETS[name], dataPlaces(process.env), options);
}

/**
 * Puts files that were downloaded by other means into the cache, after checking them.
 * @returns the paths in the cache
 * @throws DatasetError for files that are not the published ones, or that are missing
 */
export async function addDataSet(name: NamedSetName, folder: string): Promise<readonly string[]> {
  const set = NAMED_SETS[name];
  const target = join(dataPlaces(process.env).cache, name);
  await loadNamedSet(set, { provided: folder, cache: folder }, { offline: true });
  return [set.trainImages, set.trainLabels, set.testImages, set.testLabels].map((published) => {
    const path = join(target, `${published.file}.gz`);
    cacheFile(path, gzippedFile(published, [join(folder, name), folder]));
    return path;
  });
}

/** The bytes of the file that has the published content, which may lie beside another set's of the same name. */
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
