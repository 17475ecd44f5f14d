import { type Goal, isTerm } from './definitions.js';
import { type DataPart, partMetric, readMetric } from './metric-name.js';

/** The metric that a sweep optimises. */
export interface Objective {
  /** `validation.loss` */
  readonly metric: string;
  readonly goal: Goal;
  /** Whether the best epoch counts, or the last. */
  readonly of: 'best' | 'last';
}

/**
 * The plainest metric that means the same in all trials: their `loss` where every one of them minimises the same sum of
 * terms; `sse` where weights or terms differ; `mse` where the size or the scale of what the network sees differs too.
 */
export type Comparable = 'loss' | 'sse' | 'mse';

/** What decides in which units a loss is. */
interface LossUnits {
  readonly loss: string;
  readonly transforms: string;
}

/** What the losses of trials can be compared by. */
export function comparableMetric(statements: readonly LossUnits[]): Comparable {
  const differ = (what: keyof LossUnits) => new Set(statements.map((statement) => statement[what])).size > 1;
  if (differ('transforms')) return 'mse';
  return differ('loss') ? 'sse' : 'loss';
}

/**
 * The validation loss with the weights and arguments that schedules give at the end of the stage, by which epochs of a loss
 * that changes are compared. Recorded where it changes.
 */
export const finalLoss = 'final_loss';

/** The metric to read where another is not recorded: a loss that never changes is its own final one. */
export function standInFor(metric: string): string | null {
  return metric === partMetric('validation', finalLoss) ? partMetric('validation', 'loss') : null;
}

/** Where there is no loss, as without a `loss` statement, the error is what trials have. */
const inOrder: Readonly<Record<Comparable, readonly Comparable[]>> = {
  loss: ['loss', 'sse', 'mse'],
  sse: ['sse', 'mse', 'loss'],
  mse: ['mse', 'sse', 'loss'],
};

/** A choice is made on validation data where there are any. */
const partsInOrder: readonly DataPart[] = ['validation', 'test', 'train'];

/**
 * The one rule of which metric is meant where nobody says: these in their order. Tables, charts, reporters, the dashboard,
 * `diff`, `log` and sweeps without an objective go by it.
 */
export function usualMetrics(comparable: Comparable): readonly string[] {
  return inOrder[comparable].flatMap((quantity) =>
    partsInOrder.flatMap((part) => [
      ...(quantity === 'loss' && part === 'validation' ? [partMetric(part, finalLoss)] : []),
      partMetric(part, quantity),
    ]),
  );
}

/**
 * The first of {@link usualMetrics} that there is; of a training that is all pretraining, how well its last layer did.
 *
 * @param names of the metrics that trials have, in the order in which they were recorded
 * @returns null where none of them is telling
 */
export function usualMetric(names: readonly string[], comparable: Comparable): string | null {
  const known = new Set(names);
  return usualMetrics(comparable).find((name) => known.has(name)) ?? names.filter(isOfPretraining).at(-1) ?? null;
}

/** Where a metric comes in a table of a run's results: by its part, those that a choice is made by first, layers last. */
export function partRank(name: string): number {
  const { scope } = readMetric(name);
  const place = scope.kind === 'part' ? partsInOrder.indexOf(scope.part) : -1;
  return place < 0 ? partsInOrder.length : place;
}

/** The usual metric of what is measured after every epoch, which a curve is drawn of. */
export function usualCurves(): readonly string[] {
  return usualMetrics('loss').filter((name) => !isMeasuredOnce(name));
}

/** Whether there is one value for a run, of its end, and none for its epochs. */
export function isMeasuredOnce(name: string): boolean {
  const { scope } = readMetric(name);
  return scope.kind === 'part' && scope.part === 'test';
}

/** Whether it is the sum of a loss's terms, whose units are those of the loss. */
export function isLoss(name: string): boolean {
  const { scope, quantity } = readMetric(name);
  return scope.kind === 'part' && (quantity === 'loss' || quantity === finalLoss);
}

function isOfPretraining(name: string): boolean {
  const { scope, quantity } = readMetric(name);
  return scope.kind === 'pretraining' && (quantity === 'reconstruction' || isTerm(quantity));
}
