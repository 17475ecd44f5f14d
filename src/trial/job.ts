import type { WordModule } from '../compiler/library/word.js';
import { parseRecipe } from '../project/recipe.js';
import type { PictureMoment, PreviewPicture, TrainingEvent } from '../runtime/events.js';
import type { CheckpointRecord } from '../runtime/store/records.js';
import type { TrainingResult } from '../runtime/store/run-writer.js';
import type { Words } from '../words/word.js';
import type { CheckpointPolicy } from './checkpointer.js';
import type { Evaluated } from './evaluation-end.js';
import { type DataOptions, type PreparedTrial, prepare, recordedBackend } from './prepare.js';
import { givenWeights } from './weights-file.js';

/** A trial to train, as plain data: it goes to other threads, processes or machines. */
export interface TrialJob {
  readonly trial: number;
  /** Recipe of the trial, as JSON. */
  readonly recipe: string;
  /** The modules of its words from outside, whose code whoever trains it runs. */
  readonly words: readonly WordModule[];
  /** Absolute places of the files of its data, by the paths that the recipe names. */
  readonly dataFiles: Readonly<Record<string, string>>;
  readonly seed: number;
  readonly identity: string;
  readonly backend: string;
  /** Threads of the backend. */
  readonly threads: number;
  /** Epoch of the last stage after which it halts; null: none. */
  readonly untilEpoch: number | null;
  /** Where checkpoints go, the beginning of their names, and when they are taken. */
  readonly checkpoints: { readonly folder: string; readonly prefix: string; readonly policy: CheckpointPolicy };
  /** The checkpoint to go on from, and its place; null: from the beginning. */
  readonly from: CheckpointRecord | null;
  /**
   * The state after its last stage, as the bytes of a checkpoint: its training is over, and only its evaluations and pictures
   * are to be made. Null for a trial that is to be trained.
   */
  readonly trained: Uint8Array | null;
  /** The content of a safetensors file with weights to start from. */
  readonly init: Uint8Array | null;
  /** Whether small pictures are wanted. */
  readonly previews: boolean;
}

/** What an executor tells of a trial. The last message is `ended`, `failed` or `lost`. */
export type TrialMessage =
  /** In their order; those that came within a tenth of a second are one message. */
  | { readonly type: 'events'; readonly events: readonly TrainingEvent[] }
  | { readonly type: 'checkpoint'; readonly checkpoint: CheckpointRecord }
  | { readonly type: 'preview'; readonly moment: PictureMoment; readonly pictures: readonly PreviewPicture[] }
  | {
      readonly type: 'report';
      readonly worker: number;
      readonly stepsPerSecond: number | null;
      readonly bytes: number;
    }
  | { readonly type: 'note'; readonly text: string }
  /** Its training is over; it is evaluated and drawn now. Not said of one that halted. */
  | { readonly type: 'trained'; readonly result: TrainingResult }
  | { readonly type: 'ended'; readonly end: TrialEnd }
  /** Its training threw. */
  | { readonly type: 'failed'; readonly reason: string }
  /** The process that trained it is gone, maybe through no fault of its own. */
  | { readonly type: 'lost'; readonly reason: string };

export interface TrialEnd extends Evaluated {
  readonly status: 'complete' | 'diverged' | 'interrupted';
  readonly metrics: Readonly<Record<string, number>>;
  readonly weightsSha256: string;
}

/**
 * Prepares the trial of a job, which has to be the one that was planned.
 * @throws Stale, SafetensorsError
 */
export function preparedJob(job: TrialJob, library: Words, data: DataOptions = {}): PreparedTrial {
  const { trial, recipe, seed, init, threads, identity } = job;
  const name = `trial ${trial}`;
  const backend = recordedBackend({ id: name, backend: job.backend });
  const spec = { recipe: parseRecipe(recipe), seed, init: init === null ? null : givenWeights(init), backend, threads };
  return prepare({ ...spec, library, data }, { name, identity });
}
