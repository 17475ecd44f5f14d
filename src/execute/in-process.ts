import type { LoadedData } from '../runtime/datasets/load.js';
import { type DataFiles, type DataRequest, loadExamples } from '../trial/data.js';
import type { PreparedTrial } from '../trial/prepare.js';
import type { TrainedTrial } from '../trial/train.js';
import type { Words } from '../words/word.js';
import type { Executor, RunningTrial, TrialPlace } from './executor.js';
import { preparedJob, type TrialJob, type TrialMessage } from './job.js';
import { trainJob } from './train-job.js';

export interface InProcessOptions {
  /** Words that trials are trained with. */
  readonly library: Words;
  /** Returns the caller's prepared trial, which saves compiling and loading data again; null for none. */
  readonly prepared?: (job: TrialJob) => PreparedTrial | null;
  /** Loads the data of a job; `loadExamples` by default. */
  readonly load?: (request: DataRequest, files: DataFiles) => Promise<LoadedData>;
  /**
   * Receives each trained trial and its model before `ended` is reported, and disposes of the model; by default, it is
   * just disposed of.
   */
  readonly onEnded?: (trained: TrainedTrial) => void;
  /** Given what a trial threw before it is reported as `failed`. */
  readonly onThrown?: (error: unknown) => void;
}

/**
 * Trains in this process, one trial after another, because TF.js has one backend. Every event is its own message.
 * Nothing starts before it is needed, which makes this the executor with the earliest first step; but a trial that runs
 * out of memory takes the process with it, so no trial is ever `lost`.
 */
export class InProcessExecutor implements Executor {
  readonly #options: InProcessOptions;
  readonly #closed = new AbortController();
  #idle: Promise<void> = Promise.resolve();

  constructor(options: InProcessOptions) {
    this.#options = options;
  }

  start(job: TrialJob, { checkpoints }: TrialPlace, listener: (message: TrialMessage) => void): RunningTrial {
    const halted = new AbortController();
    const { onEnded = ({ model }) => model?.dispose(), onThrown = () => {} } = this.#options;
    this.#idle = this.#idle.then(() => {
      if (this.#closed.signal.aborted) return;
      return trainJob({
        job,
        prepared: () => this.#prepared(job),
        checkpoints,
        gathered: false,
        signal: AbortSignal.any([halted.signal, this.#closed.signal]),
        say: (message) => {
          if (!this.#closed.signal.aborted) listener(message);
        },
        onEnded,
        onThrown,
      });
    });
    return { worker: 0, halt: () => halted.abort() };
  }

  /** Waits for the current step, as nothing can end a trial within it. */
  close(): Promise<void> {
    this.#closed.abort();
    return this.#idle;
  }

  #prepared(job: TrialJob): PreparedTrial {
    const { library, prepared, load = (request, files) => loadExamples(request, { files }) } = this.#options;
    return prepared?.(job) ?? preparedJob(job, library, { load: (request) => load(request, job.dataFiles) });
  }
}
