import type { EvaluationEnd, RunWriter } from '../runtime/store/run-writer.js';
import { type EvaluationFailure, failureOf } from '../runtime/training/train-trial.js';

/** What was made of a trained model. */
export interface Evaluated {
  readonly pictures: readonly { readonly name: string; readonly png: Uint8Array }[];
  /** Evaluations and pictures that failed. */
  readonly failures: readonly EvaluationFailure[];
  /** A person or the schedule ended it before all were made. */
  readonly unfinished: boolean;
}

/**
 * Keeps the pictures of a run and says how its evaluation ended. A picture that the disk has no place for fails alone.
 * @returns all failures
 * @throws StoreError when not even that can be kept; the training is
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
      // SQLite isn't loaded for a run that is not kept, and so neither is the class.
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
