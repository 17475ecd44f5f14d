import { createContext, useContext } from 'react';
import type { Objective } from '../../../api/metrics.js';
import { chartHues } from '../state/charted.js';
import { bestTrial, chartMetric, metricNames, ranking } from '../state/metrics.js';
import { type Rows, rowsOf } from '../state/rows.js';
import type { DashboardState } from '../state/state.js';
import type { Trial } from '../state/trial.js';

/** Values shared by the panes of a frame, computed once. */
export interface Model {
  readonly state: DashboardState;
  readonly rows: Rows;
  readonly metrics: readonly string[];
  readonly metric: string | null;
  readonly objective: Objective;
  readonly best: { readonly trial: Trial; readonly score: number } | null;
  /** Hue of each charted trial, by number. */
  readonly hues: ReadonlyMap<number, number>;
}

export function modelOf(state: DashboardState): Model {
  const metrics = metricNames(state.trials);
  return {
    state,
    rows: rowsOf(state),
    metrics,
    metric: chartMetric(state, metrics),
    objective: ranking(state),
    best: bestTrial(state),
    hues: chartHues(state),
  };
}

export const ModelContext = createContext<Model | null>(null);

export function useModel(): Model {
  const model = useContext(ModelContext);
  if (model === null) throw new Error('a pane outside the dashboard');
  return model;
}
