import type { WordModule } from '../compiler/library/word.js';
import { parseRecipe } from '../project/recipe.js';
import { fileWorld } from '../project/world.js';
import type { PictureTime, PreviewPicture, TrainingEvent } from '../runtime/events.js';
import type { Machine } from '../runtime/provenance/environment.js';
import type { CheckpointRecord } from '../runtime/store/records.js';
import type { TrainingResult } from '../runtime/store/run-writer.js';
import type { ChainLink } from '../runtime/training/hash-chain.js';
import type { Witness, WitnessedPlace } from '../runtime/training/witness.js';
import type { CheckpointPolicy } from '../trial/checkpointer.js';
import type { Evaluated } from '../trial/evaluation-end.js';
import {
  type DataOptions,
  type Expected,
  type PreparedTrial,
  prepare,
  recordedBackend,
  type TrialSpec,
} from '../trial/prepare.js';
import type { PaceReport } from '../trial/trial-pace.js';
import { givenWeights } from '../trial/weights-file.js';
import type { Words } from '../words/word.js';

/**
 * A trial to train, as plain data that means the same in any thread, process or machine. The place of its checkpoints
 * is not part of it: that is between the caller and the executor.
 */
export interface TrialJob {
  /** Its index, which names it in messages. */
  readonly trial: number;
  /** Recipe of the trial, as JSON. */
  readonly recipe: string;
  /** The modules of its outside words; whoever trains it runs their code. */
  readonly words: readonly WordModule[];
  /** Absolute paths of its data files, by the paths in the recipe. */
  readonly dataFiles: Readonly<Record<string, string>>;
  readonly seed: number;
  /** The planned trial, which must match; null trains whatever `aedsl run` would train from the files. */
  readonly expected: Pick<Expected, 'identity' | 'numerics' | 'irSha256' | 'dataSha256'> | null;
  /** `auto` for the default. */
  readonly backend: string;
  /** Threads of the backend; null for one per core. */
  readonly threads: number | null;
  /** Epoch of the last stage after which the trial halts; null for none. */
  readonly untilEpoch: number | null;
  /** When checkpoints are taken, besides at its end and when it halts; null for never. */
  readonly checkpoints: CheckpointPolicy | null;
  /** Checkpoint to resume from; null to start from the beginning. */
  readonly from: CheckpointRecord | null;
  /**
   * State after the last stage, encoded as a checkpoint, for a trial that is trained and lacks only evaluations and
   * figures; null for one that is to be trained.
   */
  readonly trained: Uint8Array | null;
  /** Content of a safetensors file with weights to start from. */
  readonly init: Uint8Array | null;
  /** Whether to send small pictures while it trains. */
  readonly previews: boolean;
  /** To compare the training with another one step by step. */
  readonly follow?: Follow;
}

/**
 * Asks for the chain of hashes while the trial trains. `link`, `witness` and `tensor` are reported in place of
 * `events`; nothing is evaluated or drawn.
 */
export interface Follow {
  /** Steps to report tensor by tensor, besides those that always are. */
  readonly witness: readonly StepRange[];
  /** Tensors of these steps whose values are reported. */
  readonly capture: readonly WitnessedPlace[];
}

/** Steps of a stage, from 1, both ends included. */
export interface StepRange {
  readonly stage: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Messages from an executor about a trial, in this order:
 *
 * - `machine` once, before anything else of a trial that can be trained.
 * - `events` in the order of the training. A `checkpoint` follows every event that it covers.
 * - `trained` once, after the training of a trial that did not halt and before its evaluations and figures.
 * - exactly one of `ended`, `failed` and `lost`, and nothing after it.
 *
 * `preview`, `report` and `note` may come at any time before that.
 */
export type TrialMessage =
  /** The machine it trains on, which is recorded with it. */
  | { readonly type: 'machine'; readonly machine: Machine }
  /** Events in quick succession share a message. */
  | { readonly type: 'events'; readonly events: readonly TrainingEvent[] }
  /** The checkpoint's file is durably written where the caller wanted checkpoints. */
  | { readonly type: 'checkpoint'; readonly checkpoint: CheckpointRecord }
  | { readonly type: 'preview'; readonly moment: PictureTime; readonly pictures: readonly PreviewPicture[] }
  /** Once a second. */
  | ({ readonly type: 'report' } & PaceReport)
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'link'; readonly link: ChainLink }
  | { readonly type: 'witness'; readonly witness: Witness }
  | { readonly type: 'tensor'; readonly place: WitnessedPlace; readonly values: Float32Array }
  | { readonly type: 'trained'; readonly result: TrainingResult }
  | { readonly type: 'ended'; readonly end: TrialEnd }
  /** It threw, and would again. */
  | { readonly type: 'failed'; readonly reason: string; readonly hint?: string }
  /** Its process is gone, perhaps through no fault of the trial; it can resume from the last checkpoint reported. */
  | { readonly type: 'lost'; readonly reason: string };

export interface TrialEnd extends Evaluated {
  /** `interrupted` if it halted; the last checkpoint reported then has its state. */
  readonly status: 'complete' | 'diverged' | 'interrupted';
  readonly metrics: Readonly<Record<string, number>>;
  readonly weightsSha256: string;
  /** `untilEpoch` of its job, if it halted because it got there. */
  readonly atEpoch?: number;
}

export function isLast({ type }: TrialMessage): boolean {
  return type === 'ended' || type === 'failed' || type === 'lost';
}

/**
 * Prepares the trial of a job.
 * @throws Stale unless it is the trial that was planned; SafetensorsError, ExperimentError
 */
export function preparedJob(job: TrialJob, library: Words, data: DataOptions = {}): PreparedTrial {
  const { recipe, seed, init, threads, expected } = job;
  const name = `trial ${job.trial}`;
  const backend: TrialSpec['backend'] =
    job.backend === 'auto' ? 'auto' : recordedBackend({ id: name, backend: job.backend });
  const spec = { recipe: parseRecipe(recipe), seed, init: init === null ? null : givenWeights(init), backend, threads };
  if (expected === null) return prepare({ ...spec, library, data, world: fileWorld(backend) });
  return prepare({ ...spec, library, data }, { name, ...expected });
}
