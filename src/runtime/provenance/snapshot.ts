import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from '../../files/folders.js';
import type { Repository } from './repository.js';

/** The experiments and lock files of a project as they are in a commit, or on disk. */
export interface Snapshot {
  /** As the person named it: `HEAD~1`, `working tree`. */
  readonly title: string;
  /** Null for what is on disk. */
  readonly commit: string | null;
  /** The project's folder; `paths` and `read` are relative to it, with `/`. */
  readonly root: string;
  /** On disk `.ae` and `.ae.lock` files; in a commit every file. @throws MissingObjectError */
  paths(): readonly string[];
  /** Null where there is no such file. @throws MissingObjectError */
  read(path: string): Uint8Array | null;
}

const endings = ['.ae', '.ae.lock'] as const;

/** A commit, read from git's objects. */
export function commitSnapshot(repository: Repository, commit: string, title: string): Snapshot {
  return {
    title,
    commit,
    root: repository.root,
    paths: () => repository.paths(commit),
    read: (path) => repository.read(commit, path),
  };
}

/** What is on disk: in a repository its working tree with new files that are not ignored, else everything below. */
export function workingSnapshot(root: string, repository: Repository | null): Snapshot {
  return {
    title: 'working tree',
    commit: null,
    root,
    paths: () => repository?.workingPaths(endings) ?? filesBelow(root, endings),
    read: (path) => readIfThere(join(root, path)),
  };
}

function readIfThere(path: string): Uint8Array | null {
  try {
    return readFileSync(path);
  } catch (error) {
    // A file that was deleted is still in the index, and a folder may have its name.
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return null;
    throw error;
  }
}
