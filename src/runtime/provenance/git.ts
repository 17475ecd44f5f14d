import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The commit that a run was started from. */
export interface GitState {
  /** Null before the first commit. */
  readonly commit: string | null;
  /** Null when HEAD is detached. */
  readonly branch: string | null;
  /** Whether a tracked file differs from the commit. */
  readonly dirty: boolean;
  /** What differs in tracked source files; empty when nothing does, cut at {@link DIFF_CHARACTERS}. */
  readonly diff: string;
  readonly diffTruncated: boolean;
}

/** Enough for any change a person makes by hand. */
export const DIFF_CHARACTERS = 100_000;
const TIMEOUT_MILLISECONDS = 10_000;

/**
 * Which tracked files are kept in the diff: source code and experiments, by name. Settings, data and notes are not, nor
 * is anything hidden or named after a secret, so that a password someone committed does not end up in a database.
 */
const sourceFiles = [
  ...['ae', 'ts', 'tsx', 'mts', 'cts', 'js', 'jsx', 'mjs', 'cjs', 'py'].map(
    (extension) => `:(top,glob)**/*.${extension}`,
  ),
  ...['.*', '.*/**', '*secret*', '*credential*', '*password*'].map((name) => `:(top,exclude,glob,icase)**/${name}`),
];

/**
 * Asks git about the folder, without changing anything and without running a diff program or file system monitor that
 * its configuration names.
 *
 * @returns null outside a repository and where git is missing
 */
export async function gitState(folder: string): Promise<GitState | null> {
  const inside = await git(folder, 'rev-parse', '--is-inside-work-tree');
  if (inside?.trim() !== 'true') return null;
  const [commit, branch, status] = await Promise.all([
    git(folder, 'rev-parse', '--verify', '--quiet', 'HEAD'),
    git(folder, 'symbolic-ref', '--short', '--quiet', 'HEAD'),
    git(folder, 'status', '--porcelain', '--untracked-files=no', '--ignore-submodules=all'),
  ]);
  const base = commit?.trim() || EMPTY_TREE;
  const diff = status?.trim() ? await git(folder, ...diffCommand, base, '--', ...sourceFiles) : '';
  return {
    commit: commit?.trim() || null,
    branch: branch?.trim() || null,
    dirty: status === null || status.trim() !== '',
    diff: (diff ?? '').slice(0, DIFF_CHARACTERS),
    diffTruncated: diff === null || diff.length > DIFF_CHARACTERS,
  };
}

/** Git's name for a tree without files, against which everything staged is new. */
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

const diffCommand = ['diff', '--no-ext-diff', '--no-textconv', '--no-color', '--ignore-submodules=all'] as const;

/** What git prints; null when it fails, which it does for many good reasons (no repository, no commit, no git). */
async function git(folder: string, ...args: readonly string[]): Promise<string | null> {
  // The index is refreshed by `status` otherwise, and a file system monitor is a program of the repository's choice.
  const options = ['--no-optional-locks', '-c', 'core.fsmonitor=false', '-c', 'core.quotePath=false'];
  try {
    const { stdout } = await promisify(execFile)('git', ['-C', folder, ...options, ...args], {
      timeout: TIMEOUT_MILLISECONDS,
      maxBuffer: 64 * 1024 * 1024,
      windowsHide: true,
    });
    return stdout;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
