import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const name = /^aedsl-tests-(\d+)-/;

/**
 * Gives the tests of this process a folder for temporary files, which goes with it. Tests remove what they make, but not
 * those that are skipped or cut short, and no process removes anything when it is killed.
 */
export function haveTemporaryFolder(): void {
  const system = tmpdir();
  // The configuration is read again for each project.
  if (Number(name.exec(system.split('/').at(-1) ?? '')?.[1]) === process.pid) return;
  for (const entry of readdirSync(system)) {
    const owner = name.exec(entry)?.[1];
    if (owner !== undefined && !isRunning(Number(owner))) remove(join(system, entry));
  }
  const folder = mkdtempSync(join(system, `aedsl-tests-${process.pid}-`));
  // Some tests do what they do as another user, who has files there too.
  chmodSync(folder, 0o1777);
  process.env.TMPDIR = folder;
  process.on('exit', () => remove(folder));
}

function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // Something in it is still mounted or written; the next tests try again.
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
