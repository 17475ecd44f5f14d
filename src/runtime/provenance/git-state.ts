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
  /** Whether a tracked file differs from the commit, or a file of the experiment is in none. */
  readonly dirty: boolean;
  /** Files of the experiment that git does not track, in the repository; absent where it tracks all. */
  readonly untracked?: readonly string[];
  /** What differs in tracked source files; empty when nothing does, cut at {@link DIFF_CHARACTERS}. */
  readonly diff: string;
  readonly diffTruncated: boolean;
}

/** Enough for any change a person makes by hand. */
export const DIFF_CHARACTERS = 100_000;
/** A training waits no longer for what is merely recorded. */
const mostMilliseconds = 5_000;

/**
 * Which tracked files are kept in the diff: source code and experiments, by name. Settings, data and notes are not, nor
 * is anything hidden or named after a secret, so that a password someone committed does not end up in a database.
 */
const extensions = ['ae', 'ts', 'tsx', 'mts', 'cts', 'js', 'jsx', 'mjs', 'cjs', 'py'] as const;
const sourceFiles = [
  ...extensions.map((extension) => `:(top,glob)**/*.${extension}`),
  ...['.*', '.*/**', '*secret*', '*credential*', '*password*'].map((name) => `:(top,exclude,glob,icase)**/${name}`),
];

/** Why no commit can be kept of what is in a folder, although a repository is around it; null where one can, or none is. */
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
 * Describes the repository around a folder. Nothing in it is changed, and no program that it or its configuration names is
 * run: working files are compared here and not by git, which would pass them through filters.
 *
 * @param files of the experiment, which count as changed where git does not track them
 * @returns null outside a repository and where git is missing
 */
export function gitState(folder: string, files: readonly string[] = []): GitState | null {
  const git = Git.around(folder, mostMilliseconds);
  if (git === null) return null;
  const commit = git.text('rev-parse', '--verify', '--quiet', 'HEAD')?.trim() || null;
  const branch = git.text('symbolic-ref', '--short', '--quiet', 'HEAD')?.trim() || null;
  const tracked = changedFiles(git, commit);
  const untracked = untrackedFiles(git, files);
  const changed = tracked && [...tracked, ...untracked];
  // What cannot be compared must not be called clean.
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
 * The difference between a commit and the working tree's source files, as `git diff` shows it. The changed contents go to a
 * temporary index and object folder, so that git compares objects and touches no file.
 *
 * @param commit null before the first one, when everything is new
 * @returns null when it cannot be told
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

/** As git names it to itself: with a colon in it, a path would be two. */
function objectFolder(git: Git): string {
  return JSON.stringify(resolve(git.root, git.text('rev-parse', '--git-path', 'objects')?.trim() ?? ''));
}

/** With the line ends of what was committed, where an editor or git itself turned them into CRLF. */
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
