import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { makeFolder } from '../files/write-file.js';
import { DatasetError } from '../runtime/datasets/dataset_error.js';
import type { DownloadOptions } from '../runtime/datasets/download.js';
import { type FetchedFile, fetchNamedSet, loadNamedSet } from '../runtime/datasets/load_named_set.js';
import { NAMED_SETS, type NamedSetName } from '../runtime/datasets/named_set.js';
import { dataPlaces } from '../runtime/datasets/places.js';
import { UsageError } from './params.js';

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
  makeFolder(target);
  return [set.trainImages, set.trainLabels, set.testImages, set.testLabels].map(({ file }) => {
    const path = join(target, `${file}.gz`);
    const found = [join(folder, name, file), join(folder, file)]
      .flatMap((plain) => [`${plain}.gz`, plain])
      .find(existsSync);
    if (found === undefined)
      throw new DatasetError('not_found', file, `is not in ${folder}`, 'name the folder of the files');
    const temporary = `${path}.${process.pid}.tmp`;
    if (found.endsWith('.gz')) copyFileSync(found, temporary);
    else writeFileSync(temporary, gzipSync(readFileSync(found)));
    renameSync(temporary, path);
    return path;
  });
}
