import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { OpenedFile } from '../../files/read-file.js';
import { mostDataBytes } from '../../runtime/datasets/data-limits.js';
import type { NamedSet } from '../../runtime/datasets/named-set.js';
import { dataPlaces } from '../../runtime/datasets/places.js';

/** A file of the data, and where it goes below the host's folder of data. */
export interface DataCopy {
  readonly from: string;
  readonly to: string;
}

/** Data that are copied together, unless the host has them. */
export interface DataSetCopy {
  /** Its presence there says that all of it is. */
  readonly mark: string;
  readonly files: readonly DataCopy[];
}

export interface JobData {
  readonly sets: readonly DataSetCopy[];
  /** Where data files and folders are found there, below the folder of data, by their paths here. */
  readonly places: ReadonlyMap<string, string>;
}

/** Levels of a folder of pictures that are read. */
const levels = 2;

/**
 * What data jobs need: files and folders by the checksum of their content, and published sets by their names.
 * @param paths of data files and folders here @throws FileError, the system's error
 */
export function jobData(paths: Iterable<string>, published: readonly NamedSet[]): JobData {
  const sets = new Map<string, DataSetCopy>();
  const places = new Map<string, string>();
  for (const path of paths) {
    const isFolder = statSync(path).isDirectory();
    const files = isFolder ? filesIn(path) : [''];
    const sums = files.map((name) => `${checksum(join(path, name))}  ${name}`);
    const sha256 = createHash('sha256').update(sums.join('\n')).digest('hex');
    const name = basename(path).replaceAll(/[^\w.-]/g, '_');
    places.set(path, `${sha256}/${name}`);
    sets.set(sha256, {
      mark: `${sha256}/complete`,
      files: files.map((file) => ({ from: join(path, file), to: `${sha256}/${name}${file === '' ? '' : `/${file}`}` })),
    });
  }
  for (const set of published) {
    for (const { file } of [set.trainImages, set.trainLabels, set.testImages, set.testLabels]) {
      const from = placeOf(set, file);
      if (from === null) continue;
      const to = `${set.name}/${file}${from.endsWith('.gz') ? '.gz' : ''}`;
      sets.set(to, { mark: to, files: [{ from, to }] });
    }
  }
  return { sets: [...sets.values()], places };
}

function placeOf(set: NamedSet, file: string): string | null {
  const { provided, cache } = dataPlaces(process.env);
  const folders = [...(provided === null ? [] : [join(provided, set.name), provided]), join(cache, set.name)];
  const found = folders.flatMap((folder) => [join(folder, `${file}.gz`), join(folder, file)]);
  return found.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile()) ?? null;
}

function filesIn(folder: string, level = 1): readonly string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      const status = lstatSync(path).isSymbolicLink() ? statSync(path, { throwIfNoEntry: false }) : lstatSync(path);
      if (status?.isFile()) return [name];
      if (!status?.isDirectory() || level >= levels) return [];
      return filesIn(path, level + 1).map((below) => `${name}/${below}`);
    });
}

function checksum(path: string): string {
  const file = new OpenedFile(path, mostDataBytes);
  try {
    const hash = createHash('sha256');
    const chunk = new Uint8Array(2 ** 20);
    for (let at = 0, length = file.read(chunk, 0); length > 0; length = file.read(chunk, at)) {
      hash.update(chunk.subarray(0, length));
      at += length;
    }
    return hash.digest('hex');
  } finally {
    file.close();
  }
}
