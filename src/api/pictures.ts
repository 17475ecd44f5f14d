import type { ExperimentIr, LayerNode } from '../compiler/ir/experiment.js';
import { elementCount } from '../compiler/ir/shape.js';
import { isLayerReference, type LayerReference, type WordValue } from '../compiler/ir/value.js';
import type { Library } from '../compiler/library/library.js';
import type { Split } from '../runtime/datasets/split.js';
import { drawFilters } from '../runtime/figures/filters.js';
import { drawLossCurves } from '../runtime/figures/loss_curves.js';
import { drawReconstructions } from '../runtime/figures/reconstructions.js';
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

export interface Picture {
  /** As the experiment says it: `filters(code)`. */
  readonly name: string;
  readonly png: Uint8Array;
}

type Draw = (figure: WordValue, subject: Subject) => Promise<Uint8Array>;

const drawings: Readonly<Record<string, Draw>> = {
  filters: drawFiltersOf,
  reconstructions: drawReconstructionsOf,
  loss_curves: (_figure, { history, model }) => drawLossCurves(history.lossCurves(model.experiment.name)),
};

/** The pictures that the experiment's `show` asks for. */
export async function drawPictures(subject: Subject): Promise<readonly Picture[]> {
  const pictures: Picture[] = [];
  for (const figure of subject.model.experiment.figures) {
    const draw = drawings[figure.word];
    if (!draw) throw new RangeError(`nothing draws the figure '${figure.word}'`);
    pictures.push({ name: nameOf(figure, subject.model.experiment), png: await draw(figure, subject) });
  }
  return pictures;
}

/** `filters(code)`, `reconstructions(16)`: the arguments that were given, labels as they are written. */
function nameOf(figure: WordValue, experiment: ExperimentIr): string {
  const shown = Object.values(figure.arguments).flatMap(({ value, origin }) => {
    if (isLayerReference(value)) return [labelOf(value, experiment)];
    return origin === 'given' && value !== null ? [String(value)] : [];
  });
  return `${figure.word}(${shown.join(', ')})`;
}

function labelOf(reference: LayerReference, experiment: ExperimentIr): string {
  const last = reference.block === 'encoder' && reference.index === experiment.encoder.length - 1;
  const label = last ? 'code' : experiment[reference.block][reference.index]?.label;
  return `${label ?? `${reference.block}.${reference.index}`}${reference.head === null ? '' : `.${reference.head}`}`;
}

async function drawFiltersOf(figure: WordValue, { model, weights }: Subject): Promise<Uint8Array> {
  const on = figure.arguments.on?.value ?? null;
  if (!isLayerReference(on)) throw new RangeError('the figure names no layer');
  const owner = ownerOfWeights(model.experiment[on.block].slice(0, on.index + 1));
  const values = weights.get(`${owner?.address}/weight`);
  const units = owner?.weights.find(({ name }) => name === 'weight')?.shape[0];
  if (!owner || !values || units === undefined) throw new RangeError('the layer has no weights to show');
  const { shape } = model.experiment.data;
  return drawFilters({
    weights: values,
    units,
    shape: elementCount(shape) === values.length / units ? shape : owner.input,
  });
}

function ownerOfWeights(upTo: readonly LayerNode[]): LayerNode | undefined {
  return upTo.filter(({ weights }) => weights.length > 0).at(-1);
}

async function drawReconstructionsOf(figure: WordValue, subject: Subject): Promise<Uint8Array> {
  const { model, data, seed, library } = subject;
  const { experiment } = model;
  const examples = examplesOf(experiment, data, seed, library);
  const part = examples.count('test') > 0 ? 'test' : examples.count('validation') > 0 ? 'validation' : 'train';
  const wanted = Object.values(figure.arguments)[0]?.value;
  const count = Math.min(typeof wanted === 'number' ? wanted : 16, examples.count(part));
  const { input, target } = examples.evaluationBatch(part, 0, count, scheduleEnd(experiment));
  const rows = [
    { label: 'input', images: model.raw(target) },
    ...(experiment.corruption === null ? [] : [{ label: 'corrupted', images: model.raw(input) }]),
    { label: 'output', images: model.reconstructSeen(input).values },
  ];
  return drawReconstructions({ rows, count, shape: experiment.data.shape });
}
