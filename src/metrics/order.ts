import { isTerm, layerMetric, layerMetricNames } from './definitions.js';
import { type DataPart, dataParts, isOfEncoder, type MetricScope, readMetric } from './metric-name.js';

/** Parts of the data, the most relevant first. */
const partsInOrder: readonly DataPart[] = ['validation', 'train', 'train_evaluated', 'test'];

/** Sorts names by relevance: the loss of steps and parts, the rest of steps and parts, layers. */
export function inOrder(names: Iterable<string>): readonly string[] {
  return [...names]
    .map((name) => ({ name, rank: rankOf(name) }))
    .sort((a, b) => a.rank - b.rank || a.name.localeCompare(b.name, 'en', { numeric: true }))
    .map(({ name }) => name);
}

/** Orders layers along the network, the encoder first. */
export function compareLayers(a: string, b: string): number {
  return Number(isOfEncoder(b)) - Number(isOfEncoder(a)) || a.localeCompare(b, 'en', { numeric: true });
}

/**
 * Selects the metrics that describe layers, in the order of their charts: the gradient norm of every step, then each
 * metric of the schema over the encoder's layers, the free energies of RBMs, and the decoder's layers.
 */
export function metricsOfLayers(names: readonly string[]): readonly string[] {
  const placed = names.flatMap((name): { name: string; place: number }[] => {
    const { scope, quantity } = readMetric(name);
    if (scope.kind === 'step') return quantity === 'gradient_norm' ? [{ name, place: -1 }] : [];
    if (scope.kind === 'pretraining') {
      return isFreeEnergy(quantity) ? [{ name, place: layerMetricNames.length }] : [];
    }
    const metric = scope.kind === 'layer' ? layerMetric(quantity) : null;
    if (metric === null || metric === 'kl_N' || scope.kind !== 'layer') return [];
    const place = layerMetricNames.indexOf(metric);
    return [{ name, place: isOfEncoder(scope.layer) ? place : layerMetricNames.length + 1 + place }];
  });
  return placed.sort((a, b) => a.place - b.place).map(({ name }) => name);
}

function isFreeEnergy(quantity: string): boolean {
  return quantity === 'free_energy' || quantity === 'validation_free_energy';
}

/** Orders the metrics of a layer by the schema; unknown ones come last. */
export function compareLayerMetrics(a: string, b: string): number {
  return layerMetricRank(a) - layerMetricRank(b) || a.localeCompare(b, 'en', { numeric: true });
}

function layerMetricRank(quantity: string): number {
  const known = layerMetric(quantity);
  return known === null ? layerMetricNames.length : layerMetricNames.indexOf(known);
}

function rankOf(name: string): number {
  const { scope, quantity } = readMetric(name);
  const tells = quantity === 'loss' || quantity === 'reconstruction';
  switch (scope.kind) {
    case 'step':
      return isPretraining(scope) ? (tells ? 20 : 40) : quantity === 'loss' ? 0 : 10;
    case 'part':
      return quantity === 'loss' ? 1 + dataParts.indexOf(scope.part) : 30 + partsInOrder.indexOf(scope.part);
    case 'pretraining':
      return tells || isTerm(quantity) ? 21 : 41;
    case 'layer':
      return 50;
  }
}

function isPretraining({ stage }: MetricScope & { readonly kind: 'step' }): boolean {
  return stage !== 'train';
}
