import { type DataPart, dataParts, type MetricScope, readMetric } from './metric-name.js';

/** Of the same quantity, the part that is looked at first. */
const partsInOrder: readonly DataPart[] = ['validation', 'train', 'train_evaluated', 'test'];

/** Names in the order in which a person asks for them: the loss of steps and parts, what else steps and parts have, layers last. */
export function inOrder(names: Iterable<string>): readonly string[] {
  return [...names]
    .map((name) => ({ name, rank: rankOf(name) }))
    .sort((a, b) => a.rank - b.rank || a.name.localeCompare(b.name, 'en', { numeric: true }))
    .map(({ name }) => name);
}

/** Layers along the network, the encoder first. */
export function compareLayers(a: string, b: string): number {
  return Number(isDecoder(a)) - Number(isDecoder(b)) || a.localeCompare(b, 'en', { numeric: true });
}

function isDecoder(layer: string): boolean {
  return layer.startsWith('decoder');
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
      return tells ? 21 : 41;
    case 'layer':
      return 50;
  }
}

function isPretraining({ stage }: MetricScope & { readonly kind: 'step' }): boolean {
  return stage !== 'train';
}
