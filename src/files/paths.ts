import { realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { systemCode } from './system-error.js';

/** A path from a commit, a database, a bundle or a manifest that escapes its folder. */
export class UnsafePathError extends Error {
  override readonly name = 'UnsafePathError';
  readonly hint = 'it may be an attempt to write elsewhere on this machine; nothing was written';

  constructor(path: string) {
    super(`the path ${JSON.stringify(path)} leads out of its folder`);
  }
}

/** Returns whether a path with `/` between its parts names something strictly below the folder it is relative to. */
export function isSafeRelativePath(path: string): boolean {
  if (path === '' || path.includes('\0') || isAbsolute(path)) return false;
  // A backslash or a colon is an ordinary character on Unix, but has a meaning in paths on Windows.
  if (sep === '\\' && /[\\:]/.test(path)) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/**
 * Joins an untrusted path to the folder it must stay in.
 *
 * @param path relative, with `/` between its parts
 * @throws UnsafePathError if it would escape the folder
 */
export function pathWithin(folder: string, path: string): string {
  if (!isSafeRelativePath(path)) throw new UnsafePathError(path);
  return join(folder, path);
}

/** Returns whether a place is the folder, or below it, after all symbolic links are resolved. */
export function isReallyWithin(folder: string, place: string): boolean {
  const path = relative(realPath(folder), realPath(place));
  return path === '' || (path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path));
}

/**
 * Resolves the real path of a place. If it doesn't exist yet, resolves its nearest existing ancestor and appends the
 * rest.
 */
export function realPath(place: string): string {
  try {
    return realpathSync(place);
  } catch (error) {
    const parent = dirname(place);
    if (systemCode(error) !== 'ENOENT' || parent === place) throw error;
    return join(realPath(parent), basename(place));
  }
}
