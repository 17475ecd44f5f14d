import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type FileOperations, fileOperations, writeAtomically } from '../files/write-file.js';
import type { TrainingEvent } from '../runtime/events.js';
import type { CheckpointRecord } from '../runtime/store/records.js';
import { isFolder } from '../runtime/store/store-files.js';
import type { TrainingState } from '../runtime/training/state.js';
import { encodeCheckpoint } from './checkpoint-file.js';

/** When to take checkpoints, besides at the end of the last stage. */
export interface CheckpointPolicy {
  /** Seconds between checkpoints; null for none by time. */
  readonly seconds: number | null;
  /** Epochs between checkpoints; null for none by epochs. */
  readonly epochs: number | null;
}

export interface CheckpointerOptions {
  readonly folder: string;
  /** Start of the file names: the run. */
  readonly prefix: string;
  readonly policy: CheckpointPolicy;
  readonly identity: string;
  /** Monotonic clock, ms. */
  readonly clock: () => number;
  /** Data for its pictures. */
  readonly history: () => unknown;
  /** The checkpoint to resume from; null for the beginning. */
  readonly from: Pick<CheckpointRecord, 'stage' | 'epochs'> | null;
  /** Called when a file is durably written. */
  readonly onWritten: (checkpoint: CheckpointRecord) => void;
  /** Called if a file could not be written; the trial continues, and tries again when the next is due. */
  readonly onFailed: (error: Error) => void;
  /** For tests. */
  readonly operations?: FileOperations;
}

/** Takes one trial's checkpoints. It must receive the trial's events. */
export class Checkpointer {
  readonly #options: CheckpointerOptions;
  readonly #began: number;
  #stage = '';
  #stageIndex = -1;
  /** Completed epochs of the running stage. */
  #epochs = 0;
  #epochsAtLast = 0;
  #takenAt: number;
  /** Steps of each stage, in order. */
  #plan: readonly { readonly stage: string; readonly steps: number }[] = [];

  constructor(options: CheckpointerOptions) {
    this.#options = options;
    this.#began = options.clock();
    this.#takenAt = this.#began;
  }

  observe(event: TrainingEvent): void {
    const { from } = this.#options;
    switch (event.event) {
      case 'trial_started':
        this.#plan = event.stages;
        break;
      case 'stage_started':
        this.#stage = event.stage;
        this.#stageIndex = this.#plan.findIndex(({ stage }) => stage === event.stage);
        this.#epochs = from?.stage === this.#stageIndex ? from.epochs : 0;
        this.#epochsAtLast = this.#epochs;
        break;
      case 'epoch':
        this.#epochs = event.epoch;
        break;
      case 'steps':
      case 'evaluation':
      case 'evaluating':
      case 'diagnostics':
      case 'checkpoint':
      case 'stage_done':
      case 'trial_done':
        break;
    }
  }

  /** @param step of the stage */
  due(step: number): boolean {
    const { seconds, epochs } = this.#options.policy;
    const last = this.#plan.at(-1);
    if (last?.stage === this.#stage && step === last.steps) return true;
    if (epochs !== null && this.#epochs >= this.#epochsAtLast + epochs) return true;
    return seconds !== null && this.#options.clock() - this.#takenAt >= seconds * 1000;
  }

  /** @returns null if it could not be written */
  save(state: TrainingState): CheckpointRecord | null {
    const { folder, prefix, identity, history, clock, operations = fileOperations } = this.#options;
    this.#takenAt = clock();
    this.#epochsAtLast = this.#epochs;
    const step = stepOf(state);
    const file = checkpointFileName(prefix, { stage: state.stage, step });
    const bytes = encodeCheckpoint({ identity, state, history: history() });
    try {
      // The folder may have been replaced by a link elsewhere.
      if (!isFolder(folder)) throw new Error(`${folder}: this folder was deleted, or something else has its name`);
      writeAtomically(join(folder, file), join(folder, `${file}.part`), bytes, operations);
    } catch (error) {
      this.#options.onFailed(error instanceof Error ? error : new Error(String(error)));
      return null;
    }
    const record: CheckpointRecord = {
      stage: state.stage,
      step,
      epochs: state.stage === this.#stageIndex ? this.#epochs : 0,
      seconds: (this.#takenAt - this.#began) / 1000,
      file,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      bytes: bytes.length,
    };
    this.#options.onWritten(record);
    return record;
  }
}

export function checkpointFileName(prefix: string, { stage, step }: Pick<CheckpointRecord, 'stage' | 'step'>): string {
  return `${prefix}-${stage}-${step}.safetensors`;
}

/** Steps of the stage in its series. */
function stepOf({ progress }: TrainingState): number {
  if (progress === null) return 0;
  return progress.kind === 'pretrain' ? progress.totalSteps : progress.step;
}
