import { extname, join } from 'node:path';
import { filesBelow } from '../../files/folders.js';
import { isReallyWithin, realPath } from '../../files/paths.js';
import { FileError, readRegularFile } from '../../files/read-file.js';
import { isSystemError } from '../../files/system-error.js';
import type { Repository } from './repository.js';

/** The experiments and lock files of a project, in a commit or on disk. */
export interface Snapshot {
  /** The user's name for it: `HEAD~1`, `working tree`. */
  readonly title: string;
  /** Null for files on disk. */
  readonly commit: string | null;
  /** Folder of the project; `paths` and `read` are relative to it, with `/`. */
  readonly root: string;
  /** On disk, `.ae` and `.ae.lock` files; in a commit, all files. @throws MissingObjectError */
  paths(): readonly string[];
  /** On disk, tracked files that a sparse checkout leaves out; in a commit, none. */
  leftOut(): readonly string[];
  /** Null if there is no such file. @throws MissingObjectError */
  read(path: string): Uint8Array | null;
}

const endings = ['.ae', '.ae.lock'] as const;
/** Larger than any experiment or lock file. */
const mostBytes = 64 * 1024 * 1024;

/** A commit, read from git's objects. */
export function commitSnapshot(repository: Repository, commit: string, title: string): Snapshot {
  return {
    title,
    commit,
    root: repository.root,
    paths: () => repository.paths(commit),
    leftOut: () => [],
    read: (path) => repository.read(commit, path),
  };
}

/**
 * Files on disk: in a repository its working tree, including untracked files that are not ignored, else everything
 * below `root`.
 * @param levels of folders to search outside of a repository; 1 is the root alone
 */
export function workingSnapshot(
  root: string,
  repository: Repository | null,
  levels = Number.POSITIVE_INFINITY,
): Snapshot {
  return {
    title: 'working tree',
    commit: null,
    root,
    paths: () => repository?.workingPaths(endings) ?? filesBelow(root, endings, { levels, ownRepository: true }),
    leftOut: () => [...(repository?.leftOut.keys() ?? [])],
    // A file that a sparse checkout leaves out still exists.
    read: (path) => readIfThere(root, path) ?? repository?.readLeftOut(path) ?? null,
  };
}

/** Doesn't follow links out of the project or to another kind of file, because messages quote what is read. */
function readIfThere(root: string, path: string): Uint8Array | null {
  const place = join(root, path);
  try {
    if (!isReallyWithin(root, place) || extname(realPath(place)) !== extname(path)) return null;
    return readRegularFile(place, mostBytes);
  } catch (error) {
    // A deleted file is still in the index, and a folder may have taken its name.
    if (error instanceof FileError && (error.reason === 'not_found' || error.reason === 'not_a_file')) return null;
    if (isSystemError(error)) return null;
    throw error;
  }
}
