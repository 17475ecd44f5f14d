import { Worker } from 'node:worker_threads';
import { errorText } from '../../files/system-error.js';
import type { CheckpointPlace } from '../executor.js';
import { isLast, type TrialJob, type TrialMessage } from '../job.js';
import type { HostCommand, HostMessage, ThreadCommand } from './messages.js';

/** Address space for a thread's compiled JavaScript: an eighth of V8's default, and ten times what it takes. */
const CODE_MEGABYTES = 64;

export interface HostOptions {
  /** The data of a trial, in memory that threads can share. Asked again for the same data, it gives the same. */
  readonly dataOf: (job: TrialJob) => Promise<unknown>;
  /** The module that a thread runs. */
  readonly threadEntry: URL;
}

/**
 * Runs a host: takes commands from the process that forked it, and trains on threads. It ends with that process, to
 * which it leaves the terminal's signals.
 */
export function serveTrials({ dataOf, threadEntry }: HostOptions): void {
  const threads = new Map<number, TrialThread>();
  const say = (message: HostMessage) => {
    if (process.connected) process.send?.(message);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  process.on('disconnect', () => process.exit(0));
  process.on('message', (command: HostCommand) => {
    const { worker } = command;
    const thread = threads.get(worker);
    switch (command.type) {
      case 'halt':
        thread?.halt();
        break;
      case 'train': {
        const { job, checkpoints } = command;
        const fit = thread?.fits(job) === true ? thread : new TrialThread(job, threadEntry);
        if (fit !== thread) thread?.end();
        threads.set(worker, fit);
        void fit.train(job, checkpoints, dataOf, (message) => {
          if (message.type === 'failed') {
            // A failure may leave a thread in a bad state, so nobody reuses it.
            fit.end();
            threads.delete(worker);
          }
          say({ worker, message });
        });
        break;
      }
    }
  });
}

/** A thread that trains one trial after the other, all on the same backend. */
class TrialThread {
  readonly #backend: string;
  readonly #threads: number | null;
  readonly #thread: Worker;
  #listener: ((message: TrialMessage) => void) | null = null;
  #halted = false;

  constructor({ backend, threads }: TrialJob, entry: URL) {
    this.#backend = backend;
    this.#threads = threads;
    this.#thread = new Worker(entry, { resourceLimits: { codeRangeSizeMb: CODE_MEGABYTES } });
    this.#thread.on('message', (message: TrialMessage) => this.#say(message));
    this.#thread.on('error', (error: Error & { code?: string }) => {
      const reason = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'it ran out of memory' : errorText(error);
      this.#say({ type: 'failed', reason });
    });
    this.#thread.on('exit', (code) => this.#say({ type: 'failed', reason: `its thread ended with code ${code}` }));
  }

  fits({ backend, threads }: TrialJob): boolean {
    return backend === this.#backend && threads === this.#threads;
  }

  async train(
    job: TrialJob,
    checkpoints: CheckpointPlace | null,
    dataOf: HostOptions['dataOf'],
    listener: (message: TrialMessage) => void,
  ): Promise<void> {
    this.#listener = listener;
    this.#halted = false;
    try {
      const data = await dataOf(job);
      this.#post({ type: 'train', job, checkpoints, data });
      if (this.#halted) this.#post({ type: 'halt' });
    } catch (error) {
      this.#say({ type: 'failed', reason: errorText(error) });
    }
  }

  halt(): void {
    this.#halted = true;
    this.#post({ type: 'halt' });
  }

  end(): void {
    this.#listener = null;
    void this.#thread.terminate();
  }

  #post(command: ThreadCommand<unknown>): void {
    this.#thread.postMessage(command);
  }

  #say(message: TrialMessage): void {
    const listener = this.#listener;
    if (isLast(message)) this.#listener = null;
    listener?.(message);
  }
}
