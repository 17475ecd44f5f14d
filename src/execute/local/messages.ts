import type { TrialJob, TrialMessage } from '../../trial/job.js';

/** What the sweep's process says to a host, and a host to its threads. */
export type HostCommand =
  | { readonly type: 'train'; readonly worker: number; readonly job: TrialJob }
  | { readonly type: 'halt'; readonly worker: number };

/** What a host says to the sweep's process. */
export interface HostMessage {
  readonly worker: number;
  readonly message: TrialMessage;
}

/** What a host says to a thread; `data` shares memory with the host. */
export type ThreadCommand<Data> =
  | { readonly type: 'train'; readonly worker: number; readonly job: TrialJob; readonly data: Data }
  | { readonly type: 'halt' };
