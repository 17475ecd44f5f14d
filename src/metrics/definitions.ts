import { presentName } from './former-names.js';

/** Whether lower or higher is better. */
export type Goal = 'min' | 'max';

/** Properties of a metric, wherever it is recorded or shown. */
export interface MetricDefinition {
  /** Markdown, for docs/metrics.md. */
  readonly doc: string;
  /** The unit after a value; null for a pure number, and for a loss, whose unit depends on its terms. */
  readonly unit: string | null;
  /** Null if neither lower nor higher is better. */
  readonly goal: Goal | null;
  /** A short note beside the value in a table; absent if the name says it all. */
  readonly note?: string;
  /** Column heading, if not the name with spaces. */
  readonly heading?: string;
  /** Short column heading. */
  readonly shortHeading?: string;
}

/** Definitions by name, in display order. */
export type MetricDefinitions = Readonly<Record<string, MetricDefinition>>;

/** Unit of a fraction, from 0 to 1; shown in percent if there is little room. */
const share = 'share';

/** Metrics of each part of the data, besides the terms of the loss. */
export const partMetrics = {
  loss: {
    doc: 'the weighted sum of the terms, per example, as minimised; an experiment without a `loss` has none',
    unit: null,
    goal: 'min',
    note: 'weighted sum of the terms',
  },
  final_loss: {
    doc:
      'the validation loss with the values that schedules reach at the end of the training, recorded where a schedule ' +
      'changes the loss. `keep = best`, `stop` and a sweep without a metric compare epochs by it; `validation.loss` has ' +
      'the weights of its epoch',
    unit: null,
    goal: 'min',
    note: 'with the weights of the end',
  },
  sse: {
    doc: '`mse` summed over an example: the unit of Hinton and Salakhutdinov (2006)',
    unit: 'raw units squared',
    goal: 'min',
    note: 'sum over an example, raw units',
  },
  mse: {
    doc:
      'squared error of a value between the output and the clean input, or what `target` names, in raw units: pixels in [0, 1], ' +
      'columns of a table in their own; against the value before `min_max(clip=true)` cut it off',
    unit: 'raw units squared',
    goal: 'min',
    note: 'mean over values, raw units',
  },
} as const satisfies MetricDefinitions;

/** For each term of the loss, under the term's name. */
export const termDefinition: MetricDefinition = {
  doc: "a term without its weight, per example, in the network's units",
  unit: null,
  goal: 'min',
};

/** Metrics of a layer, on the first 256 training examples. `N` is a count. */
export const layerMetrics = {
  active_dimensions: {
    doc:
      'dimensions of a latent variable whose mean varies by more than 0.01 (Burda, Grosse and Salakhutdinov 2016); 0 when the ' +
      'posterior has collapsed',
    unit: null,
    goal: 'max',
  },
  mean_activation: {
    doc: 'over units and examples; `kl_sparsity` compares it with ρ',
    unit: null,
    shortHeading: 'mean',
    goal: null,
  },
  dead: {
    doc: 'share of units that give one value for all examples: a relu that never opens',
    note: 'one value for all',
    unit: share,
    goal: 'min',
  },
  saturated: {
    doc: "share of units that are within 1 % of an end of their activation's range for 99 % of the examples",
    unit: share,
    goal: 'min',
  },
  gradient_norm: {
    doc: "of the loss to the layer's weights and bias together",
    unit: null,
    shortHeading: 'gradient',
    goal: null,
  },
  morans_i: {
    doc: "mean Moran's I over the first layer's filters: 0 for noise, towards 1 for smooth strokes",
    unit: null,
    heading: "Moran's I",
    goal: 'max',
  },
  structured_filters: {
    doc: "share of the first layer's filters with Moran's I above 0.25",
    unit: share,
    goal: 'max',
  },
  active_units: {
    doc: 'active units of an example as `l0_controller` counts them: a moving average over the batches of about 20 steps',
    unit: null,
    goal: null,
  },
  penalty_weight: {
    doc: 'the weight that `l0_controller` gives its penalty',
    unit: null,
    goal: null,
  },
  kl_N: {
    doc: 'divergence of dimension N of a latent variable from its prior',
    unit: 'nats',
    goal: null,
  },
} as const satisfies MetricDefinitions;
export type LayerMetric = keyof typeof layerMetrics;

function isLayerMetric(name: string): name is LayerMetric {
  return Object.hasOwn(layerMetrics, name);
}

