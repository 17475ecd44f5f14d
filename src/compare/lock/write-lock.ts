import { writeFile } from '../../files/write-file.js';
import { formatLock, type LockFile } from '../../runtime/provenance/lock-file.js';

/** What became of a lock file. */
export type Written = 'new' | 'changed' | 'unchanged';

/** Writes a lock file whole, or not at all; one that says the same already is not touched. */
export function writeLock(path: string, lock: LockFile, before: string | null): Written {
  const text = formatLock(lock);
  // Git may have turned its line ends into those of Windows.
  if (text === before?.replaceAll('\r\n', '\n')) return 'unchanged';
  writeFile(path, text);
  return before === null ? 'new' : 'changed';
}
