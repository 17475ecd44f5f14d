import { Worker } from 'node:worker_threads';
import { compileKernels, instantiateKernels, type KernelExports } from './kernel-module.js';
import { LinearMemory } from './linear-memory.js';
import type { Operation } from './operations.js';
import type { Recording } from './recording.js';
import { widenVectors } from './wide-vectors.js';

// Addresses in the control block; see assembly/job.ts.
const STATE = 64;
const DEAD = 200;
const SPIN_LIMIT = 204;
const WIDE = 216;
const JOB = 256;
/** First byte after the kernels' own data; see tools/build-kernels.mjs. */
const HEAP_START = 16384;
/** Workspace bytes per thread: the layout of assembly/zeros.ts, which needs the most. */
const WORKSPACE = 1310720;
/**
 * Spins before a thread sleeps, about 50 microseconds, both of workers waiting for a job and of the posting thread
 * waiting for workers. More would take time from other processes.
 */
const SPINS = 50_000;
/** Jobs that take fewer nanoseconds than this are not shared. */
const SHARING_THRESHOLD = 30_000;
/** Waits of 100 ms for a worker before giving up. */
const PATIENCE = 600;

/** A worker thread died or hung; the result of its job is unusable. */
export class WorkerDiedError extends Error {
  override readonly name = 'WorkerDiedError';
}

/** Runs jobs on the kernels: call `begin`, then add the arguments in order, then `run`. */
export class KernelRunner {
  readonly memory: LinearMemory;
  readonly threads: number;
  private readonly exports: KernelExports;
  private readonly workers: Worker[] = [];
  private readonly workspace: number;
  private readonly words: Int32Array;
  private readonly numbers: Float32Array;
  private next = 0;
  private failure: Error | undefined;
  private recording: Recording | null = null;
  private readonly changingWords = new Map<number, () => number>();

  /** @param threads at least 1, including the calling thread */
  constructor(threads: number) {
    const wide = widenVectors();
    const module = compileKernels();
    this.threads = threads;
    this.memory = new LinearMemory(HEAP_START);
    this.exports = instantiateKernels(module, this.memory.memory);
    this.workspace = this.memory.allocate(WORKSPACE);
    this.memory.ints[this.workspace / 4] = 0;
    // The control block never moves, so these views survive memory growth.
    this.words = this.memory.ints.subarray(0, HEAP_START / 4);
    this.numbers = this.memory.floats.subarray(0, HEAP_START / 4);
    this.words[SPIN_LIMIT / 4] = SPINS;
    this.words[WIDE / 4] = wide ? 1 : 0;
    for (let i = 1; i < threads; ++i) this.workers.push(this.startWorker(module, i));
  }

  begin(operation: Operation): this {
    this.words[JOB / 4] = operation;
    this.next = JOB / 4 + 1;
    if (this.recording !== null) this.changingWords.clear();
    return this;
  }

  /** Adds an argument: an integer or an address. */
  int(value: number): this {
    this.words[this.next++] = value;
    return this;
  }

  ints(values: readonly number[]): this {
    for (const value of values) this.words[this.next++] = value;
    return this;
  }

  /** Adds an integer argument that is read anew whenever the job is replayed. */
  changing(read: () => number): this {
    if (this.recording !== null) this.changingWords.set(this.next - JOB / 4, read);
    return this.int(read());
  }

  float(value: number): this {
    this.numbers[this.next++] = value;
    return this;
  }

  /**
   * Runs the job. `cost` estimates its nanoseconds on one thread; cheap jobs are not shared. Throws `WorkerDiedError`
   * if a worker thread is gone.
   */
  run(cost: number): void {
    if (this.failure !== undefined) throw this.failure;
    const shared = this.workers.length > 0 && cost >= SHARING_THRESHOLD;
    this.recording?.addJob(this.words.subarray(JOB / 4, this.next), shared, this.changingWords);
    if (shared) this.together(() => this.exports.runShared(this.workspace, PATIENCE));
    else this.exports.runAlone(this.workspace);
  }

  /** Runs the jobs described between two addresses; see recording.ts. Throws like `run`. */
  runProgram(program: number, end: number): void {
    if (this.failure !== undefined) throw this.failure;
    this.together(() => this.exports.runProgram(this.workspace, program, end, PATIENCE));
  }

  /** Records every job until called with null. */
  recordTo(recording: Recording | null): void {
    this.recording = recording;
  }

  private together(work: () => number): void {
    let died: boolean;
    try {
      died = work() !== 0;
    } catch (cause) {
      // The job was never closed, so no other can be opened.
      this.failure = new Error('a kernel of the simd backend failed', { cause });
      throw this.failure;
    }
    if (died) {
      this.failure = new WorkerDiedError('a worker thread of the simd backend died or stopped answering');
      throw this.failure;
    }
  }

  /** Stops the worker threads; no job can run afterwards. */
  async dispose(): Promise<void> {
    this.failure ??= new Error('the simd backend was disposed');
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  private startWorker(module: WebAssembly.Module, number: number): Worker {
    const work = this.memory.allocate(WORKSPACE);
    this.memory.ints[work / 4] = number;
    const worker = new Worker(new URL('./thread.mjs', import.meta.url), {
      workerData: {
        module,
        memory: this.memory.memory,
        work,
        stateAddress: STATE,
        deadAddress: DEAD,
      },
      // V8 would reserve up to 512 MiB of addresses for JIT code, for ten lines of JavaScript.
      resourceLimits: { codeRangeSizeMb: 4 },
      // Flags of the main thread (a test runner's loader, say) are useless here and may not be allowed.
      execArgv: [],
    });
    worker.unref();
    worker.on('error', (cause) => {
      this.failure ??= new WorkerDiedError('a worker thread of the simd backend died', { cause });
    });
    worker.on('exit', () => {
      this.failure ??= new WorkerDiedError('a worker thread of the simd backend ended');
    });
    return worker;
  }
}
