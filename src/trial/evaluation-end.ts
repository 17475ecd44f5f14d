import type { EvaluationEnd, RunWriter } from '../runtime/store/run-writer.js';
import { type EvaluationFailure, failureOf } from '../runtime/training/train-trial.js';

/** The result of evaluating a trained model. */
export interface Evaluated {
  readonly pictures: readonly { readonly name: string; readonly png: Uint8Array }[];
  /** Evaluations and pictures that failed. */
  readonly failures: readonly EvaluationFailure[];
  /** Whether the user or the schedule ended it early. */
  readonly unfinished: boolean;
}

/**
 * Stores a run's pictures and how its evaluation ended. A picture that cannot be stored fails alone.
 * @returns all failures
 * @throws StoreError if not even that can be stored; the training already is
 */
export function endEvaluation(
  writer: RunWriter | null,
  { pictures, failures, unfinished }: Evaluated,
): { readonly evaluation: EvaluationEnd; readonly failures: readonly EvaluationFailure[] } {
  const unsaved = pictures.flatMap(({ name, png }) => {
    try {
      writer?.saveFigure(name, png);
      return [];
    } catch (error) {
      // For an unstored run SQLite is not loaded, nor is the class.
      if (!(error instanceof Error) || error.name !== 'StoreError') throw error;
      return [failureOf(name, error)];
    }
  });
  const all = [...failures, ...unsaved];
  const error = all.length === 0 ? null : all.map(failureText).join('; ');
  const state = unfinished ? 'pending' : error === null ? 'complete' : 'failed';
  for (const failure of all) writer?.note(failureText(failure));
  const evaluation: EvaluationEnd = { state, error };
  writer?.finish(evaluation);
  return { evaluation, failures: all };
}

/** `linear_probe failed: the test part has no labels` */
export function failureText({ what, reason }: EvaluationFailure): string {
  return `${what} failed: ${reason}`;
}
