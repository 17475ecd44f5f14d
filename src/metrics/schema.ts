import {
  type Goal,
  isTerm,
  layerMetric,
  layerMetrics,
  type MetricDefinition,
  type MetricDefinitions,
  partMetrics,
  pretrainingMetrics,
  stepMetrics,
  termDefinition,
} from './definitions.js';
import { readMetric } from './metric-name.js';

/** A word that measures a trained network: what it declares of its metrics. */
export interface MeasuringWord {
  readonly name: string;
  /** By what stands behind the word's name and a point; '' is a metric of the word's own name. */
  readonly metrics: MetricDefinitions;
}

/** What is known of the metrics of an experiment, those that its words measure included. */
export interface MetricSchema {
  /** Null for a metric that nothing declares, as one of a word that this process does not have. */
  definition(name: string): MetricDefinition | null;
  /** Which values are better; less, where nothing is known of it. */
  goal(name: string): Goal;
}

export function metricSchema(words: readonly MeasuringWord[]): MetricSchema {
  const declared = new Map(
    words.flatMap(({ name, metrics }) =>
      Object.entries(metrics).map(
        ([what, definition]) => [what === '' ? name : `${name}.${what}`, definition] as const,
      ),
    ),
  );
  const definition = (name: string): MetricDefinition | null => {
    const { scope, quantity } = readMetric(name);
    switch (scope.kind) {
      case 'part':
        return find(partMetrics, quantity) ?? declared.get(unnumbered(quantity)) ?? ofTerm(quantity);
      case 'layer': {
        const known = layerMetric(quantity);
        return known === null ? null : layerMetrics[known];
      }
      case 'pretraining':
        return find(pretrainingMetrics, quantity) ?? ofTerm(quantity);
      case 'step':
        return (
          find(stepMetrics, quantity) ??
          find(partMetrics, quantity) ??
          find(pretrainingMetrics, quantity) ??
          ofTerm(quantity)
        );
    }
  };
  return { definition, goal: (name) => definition(name)?.goal ?? 'min' };
}

/** `knn_2` is the second `knn`, and `denoising_2.mse` of the second `denoising`. */
function unnumbered(quantity: string): string {
  return quantity.replace(/^([^.]*?)_\d+(?=\.|$)/, '$1');
}

function ofTerm(quantity: string): MetricDefinition | null {
  return isTerm(quantity) ? termDefinition : null;
}

function find(definitions: MetricDefinitions, name: string): MetricDefinition | null {
  return Object.hasOwn(definitions, name) ? (definitions[name] ?? null) : null;
}
