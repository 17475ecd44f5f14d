import { backend, type KernelBackend, type Tensor } from '@tensorflow/tfjs-core';

/** A computation that was done once and can be done again, with the same tensors and whatever values they have by then. */
export interface Repetition {
  /** The tensors that the computation made and kept have new values afterwards. */
  repeat(): void;
  /** Gives back the memory of what it makes on the way. The tensors that it kept belong to who kept them. */
  dispose(): void;
}

/** What came of a computation whose kernels were recorded. */
export interface Recorded<T> {
  readonly value: T;
  /** Null where it did something that cannot be repeated, such as a look at a number it had computed. */
  readonly repetition: Repetition | null;
}

/**
 * A backend that records kernels: TF.js's own work for a step (finding kernels, the tape, tensors, scopes) is then done once
 * and not for every step.
 */
export interface RecordingBackend {
  /**
   * Does a computation and records its kernels.
   *
   * It must make the same kernels whenever it is done: they may depend on the values of tensors, not on anything else that
   * changes, but for the step of a random place. What it uploads is taken for constant. Its tensors are freed except
   * those that it keeps.
   */
  record<T>(compute: () => T): Recorded<T>;
  /** Gives a float32 tensor other values, where it lies. */
  overwrite(tensor: Tensor, values: Float32Array): void;
  /** The bytes of a tensor of dtype bool, to be written into; good until the next tensor is made. */
  bytesOf(tensor: Tensor): Uint8Array;
  /** The one number of a float32 scalar. */
  numberOf(scalar: Tensor): number;
}

/** TF.js's current backend if it records; null for one that doesn't. */
export function recordingBackend(): RecordingBackend | null {
  const current = backend();
  return isRecording(current) && current.records ? current : null;
}

function isRecording(
  current: KernelBackend,
): current is KernelBackend & RecordingBackend & { readonly records: boolean } {
  return 'record' in current && 'records' in current;
}
