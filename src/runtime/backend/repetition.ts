import { backend, type KernelBackend, type Tensor } from '@tensorflow/tfjs-core';

/** A recorded computation that can be replayed on the same tensors with their current values. */
export interface Repetition {
  /** Replays it: the tensors that it made and kept get new values. */
  repeat(): void;
  /** Frees intermediate memory. Tensors that it kept belong to their owners. */
  dispose(): void;
}

export interface Recorded<T> {
  readonly value: T;
  /** Null if it did something that can't be replayed, such as reading back a computed number. */
  readonly repetition: Repetition | null;
}

/**
 * A backend that records kernels. TF.js's per-step overhead (kernel lookup, tape, tensors, scopes) is then paid once
 * rather than at every step.
 */
export interface RecordingBackend {
  /**
   * Runs a computation and records its kernels.
   *
   * The sequence of kernels must always be the same: it may depend on the values of tensors, but on nothing else that
   * changes, except for the step of a random place. Uploads count as constant. Frees all tensors that are not kept.
   */
  record<T>(compute: () => T): Recorded<T>;
  /** Overwrites the values of a float32 tensor in place. */
  overwrite(tensor: Tensor, values: Float32Array): void;
  /** Writable bytes of a bool tensor; valid until the next allocation. */
  bytesOf(tensor: Tensor): Uint8Array;
  /** Value of a float32 scalar. */
  numberOf(scalar: Tensor): number;
}

/** TF.js's current backend if it can record; null otherwise. */
export function recordingBackend(): RecordingBackend | null {
  const current = backend();
  return isRecording(current) && current.records ? current : null;
}

function isRecording(
  current: KernelBackend,
): current is KernelBackend & RecordingBackend & { readonly records: boolean } {
  return 'record' in current && 'records' in current;
}
