import { writeFile } from '../../files/write-file.js';
import { formatLock, LockError, type LockFile, parseLock } from '../../runtime/provenance/lock-file.js';

export type Written = 'new' | 'changed' | 'unchanged';

/** Writes a lock file atomically, unless it already says the same. */
export function writeLock(path: string, lock: LockFile, before: string | null): Written {
  const text = formatLock(lock);
  if (before !== null && text === said(before, path)) return 'unchanged';
  writeFile(path, text);
  return before === null ? 'new' : 'changed';
}

/** Normalises a lock file: older versions have other metric names, and git may have changed line ends. */
function said(text: string, path: string): string | null {
  try {
    return formatLock(parseLock(text, path));
  } catch (error) {
    if (error instanceof LockError) return null;
    throw error;
  }
}
