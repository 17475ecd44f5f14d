import { codeReference, type ExperimentIr } from '../compiler/ir/experiment.js';
import { isLayerReference, type LayerReference, type WordValue } from '../compiler/ir/value.js';
import type { Library } from '../compiler/library/library.js';
import type { Split } from '../runtime/datasets/split.js';
import type { HostBatch, PartName } from '../runtime/training/examples.js';
import { examplesOf } from '../runtime/training/examples-of-data.js';
import type { WeightValues } from '../runtime/training/initial-weights.js';
import type { History } from './history.js';
import type { Model } from './model.js';
import { scheduleEnd } from './schedule-end.js';

/** What the pictures of a run are made from. */
export interface Subject {
  readonly model: Model;
  readonly weights: WeightValues;
  readonly data: Split;
  readonly history: History;
  readonly seed: number;
  readonly library: Library;
}

/** Examples that a picture shows, as the network sees them. */
export interface ShownExamples extends HostBatch {
  readonly part: PartName;
}

/** The first examples of the test part; of the validation or the training part where there is none. */
export function shownExamples({ model, weights, data, seed, library }: Subject, most: number): ShownExamples {
  const { experiment } = model;
  const examples = examplesOf(experiment, data, seed, library, weights);
  const part = examples.count('test') > 0 ? 'test' : examples.count('validation') > 0 ? 'validation' : 'train';
  const count = Math.min(most, examples.count(part));
  return { part, ...examples.evaluationBatch(part, 0, count, scheduleEnd(experiment)) };
}

/** The layer that a figure is of. */
export function layerOfFigure(figure: WordValue, experiment: ExperimentIr): LayerReference {
  const on = figure.arguments.on?.value ?? null;
  return isLayerReference(on) ? on : codeReference(experiment);
}

/** A whole number that a figure is given. */
export function numberOfFigure(figure: WordValue, argument: string, otherwise: number): number {
  const value = figure.arguments[argument]?.value;
  return typeof value === 'number' ? value : otherwise;
}
