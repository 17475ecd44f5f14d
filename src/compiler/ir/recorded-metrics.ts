/** Recorded of every trial, whatever its loss: the weighted total, and the squared error in raw units. */
export const alwaysRecorded: readonly string[] = ['loss', 'mse', 'sse'];

/** A term whose name is taken by what is always recorded is told apart: `mse_term` is in the units of the loss. */
export function termMetric(name: string): string {
  return alwaysRecorded.includes(name) ? `${name}_term` : name;
}

/** What is recorded of each part of the data: names without `train.`, `validation.` or `test.`. */
export function recordedMetrics(loss: readonly { readonly name: string }[]): readonly string[] {
  return [...new Set(['loss', ...loss.map(({ name }) => termMetric(name)), 'mse', 'sse'])];
}
