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

/** One of several metrics that a sweep is judged by, as it is after the training. */
export interface MeasuredObjective {
  readonly metric: string;
  readonly goal: Goal;
}

/** A metric turned so that less is better; infinite where it is missing or not finite. */
export function costOfMetric(
  { metric, goal }: MeasuredObjective,
  metrics: Readonly<Record<string, number>> | null,
): number {
  const value = metrics !== null && Object.hasOwn(metrics, metric) ? (metrics[metric] ?? Number.NaN) : Number.NaN;
  if (!Number.isFinite(value)) return Number.POSITIVE_INFINITY;
  return goal === 'max' ? -value : value;
}

/**
 * The simplest metric that means the same in all trials: `loss` if they all minimise the same sum of terms; `sse` if
 * weights or terms differ; `mse` if the size or scale of the network's input differs too.
 */
export type Comparable = 'loss' | 'sse' | 'mse';

/** The parts of an experiment that determine the unit of its loss. */
interface LossUnits {
  readonly loss: string;
  readonly transforms: string;
}

/** Finds the metric by which trials can be compared. */
export function comparableMetric(statements: readonly LossUnits[]): Comparable {
  const differ = (what: keyof LossUnits) => new Set(statements.map((statement) => statement[what])).size > 1;
  if (differ('transforms')) return 'mse';
  return differ('loss') ? 'sse' : 'loss';
}

/**
 * The validation loss with the weights and arguments that schedules reach at the end of the stage. It makes epochs
 * comparable where the loss changes, and is recorded only there.
 */
export const finalLoss = 'final_loss';

/** The substitute for a metric that is not recorded: a loss that never changes is its own final loss. */
export function standInFor(metric: string): string | null {
  return metric === partMetric('validation', finalLoss) ? partMetric('validation', 'loss') : null;
}

/** Fallbacks, such as the error if there is no `loss` statement. */
const inOrder: Readonly<Record<Comparable, readonly Comparable[]>> = {
  loss: ['loss', 'sse', 'mse'],
  sse: ['sse', 'mse', 'loss'],
  mse: ['mse', 'sse', 'loss'],
};

/** Selection uses validation data if there are any. */
const partsInOrder: readonly DataPart[] = ['validation', 'test', 'train'];

/**
 * The metrics to use if none is named, in order of preference. Tables, charts, reporters, the dashboard, `diff`, `log`
 * and sweeps without an objective all follow it.
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
 * The first of {@link usualMetrics} that exists; for a trial that is all pretraining, the error of its last layer.
 *
 * @param names of the trials' metrics, in recorded order
 * @returns null if none is informative
 */
export function usualMetric(names: readonly string[], comparable: Comparable): string | null {
  const known = new Set(names);
  return usualMetrics(comparable).find((name) => known.has(name)) ?? names.filter(isOfPretraining).at(-1) ?? null;
}

/** Rank of a metric in a table of a run's results: by part, those used for selection first, layers last. */
export function partRank(name: string): number {
  const { scope } = readMetric(name);
  const place = scope.kind === 'part' ? partsInOrder.indexOf(scope.part) : -1;
  return place < 0 ? partsInOrder.length : place;
}

/** The preferred metrics with a value for every epoch, for curves. */
export function usualCurves(): readonly string[] {
  return usualMetrics('loss').filter((name) => !isMeasuredOnce(name));
}

/** Whether a run has a single value, from its end, rather than one for each epoch. */
export function isMeasuredOnce(name: string): boolean {
  const { scope } = readMetric(name);
  return scope.kind === 'part' && scope.part === 'test';
}

/** Whether a metric is the weighted sum of the loss's terms. */
export function isLoss(name: string): boolean {
  const { scope, quantity } = readMetric(name);
  return scope.kind === 'part' && (quantity === 'loss' || quantity === finalLoss);
}

function isOfPretraining(name: string): boolean {
  const { scope, quantity } = readMetric(name);
  return scope.kind === 'pretraining' && (quantity === 'reconstruction' || isTerm(quantity));
}
