import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Source } from '../compiler/syntax/source.js';
import { isSystemError } from '../files/system-error.js';
import { columnsOfTable } from '../runtime/datasets/csv-arrays.js';
import { DatasetError } from '../runtime/datasets/dataset-error.js';
import { outsideOfProject } from './project-folder.js';
import { resolveFrom } from './world.js';

/** Most entries of a folder that are listed. */
const mostEntries = 1000;

/** Most columns of a table that are listed. */
const mostColumns = 1000;

export interface FolderEntry {
  readonly name: string;
  readonly isFolder: boolean;
}

/**
 * Lists what an `.ae` file may name in a folder: none of its hidden files, packages and results.
 * @param folder as the file would write it: empty for its own
 */
export function dataEntries(folder: string, from: Source): readonly FolderEntry[] {
  const place = resolveFrom(folder === '' ? '.' : folder, from);
  try {
    if (folder !== '' && outsideOfProject(place, from) !== null) return [];
    return readdirSync(place)
      .filter((name) => !/^\.|^node_modules$|^results\.db/.test(name))
      .slice(0, mostEntries)
      .flatMap((name) => {
        const path = join(place, name);
        if (outsideOfProject(path, from) !== null) return [];
        const stats = statSync(path, { throwIfNoEntry: false });
        return stats?.isFile() || stats?.isDirectory() ? [{ name, isFolder: stats.isDirectory() }] : [];
      });
  } catch (error) {
    if (isSystemError(error)) return [];
    throw error;
  }
}

/**
 * Names of the columns of a table, as far as the file may be read and has any.
 * @param path as the `.ae` file writes it
 */
export function tableColumns(path: string, from: Source): readonly string[] {
  const place = resolveFrom(path, from);
  try {
    return outsideOfProject(place, from) === null ? columnsOfTable(place).slice(0, mostColumns) : [];
  } catch (error) {
    if (error instanceof DatasetError || isSystemError(error)) return [];
    throw error;
  }
}
