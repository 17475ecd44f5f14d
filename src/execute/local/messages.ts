import type { CheckpointPlace } from '../executor.js';
import type { TrialJob, TrialMessage } from '../job.js';

/** From the executor to a host. */
export type HostCommand =
  | {
      readonly type: 'train';
      readonly worker: number;
      readonly job: TrialJob;
      readonly checkpoints: CheckpointPlace | null;
    }
  | { readonly type: 'halt'; readonly worker: number };

/** From a host to the executor. */
export interface HostMessage {
  readonly worker: number;
  readonly message: TrialMessage;
}

/** From a host to one of its threads; `data` shares memory with the host. */
export type ThreadCommand<Data> =
  | {
      readonly type: 'train';
      readonly job: TrialJob;
      readonly checkpoints: CheckpointPlace | null;
      readonly data: Data;
    }
  | { readonly type: 'halt' };
