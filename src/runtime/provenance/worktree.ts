import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Repository } from './repository.js';

/** Git did not make a folder with the files of a commit. */
export class WorktreeError extends Error {
  override readonly name = 'WorktreeError';
  readonly hint = 'git worktree list shows the others; git worktree prune forgets those whose folders are gone';
}

/** The files of a commit in a folder of their own, beside the working tree, which stays as it is. */
export interface Worktree {
  readonly folder: string;
  /** Removes the folder, and what git remembers of it. */
  close(): void;
}

/** @throws WorktreeError */
export function openWorktree(repository: Repository, commit: string): Worktree {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-worktree-')));
  const folder = join(parent, 'tree');
  const close = () => {
    git(repository.root, 'worktree', 'remove', '--force', folder);
    rmSync(parent, { recursive: true, force: true });
    git(repository.root, 'worktree', 'prune');
  };
  const { status, stderr } = git(repository.root, 'worktree', 'add', '--quiet', '--detach', folder, commit);
  if (status === 0) return { folder, close };
  close();
  throw new WorktreeError(`git could not lay out ${commit.slice(0, 7)}: ${stderr.trim()}`);
}

function git(root: string, ...args: readonly string[]) {
  // A hook would be a program of the repository's choice.
  const options = ['-c', `core.hooksPath=${devNull}`, '-c', 'core.fsmonitor=false'];
  return spawnSync('git', ['-C', root, ...options, ...args], {
    encoding: 'utf8',
    windowsHide: true,
    env: { ...process.env, GIT_TERMINAL_PROMPT: '0' },
  });
}
