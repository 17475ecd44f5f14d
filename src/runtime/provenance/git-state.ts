import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { deflateSync } from 'node:zlib';
import { makeFolder } from '../../files/folders.js';
import { Git, gitVersion } from './git.js';
import {
  blobName,
  blobObject,
  type ChangedFile,
  changedFiles,
  untrackedFiles,
  withoutCarriageReturns,
} from './working-tree.js';

/** The commit that a run was started from. */
export interface GitState {
  /** Null before the first commit. */
  readonly commit: string | null;
  /** Null when HEAD is detached. */
  readonly branch: string | null;
  /** Whether a tracked file differs from the commit, or a file of the experiment is untracked. */
  readonly dirty: boolean;
  /** Untracked files of the experiment in the repository; absent if there are none. */
  readonly untracked?: readonly string[];
  /** Diff of the tracked source files; empty if there is none, cut at {@link DIFF_CHARACTERS}. */
  readonly diff: string;
  readonly diffTruncated: boolean;
}

/** Enough for changes made by hand. */
export const DIFF_CHARACTERS = 100_000;
/** Longest time that provenance may delay a training. */
const mostMilliseconds = 5_000;

/**
 * Extensions of tracked files whose diff is recorded: source code and experiments. Settings, data and notes are
 * excluded, and so is anything hidden or named after a secret, so that a committed password does not end up in a
 * database.
 */
const extensions = ['ae', 'ts', 'tsx', 'mts', 'cts', 'js', 'jsx', 'mjs', 'cjs', 'py'] as const;
const sourceFiles = [
  ...extensions.map((extension) => `:(top,glob)**/*.${extension}`),
  ...['.*', '.*/**', '*secret*', '*credential*', '*password*'].map((name) => `:(top,exclude,glob,icase)**/${name}`),
];

/**
 * Says why the contents of a folder cannot be tied to a commit although a repository is around it; null if they can, or
 * there is none.
 */
export function commitProblem(folder: string): string | null {
  const refusal = Git.refusal(folder);
  if (refusal !== null) return refusal;
  const git = Git.around(folder, mostMilliseconds);
  if (git !== null) return git.text('rev-parse', '--verify', '--quiet', 'HEAD') ? null : 'there is no commit yet';
  if (!hasRepositoryAbove(folder)) return null;
  return gitVersion() === null ? 'git is not installed' : 'git does not open the repository';
}

function hasRepositoryAbove(folder: string): boolean {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return true;
    if (dirname(at) === at) return false;
  }
}

/**
 * Describes the repository around a folder. Changes nothing in it and runs no program it configures: working files are
 * compared here, because git would pass them through filters.
 *
 * @param files of the experiment, which count as changed if untracked
 * @returns null outside a repository and if git is missing
 */
export function gitState(folder: string, files: readonly string[] = []): GitState | null {
  const git = Git.around(folder, mostMilliseconds);
  if (git === null) return null;
  const commit = git.text('rev-parse', '--verify', '--quiet', 'HEAD')?.trim() || null;
  const branch = git.text('symbolic-ref', '--short', '--quiet', 'HEAD')?.trim() || null;
  const tracked = changedFiles(git, commit);
  const untracked = untrackedFiles(git, files);
  const changed = tracked && [...tracked, ...untracked];
  // Don't report as clean what could not be compared.
  if (changed === null) return { commit, branch, dirty: true, diff: '', diffTruncated: true };
  const diff = changed.length > 0 ? difference(git, commit, changed) : '';
  return {
    commit,
    branch,
    dirty: changed.length > 0,
    ...(untracked.length > 0 ? { untracked: untracked.map(({ path }) => path) } : {}),
    diff: (diff ?? '').slice(0, DIFF_CHARACTERS),
    diffTruncated: diff === null || diff.length > DIFF_CHARACTERS,
  };
}

/**
 * Diff between a commit and the source files of the working tree, as `git diff` shows it. Changed contents go to a
 * temporary index and object folder, so that git compares objects and reads no working file.
 *
 * @param commit null before the first one, when everything is new
 * @returns null if it can't be determined
 */
function difference(git: Git, commit: string | null, changed: readonly ChangedFile[]): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'aedsl-difference-'));
  const environment = {
    GIT_INDEX_FILE: join(folder, 'index'),
    GIT_OBJECT_DIRECTORY: join(folder, 'objects'),
    GIT_ALTERNATE_OBJECT_DIRECTORIES: objectFolder(git),
  };
  try {
    mkdirSync(environment.GIT_OBJECT_DIRECTORY);
    const base =
      commit ?? git.run(['hash-object', '-t', 'tree', '--stdin'], { input: '' }).stdout.toString('utf8').trim();
    const none = '0'.repeat(base.length);
    const entries = changed.filter(({ path }) => extensions.some((extension) => path.endsWith(`.${extension}`)));
    const lines = entries.map((file) => {
      const blob =
        file.mode === null
          ? none
          : (file.blob ?? keep(contentOf(file, git), base.length, environment.GIT_OBJECT_DIRECTORY));
      return `${file.mode ?? '0'} ${blob}\t${file.path}\0`;
    });
    for (const step of [
      { args: ['read-tree', base] },
      { args: ['update-index', '-z', '--index-info'], input: lines.join('') },
    ]) {
      const { args, ...rest } = step;
      if (git.run(args, { ...rest, environment }).status !== 0) return null;
    }
    const options = ['--no-ext-diff', '--no-textconv', '--no-color', '--ignore-submodules=all'];
    const command = ['diff-index', '--cached', '--patch', ...options, base, '--', ...sourceFiles];
    const { status, stdout } = git.run(command, { environment });
    return status === 0 ? stdout.toString('utf8') : null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Relative, as git itself names it: a colon in the path would split it in two. */
function objectFolder(git: Git): string {
  return JSON.stringify(resolve(git.root, git.text('rev-parse', '--git-path', 'objects')?.trim() ?? ''));
}

/** Restores the committed line endings where an editor or git turned them into CRLF. */
function contentOf({ committed, read }: ChangedFile, git: Git): Uint8Array {
  const bytes = read();
  const before = committed === null ? null : git.run(['cat-file', 'blob', committed]).stdout;
  return before === null || before.includes('\r\n') ? bytes : withoutCarriageReturns(bytes);
}

/** Writes a loose object. @returns its name */
function keep(content: Uint8Array, digits: number, objects: string): string {
  const name = blobName(content, digits);
  const place = join(objects, name.slice(0, 2), name.slice(2));
  makeFolder(dirname(place));
  writeFileSync(place, deflateSync(blobObject(content)));
  return name;
}
