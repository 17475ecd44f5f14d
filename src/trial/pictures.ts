import type { ExperimentIr, LayerNode } from '../compiler/ir/experiment.js';
import { elementCount } from '../compiler/ir/shape.js';
import { isLayerReference, type LayerReference, type WordValue } from '../compiler/ir/value.js';
import { drawFilters } from '../runtime/figures/filters.js';
import { drawLossCurves } from '../runtime/figures/loss_curves.js';
import { drawReconstructions } from '../runtime/figures/reconstructions.js';
import { levelsOfRange } from '../runtime/figures/tile.js';
import { type EvaluationFailure, failureOf, type Measurements } from '../runtime/training/train-trial.js';
import { drawLatentScatterOf, drawSamplesOf, drawWalkOf } from './code-pictures.js';
import { drawReceptiveFieldsOf } from './receptive-fields.js';
import { numberOfFigure, type Subject, shownExamples } from './subject.js';

export interface Picture {
  /** As the experiment says it: `filters(code)`. */
  readonly name: string;
  readonly png: Uint8Array;
}

type Draw = (figure: WordValue, subject: Subject) => Promise<Uint8Array>;

const drawings: Readonly<Record<string, Draw>> = {
  filters: drawFiltersOf,
  receptive_fields: drawReceptiveFieldsOf,
  reconstructions: drawReconstructionsOf,
  samples: drawSamplesOf,
  walk: drawWalkOf,
  latent_scatter: drawLatentScatterOf,
  loss_curves: (_figure, { history, model }) => drawLossCurves(history.lossCurves(model.experiment.name)),
};

/**
 * The pictures that the experiment's `show` asks for.
 * @param wanted leaves out the figures of other words
 */
export async function drawPictures(
  subject: Subject,
  wanted: (word: string) => boolean = () => true,
): Promise<readonly Picture[]> {
  const pictures: Picture[] = [];
  for (const figure of subject.model.experiment.figures.filter(({ word }) => wanted(word))) {
    pictures.push(await drawPicture(figure, subject));
  }
  return pictures;
}

/** Pictures, with what is known of those that could not be drawn. */
export interface AttemptedPictures extends Omit<Measurements, 'metrics'> {
  readonly pictures: readonly Picture[];
}

/**
 * Draws the same, and goes on after a picture that throws.
 * @param signal ends it after the running picture
 */
export async function attemptPictures(subject: Subject, signal: AbortSignal): Promise<AttemptedPictures> {
  const pictures: Picture[] = [];
  const failures: EvaluationFailure[] = [];
  for (const figure of subject.model.experiment.figures) {
    // Signals and messages are heard between two pictures.
    await new Promise((resolve) => setImmediate(resolve));
    if (signal.aborted) return { pictures, failures, unfinished: true };
    try {
      pictures.push(await drawPicture(figure, subject));
    } catch (error) {
      failures.push(failureOf(nameOf(figure, subject.model.experiment), error));
    }
  }
  return { pictures, failures, unfinished: false };
}

async function drawPicture(figure: WordValue, subject: Subject): Promise<Picture> {
  const draw = drawings[figure.word];
  if (!draw) throw new RangeError(`nothing draws the figure '${figure.word}'`);
  return { name: nameOf(figure, subject.model.experiment), png: await draw(figure, subject) };
}

/** `filters(code)`, `reconstructions(16)`: the arguments that were given, labels as they are written. */
function nameOf(figure: WordValue, experiment: ExperimentIr): string {
  const shown = Object.values(figure.arguments).flatMap(({ value, origin }) => {
    if (isLayerReference(value)) return [labelOf(value, experiment)];
    return origin === 'given' && value !== null ? [String(value)] : [];
  });
  return `${figure.word}(${shown.join(', ')})`;
}

/** An activation that a layer was written with has no label of its own; that of its layer means both. */
function labelOf({ block, index, head }: LayerReference, experiment: ExperimentIr): string {
  const last = block === 'encoder' && index === experiment.encoder.length - 1;
  const written = experiment[block].slice(0, index + 1).findLast(({ label }) => label !== null)?.label;
  return `${last ? 'code' : (written ?? `${block}.${index}`)}${head === null ? '' : `.${head}`}`;
}

async function drawFiltersOf(figure: WordValue, { model, weights }: Subject): Promise<Uint8Array> {
  const on = figure.arguments.on?.value ?? null;
  if (!isLayerReference(on)) throw new RangeError('the figure names no layer');
  const owner = ownerOfWeights(model.experiment[on.block].slice(0, on.index + 1));
  const values = weights.get(`${owner?.address}/weight`);
  const [units, ...kernel] = owner?.weights.find(({ name }) => name === 'weight')?.shape ?? [];
  if (!owner || !values || units === undefined) throw new RangeError('the layer has no weights to show');
  const { shape } = model.experiment.data;
  return drawFilters({
    weights: values,
    units,
    // A convolution's are [channels, height, width]; a dense layer's have one number for each input.
    shape: kernel.length > 1 ? kernel : elementCount(shape) === values.length / units ? shape : owner.input,
  });
}

function ownerOfWeights(upTo: readonly LayerNode[]): LayerNode | undefined {
  return upTo.filter(({ weights }) => weights.length > 0).at(-1);
}

async function drawReconstructionsOf(figure: WordValue, subject: Subject): Promise<Uint8Array> {
  const { model } = subject;
  const { experiment } = model;
  const { input, target, count } = shownExamples(subject, numberOfFigure(figure, 'n', 16));
  const rows = [
    { label: 'input', images: model.raw(target) },
    ...(experiment.corruption === null ? [] : [{ label: 'corrupted', images: model.raw(input) }]),
    { label: 'output', images: model.reconstructSeen(input).values },
  ];
  return drawReconstructions({
    rows,
    count,
    shape: experiment.data.shape,
    levels: levelsOfRange(experiment.data.rawRange),
  });
}
