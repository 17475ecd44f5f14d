import { keep, type Tensor } from '@tensorflow/tfjs-core';
import { type Repetition, recordingBackend } from '../backend/repetition.js';

/** What a computation gives, and the tensors in it, which may be kept already. */
export interface Outcome<T> {
  readonly value: T;
  readonly tensors: readonly Tensor[];
}

interface Kept<T> {
  readonly outcome: Outcome<T>;
  /** Null where it cannot be repeated. */
  readonly repetition: Repetition | null;
}

/**
 * A computation that is done again and again: at first as it is written, and from the third time on by repeating the kernels
 * of the second, as long as all it depends on stays the same but the values in its tensors. Its bits are the same either way.
 */
export class Repeated<T> {
  #dependsOn: readonly unknown[] | null = null;
  #kept: Kept<T> | null = null;

  /**
   * @param dependsOn tensors, arguments, sources of random numbers: compared one by one by identity
   * @param compute see `RecordingBackend.record`
   * @param use takes what it gave, whose tensors may be gone afterwards
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

  /** Forgets the recording, with the tensors that it gave. */
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

/** Without a recording. */
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
