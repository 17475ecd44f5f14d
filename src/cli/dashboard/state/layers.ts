import { ownValue } from '../../../api/compiler.js';
import {
  compareLayers,
  isOfLatent,
  type LayerMetric,
  layerMetricName,
  layerMetricNames,
  metricName,
  readMetric,
} from '../../../api/metrics.js';
import { latest, type Trial } from './trial.js';

/** A layer as the diagnostics know it. */
export interface LayerState {
  /** `encoder.0` */
  readonly name: string;
  /** The latest values of the metrics that it has, in the schema's order. */
  readonly values: ReadonlyMap<LayerMetric, number>;
  /** Target values that the loss sets for the layer's metrics. */
  readonly targets: ReadonlyMap<LayerMetric, number>;
}

/** The divergences of a latent variable. */
export interface LatentState {
  readonly name: string;
  readonly active: number;
  /** For each dimension, in nats. */
  readonly divergences: readonly number[];
}

/** The free energies of an RBM; a growing gap means overfitting. */
export interface FreeEnergyState {
  readonly name: string;
  /** Metrics of training and validation examples. */
  readonly own: string;
  readonly unseen: string;
  readonly train: number;
  readonly validation: number | null;
}

export function layersOf(trial: Trial): readonly LayerState[] {
  const metrics = layerMetricNames.filter((metric) => !isOfLatent(metric));
  return layersWith(trial, 'mean_activation').map((name) => ({
    name,
    values: present(metrics, (metric) => latest(trial, layerMetricName(name, metric))),
    targets: present(metrics, (metric) => targetOf(trial, layerMetricName(name, metric))),
  }));
}

function present(
  metrics: readonly LayerMetric[],
  read: (metric: LayerMetric) => number | null,
): ReadonlyMap<LayerMetric, number> {
  return new Map(
    metrics.flatMap((metric) => {
      const value = read(metric);
      return value === null ? [] : [[metric, value] as const];
    }),
  );
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

/** Layers with a metric, along the network. */
function layersWith(trial: Trial, metric: LayerMetric): readonly string[] {
  const layers = [...trial.epochs.keys()].flatMap((name) => {
    const { scope, quantity } = readMetric(name);
    return scope.kind === 'layer' && quantity === metric ? [scope.layer] : [];
  });
  return layers.sort(compareLayers);
}

/** Divergence, in nats, below which a latent dimension carries no information about the example. */
export const collapsedBelow = 0.01;

/** The loss's target for a layer metric; null if it has none. */
export function targetOf(trial: Trial, metric: string): number | null {
  return ownValue(trial.plan?.targets ?? {}, metric) ?? null;
}
