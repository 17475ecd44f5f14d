import { createHash } from 'node:crypto';
import type { Executor, RunningTrial } from '../../execute/executor.js';
import { isLast, type TrialJob, type TrialMessage } from '../../execute/job.js';
import { parseRecipe } from '../../project/recipe.js';
import type { ChainLink } from '../../runtime/training/hash-chain.js';
import type { WeightValues } from '../../runtime/training/initial-weights.js';
import type { Witness, WitnessedPlace } from '../../runtime/training/witness.js';
import type { RecordedRun } from '../../trial/bundle/recorded-run.js';
import { prepare } from '../../trial/prepare.js';
import type { SharedData } from '../../trial/shared-data.js';
import { VerifyError } from '../../trial/verify-error.js';
import { weightsOf } from '../../trial/weights-file.js';
import { modulesOf } from '../../words/outside.js';
import type { Words } from '../../words/word.js';

/** Something that can train a run again, and with what. */
export interface Engine {
  /** `simd, 2 threads` */
  readonly name: string;
  readonly backend: string;
  /** Null for one per core. */
  readonly threads: number | null;
  readonly library: Words;
  /** Finds the data of a run. */
  readonly data: SharedData;
  readonly executor: Executor;
  /** Returns the error that its last trial threw, if known. */
  readonly thrown?: () => unknown;
  /** Frees what it holds: processes, a folder. */
  dispose(): Promise<void>;
}

/** A run to be trained again, by any engine. */
export type Replay = Omit<TrialJob, 'backend' | 'threads'>;

export interface ReplayListener {
  /** @returns whether to go on */
  onLink(link: ChainLink): boolean;
  onWitness?(witness: Witness): void;
  onTensor?(place: WitnessedPlace, values: Float32Array): void;
}

export interface ReplayEnd {
  /** `interrupted` if the listener or the signal ended it. */
  readonly status: 'complete' | 'diverged' | 'interrupted';
  /** Hash of the kept weights. */
  readonly weightsSha256: string;
  /** Reads the kept weights; null for a training that was interrupted. */
  readonly weights: (() => WeightValues) | null;
  /** SHA-256 of the file that a run keeps them in; null likewise. */
  readonly weightsFileSha256: string | null;
}

/**
 * Finds the data of a run, and makes the job that trains it again.
 * @throws Stale for a run that means something else by now, DatasetError
 */
export async function replayOf(run: RecordedRun, { library, data }: Engine, signal?: AbortSignal): Promise<Replay> {
  const { recipe, irSha256, dataSha256, recordedIn: where, seed, init } = run;
  const load: SharedData['load'] = (request, files) => data.load(request, files);
  const { files } = await prepare(
    {
      library,
      seed,
      recipe: parseRecipe(recipe),
      backend: 'auto',
      data: { where, load, ...(signal ? { signal } : {}) },
    },
    { name: run.name, irSha256, dataSha256 },
  ).loadData();
  return {
    trial: 0,
    recipe,
    words: modulesOf(library),
    dataFiles: files,
    seed,
    expected: { irSha256, dataSha256 },
    untilEpoch: null,
    checkpoints: null,
    from: null,
    trained: null,
    init: init?.file ?? null,
    previews: false,
    follow: { witness: [], capture: [] },
  };
}

/** Trains a run again. @throws VerifyError, and what the training throws */
export function replay(
  engine: Engine,
  job: Replay,
  listener: ReplayListener,
  signal?: AbortSignal,
): Promise<ReplayEnd> {
  const { backend, threads, executor } = engine;
  return new Promise((resolve, reject) => {
    const hearing = new Hearing(engine, listener);
    const hear = (message: TrialMessage) => {
      try {
        const end = hearing.hear(message, running);
        if (end !== null) resolve(end);
      } catch (error) {
        reject(error);
        running.halt();
      }
      if (isLast(message)) signal?.removeEventListener('abort', halt);
    };
    const running = executor.start({ ...job, backend, threads }, { alone: false, checkpoints: null }, hear);
    const halt = () => running.halt();
    signal?.addEventListener('abort', halt);
    if (signal?.aborted === true) halt();
  });
}

class Hearing {
  readonly #engine: Engine;
  readonly #listener: ReplayListener;
  #weights: Uint8Array | null = null;
  /** The listener has heard enough. */
  #over = false;

  constructor(engine: Engine, listener: ReplayListener) {
    this.#engine = engine;
    this.#listener = listener;
  }

  /** @returns how it ended, for the last message @throws VerifyError, and what the training threw */
  hear(message: TrialMessage, running: RunningTrial): ReplayEnd | null {
    const { name, thrown } = this.#engine;
    switch (message.type) {
      case 'link':
        if (this.#over || this.#listener.onLink(message.link)) return null;
        this.#over = true;
        running.halt();
        return null;
      case 'witness':
        if (!this.#over) this.#listener.onWitness?.(message.witness);
        return null;
      case 'tensor':
        if (!this.#over) this.#listener.onTensor?.(message.place, message.values);
        return null;
      case 'trained':
        this.#weights = message.result.weights;
        return null;
      case 'ended':
        return endOf(message.end, this.#weights);
      case 'failed':
      case 'lost': {
        const error = thrown?.();
        if (error instanceof Error) throw error;
        const hint = message.type === 'failed' ? message.hint : undefined;
        throw new VerifyError(
          `${name} could not train it again: ${message.reason}`,
          hint ?? 'a Node from 20.19 on is needed, and an aedsl that knows `work`',
        );
      }
      case 'machine':
      case 'events':
      case 'checkpoint':
      case 'preview':
      case 'report':
      case 'note':
        return null;
    }
  }
}

function endOf(
  { status, weightsSha256 }: Pick<ReplayEnd, 'status' | 'weightsSha256'>,
  file: Uint8Array | null,
): ReplayEnd {
  return {
    status,
    weightsSha256,
    weights: file && (() => weightsOf(file)),
    weightsFileSha256: file && createHash('sha256').update(file).digest('hex'),
  };
}
