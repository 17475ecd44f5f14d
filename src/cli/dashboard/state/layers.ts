import {
  compareLayers,
  isOfEncoder,
  type LayerMetric,
  layerMetricName,
  metricName,
  readMetric,
} from '../../../api/metrics.js';
import type { DashboardState } from './state.js';
import { latest, type Trial } from './trial.js';

/** A layer as the diagnostics know it, with its latest values; null where a layer has none. */
export interface LayerState {
  /** `encoder.0` */
  readonly name: string;
  readonly meanActivation: number | null;
  readonly dead: number | null;
  readonly saturated: number | null;
  readonly gradientNorm: number | null;
  readonly moransI: number | null;
  readonly structured: number | null;
}

/** What the dimensions of a latent variable carry. */
export interface LatentState {
  readonly name: string;
  readonly active: number;
  /** Of each dimension, in nats. */
  readonly divergences: readonly number[];
}

/** The free energies of an RBM; the gap between them grows as it overfits. */
export interface FreeEnergyState {
  readonly name: string;
  /** The metrics of training and of validation examples. */
  readonly own: string;
  readonly unseen: string;
  readonly train: number;
  readonly validation: number | null;
}

export function layersOf(trial: Trial): readonly LayerState[] {
  return layersWith(trial, 'mean_activation').map((name) => {
    const value = (metric: LayerMetric) => latest(trial, layerMetricName(name, metric));
    return {
      name,
      meanActivation: value('mean_activation'),
      dead: value('dead'),
      saturated: value('saturated'),
      gradientNorm: value('gradient_norm'),
      moransI: value('morans_i'),
      structured: value('structured_filters'),
    };
  });
}

export function latentsOf(trial: Trial): readonly LatentState[] {
  return layersWith(trial, 'active_dimensions').map((name) => {
    const divergences: number[] = [];
    for (let dimension = 0; ; dimension++) {
      const kl = latest(trial, layerMetricName(name, 'kl_N', dimension));
      if (kl === null) break;
      divergences.push(kl);
    }
    return { name, active: latest(trial, layerMetricName(name, 'active_dimensions')) ?? 0, divergences };
  });
}

export function freeEnergiesOf(trial: Trial): readonly FreeEnergyState[] {
  return [...trial.epochs.keys()].flatMap((metric) => {
    const { scope, quantity } = readMetric(metric);
    const train = latest(trial, metric);
    if (scope.kind !== 'pretraining' || quantity !== 'free_energy' || train === null) return [];
    const [own, unseen] = [metric, metricName(scope, 'validation_free_energy')];
    return [{ name: `${scope.stage} ${scope.layer}`, own, unseen, train, validation: latest(trial, unseen) }];
  });
}

/** The layers that have a metric, along the network. */
function layersWith(trial: Trial, metric: LayerMetric): readonly string[] {
  const layers = [...trial.epochs.keys()].flatMap((name) => {
    const { scope, quantity } = readMetric(name);
    return scope.kind === 'layer' && quantity === metric ? [scope.layer] : [];
  });
  return layers.sort(compareLayers);
}

/** Divergence below which a dimension of a latent variable says nothing of the example, in nats. */
export const collapsedBelow = 0.01;

/** The mean activation that a sparsity penalty asks of the units of a trial's code; null without one. */
export function targetOf(state: DashboardState, trial: Trial): number | null {
  const stored = state.details.get(trial.trial);
  if (stored) return stored.targetActivation;
  // Of a trial that isn't stored only the parameters that vary are known.
  const { rho } = trial.parameters;
  return typeof rho === 'number' ? rho : null;
}

/** The layer that gives the code: the last of the encoder. */
export function codeLayer(layers: readonly LayerState[]): string | null {
  return layers.filter(({ name }) => isOfEncoder(name)).at(-1)?.name ?? null;
}

/** The target of the selected trial, where a metric is the mean activation of the code. */
export function targetActivation(state: DashboardState, metric: string): number | null {
  const trial = state.trials[state.ui.selected];
  const code = trial === undefined ? null : codeLayer(layersOf(trial));
  return trial !== undefined && code !== null && metric === layerMetricName(code, 'mean_activation')
    ? targetOf(state, trial)
    : null;
}
