import type { LayerReference } from '../compiler/ir/value.js';
import { mostShownCombinations, shownExamplesOfConditions } from '../compiler/library/conditions-needed.js';
import { needBelow } from '../compiler/library/needs-below.js';
import { labelsAt } from '../runtime/datasets/class-labels.js';
import type { LoadedData } from '../runtime/datasets/load.js';
import { type Matrix, stacked } from '../runtime/evaluation/matrix.js';
import type { FigureSubject } from '../runtime/figures/figure.js';
import type { HostBatch, PartName } from '../runtime/training/examples.js';
import { examplesOf } from '../runtime/training/examples-of-data.js';
import { scheduleEnd } from '../runtime/training/stage-settings.js';
import type { Words } from '../words/word.js';
import { type ModelWithData, portionsOf, reconstructionsOf } from './chunks.js';
import { choiceName, combinations, conditionRows } from './condition-choices.js';
import type { History } from './history.js';
import { mixingLayersUpTo } from './mixing-layers.js';
import { type ChosenConditions, hasPrior, matrixOf, sampleFromPrior } from './model.js';

export interface Subject extends ModelWithData {
  readonly data: LoadedData;
  readonly history: History;
  readonly library: Words;
}

/** The test part, or else the validation or training part. */
function shownPart({ data }: Subject): PartName {
  return data.test.indices.length > 0 ? 'test' : data.validation.indices.length > 0 ? 'validation' : 'train';
}

/** The first examples of that part. */
export function shownExamples(subject: Subject, most: number): HostBatch {
  const { model, weights, data, seed, library } = subject;
  const { experiment } = model;
  const examples = examplesOf(experiment, data, seed, library, weights);
  const part = shownPart(subject);
  const count = Math.min(most, examples.count(part));
  return examples.evaluationBatch(part, 0, count, scheduleEnd(experiment));
}

/** The subject in the form for figures. */
export function figureSubject(subject: Subject): FigureSubject {
  const { model, weights, data, seed, history, library } = subject;
  const { experiment } = model;
  return {
    experiment,
    weights,
    classNames: data.dataset.classNames,
    lossCurves: () => history.lossCurves(experiment.name),
    examples(most) {
      const batch = shownExamples(subject, most);
      const { input, clean, target, count } = batch;
      return {
        count,
        clean: model.rawInput(clean),
        given: input === clean ? null : model.rawInput(input),
        wanted: target === clean ? null : model.raw(target),
        rebuilt: model.reconstructSeen(input, batch).values,
      };
    },
    reconstructions: (part) => reconstructionsOf(part === 'train' ? part : shownPart(subject), subject),
    codes: (layer, most) => shownCodes(layer, most, subject),
    classes(count) {
      const { part, indices } = data[shownPart(subject)];
      const { labels } = part;
      return labels && labelsAt(labels, indices.subarray(0, count));
    },
    needBelow: (layer) => needBelow(layer, experiment, library),
    conditionsAbove: (layer) => shownConditions(layer, subject)?.names ?? null,
    decode(codes, layer, condition = 0) {
      const shown = shownConditions(layer, subject);
      if (shown === null) return model.decode(codes, layer);
      const rows = new Int32Array(codes.length / model.sizeOf(layer)).fill(condition);
      return model.decode(codes, layer, conditionRows(shown.given, rows, model.conditionValues.size));
    },
    hasPrior: ({ block, index }) => hasPrior(experiment[block][index], library),
    samples(layer, count) {
      return sampleFromPrior(model, layer, count, seed, shownConditions({ ...layer, head: null }, subject));
    },
    mixing: (layer) => mixingLayersUpTo(layer, experiment, weights, library),
  };
}

interface ShownConditions extends ChosenConditions {
  readonly names: readonly string[];
}

/** What is shown of the conditions of the layers above a layer; null if they need none. */
function shownConditions(layer: LayerReference, subject: Subject): ShownConditions | null {
  const { model, data } = subject;
  const slots = model.conditionsAbove(layer, data.dataset.classNames);
  if (slots.length === 0) return null;
  const combined = slots.reduce((all, slot) => all * (slot.kind === 'number' ? 0 : slot.values.length), 1);
  if (combined === 0 || combined > mostShownCombinations) {
    const { count, classes, columns } = shownExamples(subject, shownExamplesOfConditions);
    const names = Array.from({ length: count }, (_, i) => `example ${i + 1}`);
    return { rows: count, names, given: { classes, columns } };
  }
  const choices = combinations(slots, (slot) => (slot.kind === 'number' ? [] : [...slot.values.keys()]));
  const names = choices.map((choice) => choiceName(choice, slots));
  return { rows: choices.length, names, given: model.conditionsFor(choices) };
}

/** A layer's output for those examples. */
function shownCodes(on: LayerReference, most: number, subject: Subject): Matrix {
  const part = shownPart(subject);
  const codes: Matrix[] = [];
  for (const batch of portionsOf(part, subject, { most })) {
    codes.push(matrixOf(subject.model.layerOfSeen(on, batch.clean, batch)));
  }
  return stacked(codes, Math.min(most, subject.data[part].indices.length));
}
