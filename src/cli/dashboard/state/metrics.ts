import { ownValue } from '../../../api/compiler.js';
import type { Objective } from '../../../api/metrics.js';
import { inOrder, isTerm, partMetric, readMetric, usualMetric, usualMetrics } from '../../../api/metrics.js';
import { largest, type Summary, smallest, summarize } from '../../../api/statistics.js';
import type { DashboardState } from './state.js';
import { latest, type Trial } from './trial.js';

/** All metrics of the trials, most informative first. */
export function metricNames(trials: readonly Trial[]): readonly string[] {
  const names = new Set<string>();
  for (const { steps, epochs } of trials) {
    if (steps.size + epochs.size === 0) continue;
    for (const name of steps.keys()) names.add(name);
    for (const name of epochs.keys()) names.add(name);
  }
  return inOrder(names);
}

/**
 * Metrics that a filter may compare: those of epochs and ends. Null until a trial has ended, since most come with an
 * epoch or at the end.
 */
export function filterableMetrics(trials: readonly Trial[]): readonly string[] | null {
  const names = new Set<string>();
  let known = false;
  for (const { epochs, final } of trials) {
    for (const name of epochs.keys()) names.add(name);
    for (const name of Object.keys(final)) {
      names.add(name);
      known = true;
    }
  }
  return known ? [...names] : null;
}

/** The charted metric. */
export function chartMetric(state: DashboardState, names: readonly string[]): string | null {
  const { metric } = state.ui.chart;
  if (metric !== null && names.includes(metric)) return metric;
  const wanted = state.sweep?.objective?.metric;
  return ['loss', wanted].find((name) => name !== undefined && names.includes(name)) ?? names[0] ?? null;
}

/** The ranking: the sweep's objective, or, for display only, the usual metric of the trials. */
export function ranking(state: DashboardState): Objective {
  const given = state.sweep?.objective;
  if (given) return given;
  const comparable = state.sweep?.comparable ?? 'loss';
  const seen = (metric: string) => state.trials.some((trial) => latest(trial, metric) !== null);
  const metric = usualMetrics(comparable).find(seen) ?? usualMetric(metricNames(state.trials), comparable);
  return { metric: metric ?? partMetric('train', 'loss'), goal: 'min', of: 'best' };
}

/** A trial's value in the ranking; null before it has one. */
export function scoreOf(trial: Trial, { metric, goal, of }: Objective): number | null {
  const final = ownValue(trial.final, metric);
  const points = trial.epochs.get(metric);
  // True for most trials of a large sweep: only displayed curves are read.
  if (points === undefined) return final !== undefined && Number.isFinite(final) ? final : null;
  const values = points.map(({ value }) => value).filter(Number.isFinite);
  if (values.length === 0) return final !== undefined && Number.isFinite(final) ? final : null;
  if (of === 'last') {
    const last = final ?? points.at(-1)?.value ?? Number.NaN;
    return Number.isFinite(last) ? last : null;
  }
  return goal === 'min' ? smallest(values) : largest(values);
}

/**
 * Scores that may be averaged, as in tables: only of trials trained to the end, so that none is from an earlier epoch.
 */
export function comparableScores(trials: readonly Trial[], objective: Objective): readonly number[] {
  return trials.flatMap((trial) =>
    trial.state === 'complete' || trial.state === 'cached' ? (scoreOf(trial, objective) ?? []) : [],
  );
}

/** A setting summarised over seeds trained to the end. */
interface SettingSummary {
  /** One value per seed that has one. */
  readonly values: readonly number[];
  /** Null before there is a value. */
  readonly summary: Summary | null;
  readonly best: number | null;
}

export function settingSummary(trials: readonly Trial[], objective: Objective): SettingSummary {
  const values = comparableScores(trials, objective);
  if (values.length === 0) return { values, summary: null, best: null };
  return {
    values,
    summary: summarize(values),
    best: objective.goal === 'min' ? smallest(values) : largest(values),
  };
}

export function isBetter(a: number, b: number, { goal }: Objective): boolean {
  return goal === 'min' ? a < b : a > b;
}

/** Trials that have a value, best first. */
export function rankedTrials(
  { trials }: DashboardState,
  objective: Objective,
): readonly { readonly trial: Trial; readonly score: number }[] {
  return trials
    .flatMap((trial) => {
      const score = scoreOf(trial, objective);
      return score === null ? [] : [{ trial, score }];
    })
    .sort((a, b) => (a.score === b.score ? 0 : isBetter(a.score, b.score, objective) ? -1 : 1));
}

/** The best trial; null before any has a value. */
export function bestTrial(state: DashboardState): { readonly trial: Trial; readonly score: number } | null {
  const objective = ranking(state);
  let best: { trial: Trial; score: number } | null = null;
  for (const trial of state.trials) {
    const score = scoreOf(trial, objective);
    if (score !== null && (best === null || isBetter(score, best.score, objective))) best = { trial, score };
  }
  return best;
}

/** Names of the loss terms: `mse`, `kl_sparsity`. */
export function lossTerms(trials: readonly Trial[]): readonly string[] {
  const terms = new Set<string>();
  for (const { epochs } of trials) {
    if (epochs.size === 0) continue;
    for (const name of epochs.keys()) {
      const { scope, quantity } = readMetric(name);
      if (scope.kind === 'part' && scope.part === 'train' && isTerm(quantity)) terms.add(quantity);
    }
  }
  return [...terms];
}
