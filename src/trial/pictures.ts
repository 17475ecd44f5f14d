import type { ExperimentIr } from '../compiler/ir/experiment.js';
import { isLayerReference, type LayerReference, plainArguments, type WordValue } from '../compiler/ir/value.js';
import { knownWord } from '../compiler/library/library.js';
import { typedArguments } from '../compiler/library/parameter.js';
import { type EvaluationFailure, failureOf, type Measurements } from '../runtime/training/train-trial.js';
import { figureSubject, type Subject } from './subject.js';

export interface Picture {
  /** Call as written in the experiment: `filters(code)`. */
  readonly name: string;
  readonly png: Uint8Array;
}

/** Draws the pictures of the experiment's `show`. @param wanted selects figures by word */
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

/** Pictures, and failures of those that could not be drawn. */
export interface AttemptedPictures extends Omit<Measurements, 'metrics'> {
  readonly pictures: readonly Picture[];
}

/**
 * Like {@link drawPictures}, but continues after a picture that throws.
 * @param signal ends it after the current picture
 */
export async function attemptPictures(subject: Subject, signal: AbortSignal): Promise<AttemptedPictures> {
  const pictures: Picture[] = [];
  const failures: EvaluationFailure[] = [];
  for (const figure of subject.model.experiment.figures) {
    // Lets signals and messages in between pictures.
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
  const word = knownWord(subject.library, 'figure', figure.word);
  const args = typedArguments(word.parameters, plainArguments(figure.arguments));
  return { name: nameOf(figure, subject.model.experiment), png: await word.draw(args, figureSubject(subject)) };
}

/** Names of the pictures that an experiment's `show` asks for. */
export function pictureNames(experiment: ExperimentIr): readonly string[] {
  return experiment.figures.map((figure) => nameOf(figure, experiment));
}

/** `filters(code)`, `reconstructions(16)`: the given arguments, labels as written. */
function nameOf(figure: WordValue, experiment: ExperimentIr): string {
  const shown = Object.values(figure.arguments).flatMap(({ value, origin }) => {
    if (isLayerReference(value)) return [labelOf(value, experiment)];
    return origin === 'given' && value !== null ? [String(value)] : [];
  });
  return `${figure.word}(${shown.join(', ')})`;
}

/** An activation written with a layer has no label of its own; the layer's label means both. */
function labelOf({ block, index, head }: LayerReference, experiment: ExperimentIr): string {
  const last = block === 'encoder' && index === experiment.encoder.length - 1;
  const written = experiment[block].slice(0, index + 1).findLast(({ label }) => label !== null)?.label;
  return `${last ? 'code' : (written ?? `${block}.${index}`)}${head === null ? '' : `.${head}`}`;
}
