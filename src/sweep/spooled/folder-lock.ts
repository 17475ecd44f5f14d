import { setTimeout as pause } from 'node:timers/promises';
import type { SweepFolder } from '../../execute/slurm/sweep-folder.js';
import { UsageError } from '../../project/usage-error.js';
import { FileLock } from '../../runtime/store/file-lock.js';

const pollMilliseconds = 200;
/** How long another process that merges or submits is waited for. */
const patienceMilliseconds = 120_000;

/**
 * Lets one process at a time submit or merge a sweep.
 * @throws UsageError if another one doesn't end, or the folder leads elsewhere; StoreError if the drive has no locks
 */
export async function withFolder<T>(folder: SweepFolder, use: () => Promise<T>): Promise<T> {
  folder.requireOwn();
  const lock = await taken(folder.lock);
  try {
    return await use();
  } finally {
    lock.release();
  }
}

/** As {@link withFolder}, unless another process has it. @throws UsageError, StoreError */
export async function withFolderIfFree(folder: SweepFolder, use: () => Promise<unknown>): Promise<void> {
  folder.requireOwn();
  const lock = FileLock.exclusive(folder.lock);
  if (lock === null) return;
  try {
    await use();
  } finally {
    lock.release();
  }
}

async function taken(path: string): Promise<FileLock> {
  for (let waited = 0; waited < patienceMilliseconds; waited += pollMilliseconds) {
    const lock = FileLock.exclusive(path);
    if (lock !== null) return lock;
    await pause(pollMilliseconds);
  }
  throw new UsageError(
    'another aedsl is submitting or merging this sweep',
    'wait for its end, or end it; then run again',
  );
}
