import { costOfMetric, type MeasuredObjective } from '../metrics/usual-metric.js';
import { paretoFront } from '../runtime/search/pareto.js';

/** The objectives of a sweep that has several, in order; none for one objective. */
export function objectivesOf(sweep: {
  readonly objective: MeasuredObjective | null;
  readonly moreObjectives?: readonly MeasuredObjective[];
}): readonly MeasuredObjective[] {
  const { objective, moreObjectives = [] } = sweep;
  return objective === null || moreObjectives.length === 0 ? [] : [objective, ...moreObjectives];
}

/** Final metrics of a trial that was trained to its end. */
export type FinalMetrics = Readonly<Record<string, number>>;

/**
 * The Pareto front of groups of trials, such as the seeds of one setting, judged by the means of their metrics.
 * @returns indices of the groups that no other beats; a group that lacks an objective is not among them
 */
export function frontOf(
  groups: readonly (readonly FinalMetrics[])[],
  objectives: readonly MeasuredObjective[],
): readonly number[] {
  const costs = groups.map((metrics) =>
    objectives.map((objective) => {
      const mean = metrics.reduce((sum, one) => sum + costOfMetric(objective, one), 0) / metrics.length;
      return Number.isFinite(mean) ? mean : Number.NaN;
    }),
  );
  return paretoFront(costs);
}
