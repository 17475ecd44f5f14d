import { codeReference, type ExperimentIr } from '../compiler/ir/experiment.js';
import { isLayerReference, type LayerReference, type WordValue } from '../compiler/ir/value.js';
import type { LoadedData } from '../runtime/datasets/load.js';
import type { HostBatch, PartName } from '../runtime/training/examples.js';
import { examplesOf } from '../runtime/training/examples-of-data.js';
import type { History } from './history.js';
import type { ModelWithData } from './portions.js';
import { scheduleEnd } from './schedule-end.js';

/** What the pictures of a run are made from. */
export interface Subject extends ModelWithData {
  readonly data: LoadedData;
  readonly history: History;
}

/** The test part; the validation or the training part where there is none. */
export function shownPart({ data }: Subject): PartName {
  return data.test.indices.length > 0 ? 'test' : data.validation.indices.length > 0 ? 'validation' : 'train';
}

/** The first examples of the part that is shown. */
export function shownExamples(subject: Subject, most: number): HostBatch {
  const { model, weights, data, seed, library } = subject;
  const { experiment } = model;
  const examples = examplesOf(experiment, data, seed, library, weights);
  const part = shownPart(subject);
  const count = Math.min(most, examples.count(part));
  return examples.evaluationBatch(part, 0, count, scheduleEnd(experiment));
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
