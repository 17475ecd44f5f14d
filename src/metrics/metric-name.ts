import type { LayerMetric } from './definitions.js';

/**
 * The parts of the data, in the order of use. `train_evaluated` is the training part, evaluated after an epoch as the
 * validation part is; `train` is the mean over the epoch's batches.
 */
export const dataParts = ['train', 'train_evaluated', 'validation', 'test'] as const;
export type DataPart = (typeof dataParts)[number];

export type MetricScope =
  | { readonly kind: 'part'; readonly part: DataPart }
  /** A layer on the probe examples after an epoch; `layer` is its place, such as `encoder.0` or `encoder.1.mu`. */
  | { readonly kind: 'layer'; readonly layer: string }
  /** A layer that a pretraining stage trains on its own, over an epoch. */
  | { readonly kind: 'pretraining'; readonly stage: string; readonly layer: string }
  /** Every update of a stage. */
  | { readonly kind: 'step'; readonly stage: string };

/** A parsed metric name. */
export interface MetricName {
  readonly scope: MetricScope;
  /** Within the scope: `sse`, `knn_2`, `denoising.mse`, `mean_activation`. */
  readonly quantity: string;
}

/** The only stage that series leave out of their names. */
const lastStage = 'train';

const blocks: ReadonlySet<string> = new Set(['encoder', 'decoder']);

/**
 * Formats `validation.loss`, `encoder.0.dead`, `pretrain.encoder.0.reconstruction`, `gradient_norm`: the inverse of
 * {@link readMetric}.
 */
export function metricName(scope: MetricScope, quantity: string): string {
  switch (scope.kind) {
    case 'part':
      return `${scope.part}.${quantity}`;
    case 'layer':
      return `${scope.layer}.${quantity}`;
    case 'pretraining':
      return `${scope.stage}.${scope.layer}.${quantity}`;
    case 'step':
      return scope.stage === lastStage ? quantity : `${scope.stage}.${quantity}`;
  }
}

/** `validation.loss` */
export function partMetric(part: DataPart, quantity: string): string {
  return metricName({ kind: 'part', part }, quantity);
}

/** `encoder.0.dead`; `number` fills in the `N` of `kl_N`. */
export function layerMetricName(layer: string, metric: LayerMetric, number?: number): string {
  const quantity = number === undefined ? metric : metric.replace(/N$/, String(number));
  return metricName({ kind: 'layer', layer }, quantity);
}

/** Turns the address of a layer's weights into its place in metric names: `encoder/1/mu` → `encoder.1.mu`. */
export function layerPlace(address: string): string {
  return address.replaceAll('/', '.');
}

export function isOfEncoder(layer: string): boolean {
  return layer.split('.')[0] === 'encoder';
}

/** Prefixes the metrics of one scope. */
export function named(scope: MetricScope, values: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(values).map(([quantity, value]) => [metricName(scope, quantity), value]));
}

/** Parses a name. Any text is valid: a name that fits no scope is a series of the last stage. */
export function readMetric(name: string): MetricName {
  const words = name.split('.');
  const [first = '', second] = words;
  const rest = (from: number) => words.slice(from).join('.');
  if (second === undefined) return { scope: { kind: 'step', stage: lastStage }, quantity: name };
  const part = dataParts.find((one) => one === first);
  if (part !== undefined) return { scope: { kind: 'part', part }, quantity: rest(1) };
  // The name of a loss term has two parts.
  const last = words.at(-2) === 'loss' ? -2 : -1;
  if (blocks.has(first))
    return { scope: { kind: 'layer', layer: words.slice(0, last).join('.') }, quantity: rest(last) };
  if (blocks.has(second) && words.length > 2) {
    const layer = words.slice(1, last).join('.');
    return { scope: { kind: 'pretraining', stage: first, layer }, quantity: rest(last) };
  }
  return isPretraining(first)
    ? { scope: { kind: 'step', stage: first }, quantity: rest(1) }
    : { scope: { kind: 'step', stage: lastStage }, quantity: name };
}

/** The metric that a series of a stage belongs to; series are stored beside their stage. */
export function seriesMetric(stage: string, quantity: string): string {
  return metricName({ kind: 'step', stage }, quantity);
}

/** The part of the data that a metric is measured on; null for metrics of layers and steps. */
export function partOf(name: string): DataPart | null {
  const { scope } = readMetric(name);
  return scope.kind === 'part' ? scope.part : null;
}

/** Whether a text is a metric's full name with its scope, rather than a column's. */
export function isQualified(name: string): boolean {
  return name.includes('.');
}

function isPretraining(stage: string): boolean {
  return /^pretrain(_\d+)?$/.test(stage);
}
