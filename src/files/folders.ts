import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemCode } from './system-error.js';

/**
 * Creates a folder and any missing parents. Node's own recursive `mkdir` loops forever below a folder that exists but
 * takes no entries, such as `/proc`.
 *
 * @returns the outermost folder created; undefined if none was
 * @throws the system's error
 */
export function makeFolder(path: string): string | undefined {
  try {
    mkdirSync(path);
    return path;
  } catch (error) {
    const parent = dirname(path);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return undefined;
    if (systemCode(error) !== 'ENOENT' || parent === path || existsSync(parent)) throw error;
    const outermost = makeFolder(parent);
    const made = makeFolder(path);
    return outermost ?? made;
  }
}

export interface FolderLimits {
  readonly levels?: number;
  readonly ownRepository?: boolean;
}

/**
 * Lists the files below a folder as sorted paths relative to it, with `/` between the parts. Skips hidden folders,
 * `node_modules` and symbolic links.
 *
 * @param endings of the file names to list
 * @param limits.levels of folders to search; 1 is the folder alone
 * @param limits.ownRepository whether to skip nested git repositories
 * @throws the system's error if a folder cannot be read
 */
export function filesBelow(
  folder: string,
  endings: readonly string[],
  { levels = Number.POSITIVE_INFINITY, ownRepository = false }: FolderLimits = {},
): readonly string[] {
  const found: string[] = [];
  const waiting = [''];
  const isDeep = (path: string) => path.split('/').length >= levels;
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const entry of readdirSync(join(folder, at), { withFileTypes: true })) {
      const path = at === '' ? entry.name : `${at}/${entry.name}`;
      const isPassedOver = entry.name === 'node_modules' || entry.name.startsWith('.');
      const isOther = ownRepository && entry.isDirectory() && existsSync(join(folder, path, '.git'));
      if (entry.isDirectory() && !isPassedOver && !isDeep(path) && !isOther) waiting.push(path);
      if (entry.isFile() && endings.some((ending) => entry.name.endsWith(ending))) found.push(path);
    }
  }
  return found.sort();
}
