import { closeSync, mkdtempSync, openSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../files/folders.js';
import { pathWithin } from '../../files/paths.js';
import { systemCode, systemReason } from '../../files/system-error.js';
import type { Repository } from './repository.js';
import type { TreeEntry } from './tree.js';

/** The files of a commit could not be written to a temporary folder. */
export class CheckoutError extends Error {
  override readonly name = 'CheckoutError';
  readonly hint = 'TMPDIR names another drive for temporary files';
}

/** The files of a commit in a temporary folder, which is not a git repository. */
export interface Checkout {
  readonly folder: string;
  close(): void;
}

/**
 * Writes the files of a commit to a temporary folder, byte for byte as git stores them. Unlike `git worktree add`, runs
 * no filters or hooks and converts no line endings, so Git LFS files remain pointers. Leaves out submodules.
 *
 * @throws CheckoutError, MissingObjectError, UnsafeTreeError
 */
export function checkOut(repository: Repository, commit: string): Checkout {
  const entries = repository.entries(commit);
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-checkout-')));
  const close = () => rmSync(folder, { recursive: true, force: true });
  try {
    // Git ignores an empty `.git`, but it makes the folder the project root of its files.
    makeFolder(join(folder, '.git'));
    const files = entries.filter(({ isLink }) => !isLink);
    const contents = repository.contents(files, commit);
    for (const [entry, content] of contents) write(folder, entry, content, commit);
    // Links come last, so that no file is written through one.
    for (const entry of entries.filter(({ isLink }) => isLink))
      write(folder, entry, repository.content(entry, commit), commit);
    return { folder, close };
  } catch (error) {
    close();
    throw error;
  }
}

function write(folder: string, entry: TreeEntry, content: Uint8Array, commit: string): void {
  const place = pathWithin(folder, entry.path);
  try {
    makeFolder(dirname(place));
    if (entry.isLink) symlinkSync(Buffer.from(content).toString('utf8'), place);
    else writeNew(place, content, entry.isExecutable ? 0o777 : 0o666);
  } catch (error) {
    if (systemCode(error) === null) throw error;
    // Some drives are case-insensitive.
    const reason = systemReason(error);
    const message = `cannot check out ${JSON.stringify(entry.path)} of ${commit.slice(0, 7)}: ${reason}`;
    throw new CheckoutError(message, { cause: error });
  }
}

/** Never overwrites a file or follows a link. */
function writeNew(place: string, content: Uint8Array, mode: number): void {
  const file = openSync(place, 'wx', mode);
  try {
    writeFileSync(file, content);
  } finally {
    closeSync(file);
  }
}
