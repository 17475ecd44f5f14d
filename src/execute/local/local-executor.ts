import { type ChildProcess, fork } from 'node:child_process';
import { resolve as resolvePath } from 'node:path';
import { type CheckpointPlace, type Executor, type RunningTrial, type TrialPlace, WorkerNumbers } from '../executor.js';
import { isLast, type TrialJob, type TrialMessage } from '../job.js';
import type { HostCommand, HostMessage } from './messages.js';

/** Characters of what a host said last, which tell why it ended. */
const LAST_WORDS = 8000;
/** How long they are waited for. */
const LAST_WORDS_MILLISECONDS = 100;

/**
 * V8 compiles and collects garbage on the trial's own thread instead of on helper threads, which would take a tenth of
 * a core from the other trials: with a trial on every core, all of them together are a sixteenth faster.
 */
const ALONE_ON_ITS_THREAD = '--single-threaded';

type Listener = (message: TrialMessage) => void;

/**
 * Trains on this machine's cores. One child process, the host, decodes the data once and trains each trial on its own
 * thread, which shares them. If the host dies, its trials are `lost`; each must then be started `alone`, in its own
 * host, so that the one that kills its process is found without failing others. A native backend has a host per trial.
 */
export class LocalExecutor implements Executor {
  readonly #entry: URL;
  readonly #dataFolder: string | null;
  readonly #hosts = new Set<Host>();
  readonly #workers = new WorkerNumbers();
  #shared: Host | null = null;

  /**
   * @param entry module that a host runs
   * @param dataFolder of published data sets, replacing AEDSL_DATA
   */
  constructor(entry: URL, dataFolder: string | null = null) {
    this.#entry = entry;
    this.#dataFolder = dataFolder;
  }

  start(job: TrialJob, { alone, checkpoints }: TrialPlace, listener: Listener): RunningTrial {
    const apart = alone || job.backend === 'tensorflow';
    const host = apart ? this.#open() : this.#sharedHost();
    const worker = this.#workers.take();
    host.train(worker, job, checkpoints, (message) => {
      if (isLast(message)) {
        this.#workers.free(worker);
        if (apart) host.close();
      }
      listener(message);
    });
    return { worker, halt: () => host.send({ type: 'halt', worker }) };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#hosts].map((host) => host.closed()));
  }

  #sharedHost(): Host {
    if (this.#shared === null || this.#shared.gone) this.#shared = this.#open();
    return this.#shared;
  }

  #open(): Host {
    const host = new Host(this.#entry, this.#dataFolder, () => this.#hosts.delete(host));
    this.#hosts.add(host);
    return host;
  }
}

class Host {
  readonly #child: ChildProcess;
  readonly #listeners = new Map<number, Listener>();
  readonly #exit: Promise<void>;
  #lastWords = '';
  gone = false;

  constructor(entry: URL, dataFolder: string | null, onGone: () => void) {
    this.#child = fork(entry, [], {
      execArgv: [...process.execArgv, ALONE_ON_ITS_THREAD],
      ...(dataFolder === null ? {} : { env: { ...process.env, AEDSL_DATA: resolvePath(dataFolder) } }),
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = `${this.#lastWords}${text}`.slice(-LAST_WORDS);
    });
    this.#child.on('message', (message: HostMessage) => this.#pass(message));
    this.#exit = new Promise((resolve) => {
      const ended = (reason: string) => {
        if (this.gone) return;
        this.gone = true;
        onGone();
        for (const worker of [...this.#listeners.keys()]) {
          this.#pass({ worker, message: { type: 'lost', reason } });
        }
        resolve();
      };
      this.#child.once('exit', (code, signal) => {
        const tell = () => ended(reasonOf(code, signal, this.#lastWords));
        // Its last output may still be on its way.
        if (code === 0) tell();
        else setTimeout(tell, LAST_WORDS_MILLISECONDS);
      });
      this.#child.once('error', (error) => ended(`its process could not start: ${error.message}`));
    });
  }

  train(worker: number, job: TrialJob, checkpoints: CheckpointPlace | null, listener: Listener): void {
    this.#listeners.set(worker, listener);
    this.send({ type: 'train', worker, job, checkpoints });
  }

  send(command: HostCommand): void {
    // A command to a host that is going is answered by its exit.
    if (this.#child.connected) this.#child.send(command, () => {});
  }

  close(): void {
    this.#listeners.clear();
    if (this.#child.connected) this.#child.disconnect();
  }

  closed(): Promise<void> {
    this.close();
    return this.#exit;
  }

  #pass({ worker, message }: HostMessage): void {
    const listener = this.#listeners.get(worker);
    if (isLast(message)) this.#listeners.delete(worker);
    listener?.(message);
  }
}

function reasonOf(code: number | null, signal: NodeJS.Signals | null, lastWords: string): string {
  if (signal === 'SIGKILL') return 'its process was killed, as the system does when memory runs out';
  if (lastWords.includes('out of memory')) return 'it ran out of memory';
  const error = lastWords.split('\n').find((line) => /^\w*Error\b/.test(line));
  const how = signal === null ? `its process ended with code ${code ?? '?'}` : `its process was ended by ${signal}`;
  return error ? `${how}: ${error}` : how;
}
