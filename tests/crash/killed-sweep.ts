import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface KillingOptions {
  /** The command's main module. */
  readonly program: string;
  readonly folder: string;
  /** Of `aedsl sweep`. */
  readonly sweep: readonly string[];
  /** What it is gone on with by; `s1` by default. */
  readonly name?: string;
  /** Of both `aedsl sweep` and `aedsl resume`. */
  readonly settings: readonly string[];
  readonly kills: number;
  /** Milliseconds between the first steps and the kill are drawn below this. */
  readonly longest: number;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  readonly onKill?: (kills: number) => void;
}

/**
 * Runs a sweep, kills its whole process group at a random instant, goes on with it, and again, as often as it takes; then
 * lets it end.
 *
 * @returns how often it was killed while it ran, and what the last process ended with
 */
export async function killedSweep(
  options: KillingOptions,
): Promise<{ readonly kills: number; readonly status: number | null }> {
  const { kills, longest, random, onKill, settings, name = 's1' } = options;
  let begun = false;
  for (let killed = 0; killed < kills; ) {
    const child = start(options, begun ? ['resume', name, ...settings] : ['sweep', ...options.sweep, ...settings]);
    const ended = once(child, 'exit');
    // A tenth of the kills come while everything is still being loaded.
    const early = random() < 0.1;
    const sign = early ? '"event":"started"' : '"event":"steps"';
    const seen = await Promise.race([printed(child, sign), ended.then(() => false)]);
    begun = true;
    if (!seen) return { kills: killed, status: child.exitCode };
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, random() * longest))]);
    if (child.exitCode !== null) return { kills: killed, status: child.exitCode };
    killGroup(child);
    await ended;
    killed++;
    onKill?.(killed);
  }
  const last = start(options, ['resume', name, ...settings]);
  last.stdout?.resume();
  const [status] = await once(last, 'exit');
  return { kills, status: typeof status === 'number' ? status : null };
}

function start({ program, folder }: KillingOptions, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [program, ...args, '--json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
    // A process group of its own, so that its host is killed with it.
    detached: true,
  });
}

function printed(child: ChildProcess, sign: string): Promise<boolean> {
  return new Promise((resolve) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      if (chunk.includes(sign)) resolve(true);
    });
  });
}

function killGroup({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}
