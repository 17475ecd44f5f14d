import { keep, type Tensor } from '@tensorflow/tfjs-core';
import { type Repetition, recordingBackend } from '../backend/repetition.js';

/** A computation's result, and the tensors in it, which may already be kept. */
export interface Outcome<T> {
  readonly value: T;
  readonly tensors: readonly Tensor[];
}

interface Kept<T> {
  readonly outcome: Outcome<T>;
  /** Null if it can't be replayed. */
  readonly repetition: Repetition | null;
}

/**
 * A computation that is repeated: first as written, and from the third time on by replaying the second one's kernels,
 * as long as nothing it depends on changes but the values in its tensors. The bits are the same either way.
 */
export class Repeated<T> {
  #dependsOn: readonly unknown[] | null = null;
  #kept: Kept<T> | null = null;

  /**
   * @param dependsOn tensors, arguments, sources of random numbers: compared one by one by identity
   * @param compute see `RecordingBackend.record`
   * @param use receives the result, whose tensors may be freed afterwards
   */
  use<R>(dependsOn: readonly unknown[], compute: () => Outcome<T>, use: (value: T) => R): R {
    if (this.#dependsOn === null || !isSame(this.#dependsOn, dependsOn)) {
      this.dispose();
      this.#dependsOn = dependsOn;
      return usedOnce(compute(), use);
    }
    if (this.#kept === null) {
      const backend = recordingBackend();
      if (backend === null) return usedOnce(compute(), use);
      const { value: outcome, repetition } = backend.record(() => kept(compute()));
      this.#kept = { outcome, repetition };
      return use(outcome.value);
    }
    if (this.#kept.repetition === null) return usedOnce(compute(), use);
    this.#kept.repetition.repeat();
    return use(this.#kept.outcome.value);
  }

  /** Discards the recording and its tensors. */
  dispose(): void {
    this.#kept?.repetition?.dispose();
    for (const tensor of this.#kept?.outcome.tensors ?? []) tensor.dispose();
    this.#kept = null;
    this.#dependsOn = null;
  }
}

function kept<T>(outcome: Outcome<T>): Outcome<T> {
  outcome.tensors.forEach(keep);
  return outcome;
}

/** Uses a result that isn't recorded, and frees its tensors. */
export function usedOnce<T, R>({ value, tensors }: Outcome<T>, use: (value: T) => R): R {
  try {
    return use(value);
  } finally {
    for (const tensor of tensors) tensor.dispose();
  }
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}
