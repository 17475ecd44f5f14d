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

/** A word that evaluates a trained network, and the metrics it declares. */
export interface MeasuringWord {
  readonly name: string;
  /** Keyed by what follows the word's name and a point; '' is the metric named as the word. */
  readonly metrics: MetricDefinitions;
}

/** The metrics of an experiment, including those of its evaluation words. */
export interface MetricSchema {
  /** Null for an undeclared metric, such as that of a word unknown to this process. */
  definition(name: string): MetricDefinition | null;
  /** `min` if nothing is known about the metric. */
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

/** Removes the ordinal: `knn_2` is the second `knn`, `denoising_2.mse` belongs to the second `denoising`. */
function unnumbered(quantity: string): string {
  return quantity.replace(/^([^.]*?)_\d+(?=\.|$)/, '$1');
}

function ofTerm(quantity: string): MetricDefinition | null {
  return isTerm(quantity) ? termDefinition : null;
}

function find(definitions: MetricDefinitions, name: string): MetricDefinition | null {
  return Object.hasOwn(definitions, name) ? (definitions[name] ?? null) : null;
}
