import { didYouMeanMetric } from '../compiler/diagnostics/suggest.js';
import { ownValue } from '../compiler/ir/value.js';
import { presentName } from '../metrics/former-names.js';
import { partMetric, readMetric } from '../metrics/metric-name.js';
import { inOrder } from '../metrics/order.js';
import type { Objective } from '../metrics/usual-metric.js';
import { comparableMetric, isLoss, isMeasuredOnce, standInFor, usualMetric } from '../metrics/usual-metric.js';
import { UsageError } from '../project/usage-error.js';
import type { SweepRecord } from '../runtime/store/sweep-records.js';
import type { TrialsReader } from '../runtime/store/trials-reader.js';
import type { Words } from '../words/word.js';

/** The metric a user asks for; omitted parts come from the sweep's objective, or from what the runs recorded. */
export interface MetricRequest {
  readonly metric?: string | null;
  readonly goal?: 'min' | 'max' | null;
  readonly of?: 'best' | 'last' | null;
}

/** The metric that orders a table. */
export interface MetricChoice extends Objective {
  /** `asked` for, the sweep's `objective`, or `default`: chosen from what the runs recorded. */
  readonly origin: 'asked' | 'objective' | 'default';
  /** `differ` if the runs minimise different sums of terms, and the metric is a loss or replaces one. */
  readonly losses: 'equal' | 'differ';
}

export interface MetricValue {
  readonly value: number;
  /** Epoch of the last stage; null for a value not tied to an epoch. */
  readonly epoch: number | null;
}

type Reader = { readonly trials: TrialsReader };

/**
 * How many runs to inspect for available metrics. Runs of a sweep have the same ones, except a few that ended early.
 */
const looked = 20;

/** @throws UsageError if no run has the metric */
export function chooseMetric(
  store: Reader,
  runIds: readonly string[],
  sweeps: readonly SweepRecord[],
  { metric: asked, goal, of }: MetricRequest,
  words: Words,
): MetricChoice {
  const metric = asked ? presentName(asked) : asked;
  const objective = sweeps.find((sweep) => sweep.objective !== null)?.objective ?? null;
  const matters = !metric || isLoss(metric);
  const comparable = matters ? comparableMetric(store.trials.lossStatements(runIds)) : 'loss';
  const isMisleading = (name: string) => comparable !== 'loss' && isLoss(name);
  if (objective && (metric ? metric === objective.metric : sweeps.length === 1 || !isMisleading(objective.metric))) {
    const { metric: name } = objective;
    return {
      metric: name,
      goal: goal ?? objective.goal,
      of: of ?? objective.of,
      origin: metric ? 'asked' : 'objective',
      losses: isMisleading(name) ? 'differ' : 'equal',
    };
  }
  const names = store.trials.metricNames(sampled(runIds));
  if (metric && !names.includes(metric)) throw unknownMetric(metric, names);
  const name = metric ?? usualMetric(names, comparable) ?? partMetric('train', 'loss');
  return {
    metric: name,
    goal: goal ?? words.metrics.goal(name),
    of: of ?? (isMeasuredOnce(name) ? 'last' : 'best'),
    origin: metric ? 'asked' : 'default',
    losses: comparable === 'loss' ? 'equal' : 'differ',
  };
}

/** `validation.loss, best over the epochs; lower is better` */
export function describeChoice({ metric, goal, of, losses }: MetricChoice): string {
  const which = of === 'best' && !isMeasuredOnce(metric) ? 'the best over the epochs' : 'at the end';
  const instead = isLoss(metric)
    ? '; the losses are in different units and cannot be compared'
    : '; the losses are in different units';
  return `${metric}, ${which}; ${goal === 'min' ? 'lower' : 'higher'} is better${losses === 'differ' ? instead : ''}`;
}

/**
 * Reads the metric of each run that has it. A metric measured once, at the end, is its own best value.
 *
 * @param known values that need not be read
 */
export function valuesOf(
  store: Reader,
  runIds: readonly string[],
  { metric, goal, of }: Objective,
  known: ReadonlyMap<string, MetricValue> = new Map(),
): ReadonlyMap<string, MetricValue> {
  const found = recordedValues(store, runIds, { metric, goal, of }, known);
  const standIn = standInFor(metric);
  return standIn === null ? found : recordedValues(store, runIds, { metric: standIn, goal, of }, found);
}

function recordedValues(
  store: Reader,
  runIds: readonly string[],
  { metric, goal, of }: Objective,
  known: ReadonlyMap<string, MetricValue>,
): ReadonlyMap<string, MetricValue> {
  const asked = known.size === 0 ? runIds : runIds.filter((id) => !known.has(id));
  if (asked.length === 0) return known;
  if (of === 'best' && !isMeasuredOnce(metric)) {
    const bests = store.trials.bests(asked, metric, goal);
    return known.size === 0 ? bests : new Map([...known, ...bests]);
  }
  const found = new Map(known);
  for (const [id, metrics] of store.trials.finals(asked, [metric])) {
    const value = ownValue(metrics, metric);
    if (value !== undefined) found.set(id, { value, epoch: null });
  }
  return found;
}

/** The first and last ids. */
function sampled(runIds: readonly string[]): readonly string[] {
  return runIds.length <= looked ? runIds : [...runIds.slice(0, looked / 2), ...runIds.slice(-looked / 2)];
}

function unknownMetric(metric: string, names: readonly string[]): UsageError {
  if (names.length === 0)
    return new UsageError(`no run has '${metric}' yet`, 'there are no metrics before the first epoch');
  const { quantity } = readMetric(metric);
  const near = names.filter((name) => readMetric(name).quantity === quantity);
  const meant = near.length > 0 ? null : didYouMeanMetric(metric, names);
  if (meant !== null) return new UsageError(`no run has the metric '${metric}'`, meant);
  const listed = near.length > 0 ? near : inOrder(names);
  const more = listed.length > 12 ? `, … (${listed.length})` : '';
  return new UsageError(`no run has the metric '${metric}'`, `there are ${listed.slice(0, 12).join(', ')}${more}`);
}
