import { spawn } from 'node:child_process';
import process from 'node:process';
import { needsSmallerMemories, withoutTrapHandler } from '../api/machine.js';
import { exitCodes } from './failure.js';

/** Those of WebAssembly that a command may have: the kernels, what draws, and two of Node's own. */
const MEMORIES = 4;

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Whether `ulimit -v` is too low for this process as it was started, which `restarted` would help. */
export function needsRestart(): boolean {
  return needsSmallerMemories(MEMORIES);
}

/**
 * Runs the same command in a process that needs less address space, and passes on what that one is told and how it ends.
 * @returns its exit code
 */
export async function restarted(): Promise<number> {
  const args = [withoutTrapHandler, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn(process.execPath, args, {
    // The channel is how the child notices that this process is gone.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    // Each of Node's threads would else reserve 64 MiB for small blocks.
    env: { MALLOC_ARENA_MAX: '2', ...process.env },
  });
  const isTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  // What is typed in a terminal reaches both processes.
  process.on('SIGINT', () => isTerminal || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  const { code, signal } = await new Promise<End>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  if (signal !== null) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  }
  return code ?? exitCodes.defect;
}

/** Ends a restarted process with the one that waits for it, which can be killed without a word. */
export function endWithParent(): void {
  if (process.channel === undefined || !process.execArgv.includes(withoutTrapHandler)) return;
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel.unref();
}
