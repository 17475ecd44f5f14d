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
  readonly train: number;
  readonly validation: number | null;
}

const fields = {
  mean_activation: 'meanActivation',
  dead: 'dead',
  saturated: 'saturated',
  gradient_norm: 'gradientNorm',
  morans_i: 'moransI',
  structured_filters: 'structured',
} as const;

export function layersOf(trial: Trial): readonly LayerState[] {
  const names = new Set<string>();
  for (const metric of trial.epochs.keys()) {
    const layer = /^((?:encoder|decoder)\..*)\.mean_activation$/.exec(metric)?.[1];
    if (layer !== undefined) names.add(layer);
  }
  // Along the network: the encoder first.
  const inOrder = [...names].sort((a, b) =>
    a[0] === b[0] ? a.localeCompare(b, 'en', { numeric: true }) : a[0] === 'e' ? -1 : 1,
  );
  return inOrder.map((name) => {
    const value = (field: keyof typeof fields) => latest(trial, `${name}.${field}`);
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
  return [...trial.epochs.keys()].flatMap((metric) => {
    const name = /^(.*)\.active_dimensions$/.exec(metric)?.[1];
    if (name === undefined) return [];
    const divergences: number[] = [];
    for (let dimension = 0; ; dimension++) {
      const kl = latest(trial, `${name}.kl_${dimension}`);
      if (kl === null) break;
      divergences.push(kl);
    }
    return [{ name, active: latest(trial, metric) ?? 0, divergences }];
  });
}

export function freeEnergiesOf(trial: Trial): readonly FreeEnergyState[] {
  return [...trial.epochs.keys()].flatMap((metric) => {
    const name = /^(.*)\.free_energy$/.exec(metric)?.[1];
    const train = name === undefined ? null : latest(trial, metric);
    return name === undefined || train === null
      ? []
      : [{ name, train, validation: latest(trial, `${name}.validation_free_energy`) }];
  });
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
  return layers.filter(({ name }) => name.startsWith('encoder.')).at(-1)?.name ?? null;
}

/** The target of the selected trial, where a metric is the mean activation of the code. */
export function targetActivation(state: DashboardState, metric: string): number | null {
  const trial = state.trials[state.ui.selected];
  if (trial === undefined || !metric.endsWith('.mean_activation')) return null;
  return metric === `${codeLayer(layersOf(trial))}.mean_activation` ? targetOf(state, trial) : null;
}
