import type { LayerReference } from '../compiler/ir/value.js';
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
import type { History } from './history.js';
import { mixingLayersUpTo } from './mixing-layers.js';
import { hasPrior, matrixOf, sampleFromPrior } from './model.js';

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
      const { input, target, count, classes } = shownExamples(subject, most);
      return {
        count,
        clean: model.raw(target),
        given: experiment.corruptions.length === 0 ? null : model.raw(input),
        rebuilt: model.reconstructSeen(input, classes).values,
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
    classesAbove: (layer) => model.classesAbove(layer),
    decode(codes, layer, condition = 0) {
      const count = codes.length / model.sizeOf(layer);
      return model.decode(codes, layer, new Int32Array(count).fill(condition));
    },
    hasPrior: ({ block, index }) => hasPrior(experiment[block][index], library),
    samples(layer, count) {
      const classes = model.classesAbove({ ...layer, head: null });
      const each = classes === 0 ? null : Array.from({ length: classes }, (_, label) => label);
      return sampleFromPrior(model, layer, count, seed, each);
    },
    mixing: (layer) => mixingLayersUpTo(layer, experiment, weights, library),
  };
}

/** A layer's output for those examples. */
function shownCodes(on: LayerReference, most: number, subject: Subject): Matrix {
  const part = shownPart(subject);
  const codes: Matrix[] = [];
  for (const { target, classes } of portionsOf(part, subject, { most })) {
    codes.push(matrixOf(subject.model.layerOfSeen(on, target, classes)));
  }
  return stacked(codes, Math.min(most, subject.data[part].indices.length));
}
