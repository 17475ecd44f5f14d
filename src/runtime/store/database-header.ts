import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { isSystemError } from '../../files/system-error.js';

/** Marks a SQLite file as ours in its header (`PRAGMA application_id`): "aeDB". */
export const APPLICATION_ID = 0x61654442;

/** Offset of the application id (https://sqlite.org/fileformat2.html, section 1.3). */
const idOffset = 68;

/**
 * Returns whether a file is a results database, as far as can be told without SQLite: by its header, or by the folder
 * that sessions create beside it, since a new header may still be in the log. An empty file is a database not yet
 * written to.
 */
export function isResultsDatabase(path: string): boolean {
  try {
    const status = statSync(path, { throwIfNoEntry: false });
    if (status?.isFile() !== true) return false;
    return status.size === 0 || existsSync(`${path}.sessions`) || applicationId(path) === APPLICATION_ID;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

function applicationId(path: string): number {
  const header = Buffer.alloc(idOffset + 4);
  const file = openSync(path, 'r');
  try {
    readSync(file, header, 0, header.length, 0);
  } finally {
    closeSync(file);
  }
  return header.toString('latin1', 0, 15) === 'SQLite format 3' ? header.readUInt32BE(idOffset) : 0;
}