/** In display order. */
export const layerMetricNames: readonly LayerMetric[] = Object.keys(layerMetrics).filter(isLayerMetric);

/** Metrics of a layer that a pretraining stage trains on its own, per epoch. */
export const pretrainingMetrics = {
  reconstruction: {
    doc: 'of an RBM: squared error of one reconstruction, summed over the visible units, mean over the epoch',
    unit: 'units of the layer squared',
    goal: 'min',
  },
  free_energy: { doc: 'of an RBM: of training examples, mean', unit: 'nats', goal: null },
  validation_free_energy: {
    doc:
      'of an RBM: of validation examples; a gap that grows is overfitting (Hinton 2010, *A practical guide to training ' +
      'restricted Boltzmann machines*)',
    unit: 'nats',
    goal: null,
  },
} as const satisfies MetricDefinitions;

/** Metrics of every update, besides the loss, its terms and the errors. */
export const stepMetrics = {
  gradient_norm: {
    doc: 'of the loss to all weights, before clipping',
    unit: null,
    goal: null,
  },
  lr: { doc: 'the learning rate at the step', unit: null, goal: null },
  momentum: { doc: "of an RBM's update at the step", unit: null, goal: null },
  resampled: { doc: 'units that started anew before the step, with `resample`', unit: null, goal: null },
} as const satisfies MetricDefinitions;

/** Whether a quantity is the loss or one of its terms, rather than an error in raw units or state of the optimizer. */
export function isOfLoss(quantity: string): boolean {
  return !Object.hasOwn(stepMetrics, quantity) && !isRawError(quantity);
}

/** Whether a quantity is a squared error in raw units, which every experiment has. */
export function isRawError(quantity: string): quantity is 'sse' | 'mse' {
  return quantity === 'sse' || quantity === 'mse';
}

/** Whether it is a share of a layer's units or filters, from 0 to 1. */
export function isShare(metric: LayerMetric): boolean {
  return layerMetrics[metric].unit === share;
}

/** Whether a large share of it is a fault, with what it means in a few words. */
export function faultOf(metric: LayerMetric): { readonly meaning: string } | null {
  const { goal, note = '' }: MetricDefinition = layerMetrics[metric];
  return isShare(metric) && goal === 'min' ? { meaning: note } : null;
}

/** Whether a metric tells of a latent variable's dimensions, and not of units. */
export function isOfLatent(metric: LayerMetric): boolean {
  return metric === 'active_dimensions' || metric === 'kl_N';
}

/** Finds a layer metric's entry: `kl_N` for `kl_3`; null if the schema has none. */
export function layerMetric(quantity: string): LayerMetric | null {
  const counted = quantity.replace(/_\d+$/, '_N');
  return layerMetricNames.find((name) => name === quantity || name === counted) ?? null;
}

/** `mean activation`: a layer's metric as the heading of a column, `mean` for a narrow one. */
export function layerHeading(quantity: string, width: 'wide' | 'narrow' = 'wide'): string {
  const known = layerMetric(quantity);
  const definition: MetricDefinition | null = known === null ? null : layerMetrics[known];
  const heading = definition?.heading ?? quantity.replaceAll('_', ' ');
  return width === 'narrow' ? (definition?.shortHeading ?? heading) : heading;
}

/** `loss.kl_sparsity`: terms have a prefix, so that they never collide with other metrics. */
const ofLoss = 'loss.';

export function termQuantity(name: string): string {
  return `${ofLoss}${name}`;
}

export function isTerm(quantity: string): boolean {
  return quantity.startsWith(ofLoss);
}

/** The term's word, without the prefix. */
export function termLabel(quantity: string): string {
  return isTerm(quantity) ? quantity.slice(ofLoss.length) : quantity;
}

/** The quantities recorded for each part of the data, in order, for a loss with these terms. */
export function recordedQuantities(terms: readonly { readonly name: string }[]): readonly string[] {
  const lossAndTerms = terms.length === 0 ? [] : ['loss', ...terms.map(({ name }) => termQuantity(name))];
  return [...lossAndTerms, 'mse', 'sse'];
}

/**
 * Resolves the name of a metric in an experiment's text: a metric's own name, or a term's (`kl_sparsity` for
 * `loss.kl_sparsity`); null if nothing of that name is recorded.
 */
export function recordedAs(name: string, quantities: readonly string[]): string | null {
  return [name, termQuantity(name), presentName(name)].find((one) => quantities.includes(one)) ?? null;
}
