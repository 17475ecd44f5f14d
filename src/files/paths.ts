import { realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { systemCode } from './system-error.js';

/** A path from a commit, a database, a bundle or a manifest that leads out of the folder it belongs in. */
export class UnsafePathError extends Error {
  override readonly name = 'UnsafePathError';
  readonly hint = 'whoever made it may want to write to other places of this machine; nothing was written';

  constructor(path: string) {
    super(`the path ${JSON.stringify(path)} would lead out of its folder`);
  }
}

/** Whether a path with `/` between its parts names something below the folder it is relative to, and nothing else. */
export function isSafeRelativePath(path: string): boolean {
  if (path === '' || path.includes('\0') || isAbsolute(path)) return false;
  // A backslash or a colon is an ordinary character on Unix, and leads elsewhere on Windows.
  if (sep === '\\' && /[\\:]/.test(path)) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/**
 * Joins a path that comes from elsewhere to the folder it belongs in.
 *
 * @param path relative, with `/` between its parts
 * @throws UnsafePathError where it would lead out of the folder
 */
export function pathWithin(folder: string, path: string): string {
  if (!isSafeRelativePath(path)) throw new UnsafePathError(path);
  return join(folder, path);
}

/** Whether a place is the folder or below it once all symbolic links are followed. */
export function isReallyWithin(folder: string, place: string): boolean {
  const path = relative(realPath(folder), realPath(place));
  return path === '' || (path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path));
}

/** The real path of a place; of one that doesn't exist (yet), that of its nearest existing ancestor and the rest. */
export function realPath(place: string): string {
  try {
    return realpathSync(place);
  } catch (error) {
    const parent = dirname(place);
    if (systemCode(error) !== 'ENOENT' || parent === place) throw error;
    return join(realPath(parent), basename(place));
  }
}
