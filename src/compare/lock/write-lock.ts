import { writeFile } from '../../files/write-file.js';
import { formatLock, LockError, type LockFile, parseLock } from '../../runtime/provenance/lock-file.js';

/** What became of a lock file. */
export type Written = 'new' | 'changed' | 'unchanged';

/** Writes a lock file whole, or not at all; one that says the same already is not touched. */
export function writeLock(path: string, lock: LockFile, before: string | null): Written {
  const text = formatLock(lock);
  if (before !== null && text === said(before, path)) return 'unchanged';
  writeFile(path, text);
  return before === null ? 'new' : 'changed';
}

/** What a lock file says, as it would be written now: an older version names metrics otherwise, and git may have changed its line ends. */
function said(text: string, path: string): string | null {
  try {
    return formatLock(parseLock(text, path));
  } catch (error) {
    if (error instanceof LockError) return null;
    throw error;
  }
}
