/** Names that no term may take: the weighted total, and the squared error in raw units. */
export const alwaysRecorded: readonly string[] = ['loss', 'mse', 'sse'];

/**
 * The validation loss with the weights and arguments that schedules give at the end of the stage, by which epochs of a
 * loss that changes are compared. Recorded where it changes.
 */
export const finalLoss = 'final_loss';

/** The metric to read where another is not recorded: a loss that never changes is its own final one. */
export function standInFor(metric: string): string | null {
  return metric === `validation.${finalLoss}` ? 'validation.loss' : null;
}

/** A term whose name is taken by what is always recorded is told apart: `mse_term` is in the units of the loss. */
export function termMetric(name: string): string {
  return alwaysRecorded.includes(name) ? `${name}_term` : name;
}

/** What is recorded of each part of the data: names without `train.`, `validation.` or `test.`. */
export function recordedMetrics(loss: readonly { readonly name: string }[]): readonly string[] {
  const ofLoss = loss.length === 0 ? [] : ['loss', ...loss.map(({ name }) => termMetric(name))];
  return [...new Set([...ofLoss, 'mse', 'sse'])];
}
