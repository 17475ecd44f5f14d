import { needsSmallerMemories, withoutTrapHandler } from '../api/machine.js';
import { exitCodes } from './failure.js';

/** WebAssembly memories that a command may have: the kernels, the renderer, and two of Node's own. */
const MEMORIES = 4;

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Whether `ulimit -v` is too low for this process, and `restarted` would help. */
export function needsRestart(): boolean {
  return needsSmallerMemories(MEMORIES);
}

/** Runs the same command in a process that needs less address space, forwarding signals. @returns its exit code */
export async function restarted(): Promise<number> {
  const { spawn } = await import('node:child_process');
  const args = [withoutTrapHandler, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn(process.execPath, args, {
    // The channel tells the child when this process is gone.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    // Otherwise each of Node's threads reserves 64 MiB for small blocks.
    env: { MALLOC_ARENA_MAX: '2', ...process.env },
  });
  const isTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  // A terminal's Ctrl-C reaches both processes.
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

/** Ends a restarted process when its parent is gone, even if that was killed. */
export function endWithParent(): void {
  if (process.channel === undefined || !process.execArgv.includes(withoutTrapHandler)) return;
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel.unref();
}
