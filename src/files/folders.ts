import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemCode } from './system-error.js';

/**
 * Makes a folder and those that it is in, where they are missing. Node's own recursive `mkdir` never ends in a folder that
 * exists and takes no entries, such as `/proc`.
 *
 * @returns the outermost folder that was made, undefined for none
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
 * The files below a folder, by their paths relative to it with `/` between the parts, sorted. Hidden folders, `node_modules`
 * and symbolic links are passed over.
 *
 * @param endings of the names that are wanted
 * @param limits.levels of folders that are looked into; 1: the folder alone
 * @param limits.ownRepository whether folders below are passed over that are git repositories of their own
 * @throws the system's error where a folder cannot be read
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
