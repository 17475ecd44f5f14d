import { createHash } from 'node:crypto';
import { type BigIntStats, existsSync, lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { isSafeRelativePath } from '../../files/paths.js';
import { FileError, readRegularFile } from '../../files/read-file.js';
import { isSystemError, systemCode } from '../../files/system-error.js';
import type { Git } from './git.js';

/** A tracked file that differs from the commit. */
export interface ChangedFile {
  readonly path: string;
  /** In git's notation; null if the file is gone. */
  readonly mode: string | null;
  /** Git's name of the content, if git has it already. */
  readonly blob: string | null;
  /** Git's name of the committed content; null for a new file. */
  readonly committed: string | null;
  /** Current content; empty if it can't be read. */
  read(): Uint8Array;
}

/** An entry of the index. Times are in nanoseconds. */
interface IndexEntry {
  readonly path: string;
  readonly mode: string;
  readonly blob: string;
  /** Whether git is told to assume the file unchanged, or a sparse checkout leaves it out. */
  readonly isAssumed: boolean;
  readonly times: { readonly changed: bigint; readonly modified: bigint; readonly size: bigint } | null;
}

/** Larger files are compared by their times only. */
const mostComparedBytes = 512 * 1024 * 1024;
/** Larger than any Git LFS pointer. */
const mostPointerBytes = 1024;
const mostAttributeBytes = 1024 * 1024;
/** Larger than any source file. */
const mostKeptBytes = 16 * 1024 * 1024;

/**
 * Tracked files that differ from a commit. Git would pass working files through filters, which are programs, so they
 * are compared here, byte by byte except for line endings. Ignores executable bits and submodules.
 *
 * @param commit null before the first one
 * @returns null if the index or the commit can't be read
 */
export function changedFiles(git: Git, commit: string | null): readonly ChangedFile[] | null {
  const index = git.text('ls-files', '-z', '-s', '-v', '--debug', '--full-name');
  const tree = commit === null ? '' : git.text('ls-tree', '-r', '-z', '--full-tree', commit);
  if (index === null || tree === null) return null;
  const entries = indexEntries(index);
  const committed = committedFiles(tree);
  const working = new WorkingFiles(git);
  const changed = entries.flatMap((entry): ChangedFile[] => {
    const before = committed.get(entry.path) ?? null;
    const isStaged = before === null || before.blob !== entry.blob || before.mode !== entry.mode;
    const now = entry.isAssumed ? entry : working.compare(entry);
    if (!isStaged && now === entry) return [];
    const { mode, blob } = now;
    const read = () => working.read(entry.path, mode);
    return [{ path: entry.path, mode, blob, committed: before?.blob ?? null, read }];
  });
  const known = new Set(entries.map(({ path }) => path));
  const gone = [...committed].flatMap(([path, { blob }]): ChangedFile[] =>
    known.has(path) ? [] : [{ path, mode: null, blob: null, committed: blob, read: () => new Uint8Array() }],
  );
  return [...changed, ...gone];
}

/** Those of the given files in the working tree that git does not track. */
export function untrackedFiles(git: Git, files: readonly string[]): readonly ChangedFile[] {
  const root = realpathSync(git.root);
  const working = new WorkingFiles(git);
  return files.flatMap((file): ChangedFile[] => {
    if (!existsSync(file)) return [];
    const path = relative(root, join(realpathSync(dirname(file)), basename(file)))
      .split(sep)
      .join('/');
    if (!isSafeRelativePath(path) || git.text('ls-files', '-z', '--', `:(top,literal)${path}`) !== '') return [];
    const mode = '100644';
    return [{ path, mode, blob: null, committed: null, read: () => working.read(path, mode) }];
  });
}

/** Parses `H 100644 <name> 0\t<path>\0`, followed by lines with the file's cached times and size. */
function indexEntries(listing: string): readonly IndexEntry[] {
  const line =
    /([A-Za-z?]) (\d{6}) ([0-9a-f]+) \d\t([^\0]*)\0(?:\s+ctime: (\d+):(\d+)\s+mtime: (\d+):(\d+)\s+dev: .*\s+uid: .*\s+size: (\d+)\t.*\n)?/gy;
  return [...listing.matchAll(line)].flatMap(([, tag = '', mode = '', blob = '', path = '', ...numbers]) => {
    if (mode === submodule) return [];
    const [changed = 0n, changedPart = 0n, modified = 0n, modifiedPart = 0n, size = 0n] = numbers.map((each) =>
      BigInt(each ?? 0),
    );
    const times = { changed: changed * second + changedPart, modified: modified * second + modifiedPart, size };
    return [{ path, mode, blob, isAssumed: /[a-zS]/.test(tag), times: numbers[0] === undefined ? null : times }];
  });
}

const submodule = '160000';
const second = 1_000_000_000n;

function committedFiles(listing: string): ReadonlyMap<string, { readonly mode: string; readonly blob: string }> {
  const entries = listing.matchAll(/(\d{6}) (\w+) ([0-9a-f]+)\t([^\0]*)\0/gy);
  return new Map(
    [...entries].flatMap(([, mode = '', type = '', blob = '', path = '']) =>
      type === 'blob' ? [[path, { mode, blob }]] : [],
    ),
  );
}

class WorkingFiles {
  readonly #root: string;
  /** When the index was written; 0 if unknown. */
  readonly #indexWritten: bigint;
  readonly #git: Git;
  readonly #folders = new Map<string, boolean>();
  #hasLinks: boolean | null = null;
  #pointers: boolean | null = null;

  constructor(git: Git) {
    this.#git = git;
    this.#root = realpathSync(git.root);
    const index = statSync(join(git.folder, 'index'), { bigint: true, throwIfNoEntry: false });
    this.#indexWritten = index?.mtimeNs ?? 0n;
  }

  /** Returns the entry itself if the working file matches the index. */
  compare(entry: IndexEntry): Pick<ChangedFile, 'mode' | 'blob'> {
    const { path, mode, blob, times } = entry;
    const status = this.#statusOf(path);
    if (status === null) return gone;
    const isPlainLink = mode === link && status.isFile() && !this.#drivesHaveLinks();
    if (!isPlainLink && (mode === link ? !status.isSymbolicLink() : !status.isFile())) {
      return { mode: status.isSymbolicLink() ? link : status.isFile() ? '100644' : null, blob: null };
    }
    if (times !== null && this.#isUntouched(times, status)) return entry;
    if (status.isFile() && status.size > mostComparedBytes) return { mode, blob: null };
    try {
      const bytes = isPlainLink
        ? readRegularFile(join(this.#root, path), mostComparedBytes)
        : this.#bytes(path, mode, mostComparedBytes);
      return this.#isContent(bytes, blob) ? entry : { mode, blob: null };
    } catch (error) {
      if (error instanceof FileError || isSystemError(error)) return { mode, blob: null };
      throw error;
    }
  }

  /** Returns whether a working file is what a blob checks out as. */
  #isContent(bytes: Uint8Array, blob: string): boolean {
    if (blobName(bytes, blob.length) === blob || blobName(withoutCarriageReturns(bytes), blob.length) === blob)
      return true;
    if (!this.#hasPointers()) return false;
    const pointer = this.#git.run(['cat-file', 'blob', blob]).stdout;
    if (pointer.length > mostPointerBytes) return false;
    const [, oid] =
      /^version https:\/\/git-lfs\.github\.com\/spec\/v1\n(?:.*\n)*?oid sha256:([0-9a-f]{64})\n/.exec(
        pointer.toString('latin1'),
      ) ?? [];
    return oid !== undefined && createHash('sha256').update(bytes).digest('hex') === oid;
  }

  /** Returns whether Git LFS may have committed pointers in place of files (git-lfs, docs/spec.md). */
  #hasPointers(): boolean {
    try {
      this.#pointers ??= new TextDecoder()
        .decode(readRegularFile(join(this.#root, '.gitattributes'), mostAttributeBytes))
        .includes('filter=lfs');
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      this.#pointers = false;
    }
    return this.#pointers;
  }

  /** Returns whether git creates links here, rather than files that contain their target. */
  #drivesHaveLinks(): boolean {
    this.#hasLinks ??= this.#git.text('config', '--type=bool', '--get', 'core.symlinks')?.trim() !== 'false';
    return this.#hasLinks;
  }

  read(path: string, mode: string | null): Uint8Array {
    if (mode === null) return new Uint8Array();
    try {
      return this.#bytes(path, mode, mostKeptBytes);
    } catch (error) {
      if (error instanceof FileError || isSystemError(error)) return new Uint8Array();
      throw error;
    }
  }

  #bytes(path: string, mode: string, mostBytes: number): Uint8Array {
    const place = join(this.#root, path);
    return mode === link ? readlinkSync(place, { encoding: 'buffer' }) : readRegularFile(place, mostBytes);
  }

  /** Null if the file is missing, or lies beyond a link, which git treats as missing. */
  #statusOf(path: string): BigIntStats | null {
    if (!isSafeRelativePath(path) || !this.#isOwnFolder(dirname(path))) return null;
    return statusAt(join(this.#root, path));
  }

  #isOwnFolder(path: string): boolean {
    if (path === '.') return true;
    const known = this.#folders.get(path);
    if (known !== undefined) return known;
    const own = this.#isOwnFolder(dirname(path)) && statusAt(join(this.#root, path))?.isDirectory() === true;
    this.#folders.set(path, own);
    return own;
  }

  /** A file written at the same time as the index may have changed within the clock's resolution. */
  #isUntouched({ changed, modified, size }: NonNullable<IndexEntry['times']>, status: BigIntStats): boolean {
    if (modified + second >= this.#indexWritten) return false;
    return changed === status.ctimeNs && modified === status.mtimeNs && size === status.size % 2n ** 32n;
  }
}

const link = '120000';
const gone = { mode: null, blob: null };

function statusAt(place: string): BigIntStats | null {
  try {
    return lstatSync(place, { bigint: true });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG'].includes(systemCode(error) ?? '')) return null;
    throw error;
  }
}

/** @param digits length of git's names: 40 for SHA-1, 64 for SHA-256 */
export function blobName(content: Uint8Array, digits: number): string {
  return createHash(digits === 64 ? 'sha256' : 'sha1')
    .update(blobObject(content))
    .digest('hex');
}

export function blobObject(content: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`blob ${content.length}\0`), content]);
}

export function withoutCarriageReturns(bytes: Uint8Array): Uint8Array {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return buffer.includes('\r\n') ? Buffer.from(buffer.toString('latin1').replaceAll('\r\n', '\n'), 'latin1') : bytes;
}
