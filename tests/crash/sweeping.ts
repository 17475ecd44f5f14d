import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { program } from '../cli/command.js';

const running = new Set<ChildProcess>();

/** Ends what a test has left running. */
export function killAll(): void {
  for (const child of running) if (child.exitCode === null) child.kill('SIGKILL');
  running.clear();
}

/** A process that prints events, and all that it has printed. */
export class Sweeping {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  out = '';
  err = '';

  constructor(folder: string, ...args: readonly string[]) {
    this.child = spawn(process.execPath, [program, ...args, '--json'], {
      cwd: folder,
      env: { ...process.env, XDG_CACHE_HOME: join(folder, 'cache') },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    running.add(this.child);
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.out += chunk.toString();
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.err += chunk.toString();
    });
    this.ended = once(this.child, 'close').then(() => this.child.exitCode);
  }

  /** As soon as it has printed something so many times. */
  async printed(text: string, times = 1, where: 'out' | 'err' = 'out'): Promise<void> {
    while (this[where].split(text).length <= times) {
      if (this.child.exitCode !== null) throw new Error(`ended with ${this.child.exitCode}: ${this.out}${this.err}`);
      await Promise.race([new Promise((resolve) => setTimeout(resolve, 5)), this.ended]);
    }
  }

  signalWithItsHost(signal: NodeJS.Signals): void {
    if (this.child.pid !== undefined) process.kill(-this.child.pid, signal);
  }
}
