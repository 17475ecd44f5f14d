import { matMul, type Tensor, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { codeReference } from '../compiler/ir/experiment.js';
import { elementCount } from '../compiler/ir/shape.js';
import { type LayerReference, plainArguments, type WordValue } from '../compiler/ir/value.js';
import { knownWord } from '../compiler/library/library.js';
import { type MeasuredPart, measuresOf } from '../compiler/library/measured-parts.js';
import { typedArguments } from '../compiler/library/parameter.js';
import { classNumbers } from '../runtime/datasets/chosen-classes.js';
import { labelsAt } from '../runtime/datasets/class-labels.js';
import type { Split } from '../runtime/datasets/split.js';
import type { Labelled } from '../runtime/evaluation/labelled.js';
import type { Products } from '../runtime/evaluation/leading-components.js';
import { type Matrix, stacked } from '../runtime/evaluation/matrix.js';
import type { EvaluatedModel, MeasuredEvaluation } from '../runtime/evaluation/measure.js';
import type { Work } from '../runtime/evaluation/work.js';
import type { Evaluating } from '../runtime/events.js';
import type { HostBatch, PartName } from '../runtime/training/examples.js';
import type { Metrics } from '../runtime/training/metrics.js';
import { type EvaluationFailure, failureOf, type Measurements } from '../runtime/training/train-trial.js';
import { elementsOf } from '../runtime/training/weight-store.js';
import { groupedText } from '../text/number-text.js';
import { type ModelWithData, portionsOf, reconstructionsOf } from './chunks.js';
import { type Model, matrixOf, type Values } from './model.js';
import { measureReconstructions, passesOf } from './reconstruction-measures.js';
import { directionsOf, truthOf } from './recovered-features.js';
import { evaluatedSizes } from './trial-memory.js';

/** Interval between turns for signals and messages, and between progress reports. */
const turnMilliseconds = 30;
const reportMilliseconds = 1000;

/** Follows a model's evaluations, and can end them. */
export interface EvaluationWatch {
  /** Ends the running evaluation and skips the others. */
  readonly signal?: AbortSignal;
  /** Called before evaluations that are too large for the usual method. */
  readonly note?: (text: string) => void;
  /** Called when an evaluation begins, and once a second for a long one. */
  readonly progress?: (event: Evaluating) => void;
  /** Clock, ms. */
  readonly clock?: () => number;
}

class Interrupted extends Error {}

/**
 * Measures the metrics of the experiment's `evaluate` on a part, without prefix: named by their words, with `_2` for
 * the second of a kind. One that throws is a failure, and the others are still measured.
 */
export async function measureEvaluations(
  whole: ModelWithData,
  part: MeasuredPart,
  watch: EvaluationWatch = {},
): Promise<Measurements> {
  const { note = () => {} } = watch;
  // Measures know a training part and the one they are taken on.
  const measured = part === 'test' ? whole : { ...whole, data: { ...whole.data, test: whole.data.measuredValidation } };
  const named = measuresOf(measured.model.experiment.evaluations, part);
  const results = new Map<string, Metrics>();
  const failures: EvaluationFailure[] = [];
  let done = 0;
  let unfinished = false;
  const attempt = async (which: readonly { readonly name: string }[], work: Work<void>): Promise<void> => {
    const names = which.map(({ name }) => name);
    try {
      await inTurns(work, watch, { names, done, of: named.length });
    } catch (error) {
      if (error instanceof Interrupted) unfinished = true;
      else failures.push(...names.map((name) => failureOf(name, error)));
    }
    done += names.length;
  };
  const { library } = measured;
  const rebuilt = named.flatMap(({ name, evaluation }) => {
    const word = knownWord(library, 'evaluation', evaluation.word);
    if (word.measures !== 'reconstructions') return [];
    return [{ name, measure: word.start(argumentsOf(evaluation, word), measured.model.outputShape) }];
  });
  const others = named.flatMap(({ name, evaluation }) => {
    const word = knownWord(library, 'evaluation', evaluation.word);
    if (word.measures !== 'model') return [];
    const model = evaluatedModel(measured, (text) => note(`${name}: ${text}`));
    return [{ name, work: () => word.measure(argumentsOf(evaluation, word), model) }];
  });
  const measurePass = function* (pass: typeof rebuilt): Work<void> {
    yield* measureReconstructions(
      pass.map(({ measure }) => measure),
      measured,
    );
    for (const { name, measure } of pass) results.set(name, measure.metrics());
  };
  const measureOne = function* ({ name, work }: (typeof others)[number]): Work<void> {
    results.set(name, yield* work());
  };
  for (const pass of passesOf(rebuilt)) await attempt(pass, measurePass([...pass]));
  for (const one of others) await attempt([one], measureOne(one));
  const metrics = named.flatMap(({ name }) =>
    Object.entries(results.get(name) ?? {}).map(([what, value]): readonly [string, number] => [
      what === '' ? name : `${name}.${what}`,
      value,
    ]),
  );
  return { metrics: Object.fromEntries(metrics), failures, unfinished };
}

/** Works in turns with signals and messages, and reports progress. @throws Interrupted, and what the work throws */
async function inTurns(
  work: Work<void>,
  { signal, progress = () => {}, clock = () => performance.now() }: EvaluationWatch,
  about: Pick<Evaluating, 'names' | 'done' | 'of'>,
): Promise<void> {
  const report = (share: number) => progress({ event: 'evaluating', ...about, share: Math.round(1000 * share) / 1000 });
  const listen = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted === true) throw new Interrupted();
  };
  await listen();
  report(0);
  let [heard, reported] = [clock(), clock()];
  for (let step = work.next(); step.done !== true; step = work.next()) {
    const now = clock();
    if (now - heard < turnMilliseconds) continue;
    await listen();
    heard = clock();
    if (now - reported < reportMilliseconds) continue;
    report(step.value);
    reported = now;
  }
}

function argumentsOf({ arguments: given }: WordValue, { parameters }: MeasuredEvaluation) {
  return typedArguments(parameters, plainArguments(given));
}

function evaluatedModel(measured: ModelWithData, note: (text: string) => void): EvaluatedModel {
  const { model, data } = measured;
  const raw = ({ uncut, clean }: HostBatch) => matrixOf(rawValues(uncut ?? clean, model));
  return {
    ...evaluatedSizes(model.experiment),
    train: data.train.indices.length,
    test: data.test.indices.length,
    raw: (part, most) => eachChunk(part, measured, raw, most === undefined ? {} : { most }),
    codes: (layer, asked, most) => labelledCodes(layer, asked, measured, note, most),
    outputs: (layer, part) =>
      eachChunk(part, measured, (batch) => matrixOf(model.layerOfSeen(layer, batch.clean, batch))),
    trainOn: model.experiment.data.trainOn,
    isOfClasses(part, classes) {
      const numbers = classNumbers(data.dataset, classes);
      return Uint8Array.from(labelsOf(part, data), (label) => (numbers.has(label) ? 1 : 0));
    },
    codeLayer: codeReference(model.experiment),
    directions: () => directionsOf(model),
    truth: truthOf(data),
    reconstructions: (part) => reconstructionsOf(part, measured),
    products: engineProducts,
    note,
  };
}

/** Products on TF.js's current backend. */
export const engineProducts: Products = {
  forward: ({ values, rows, columns }, q, width) =>
    product(() => matMul(tensor2d(values, [rows, columns]), tensor2d(q, [columns, width]))),
  back: ({ values, rows, columns }, scores, width) =>
    product(() => matMul(tensor2d(values, [rows, columns]), tensor2d(scores, [rows, width]), true)),
};

function product(multiply: () => Tensor): Float32Array {
  return tidy(() => elementsOf(multiply()));
}

/** @param most number of training examples to use, given the numbers of training examples, test examples and columns */
function* labelledCodes(
  on: LayerReference,
  wanted: number | null,
  measured: ModelWithData,
  note: (text: string) => void,
  most: (train: number, test: number, columns: number) => number,
): Work<{ readonly train: Labelled; readonly test: Labelled }> {
  const { train, test } = measured.data;
  const columns = measured.model.sizeOf(on);
  const asked = Math.min(wanted ?? Number.POSITIVE_INFINITY, train.indices.length);
  const used = most(asked, test.indices.length, columns);
  if (used < asked) {
    const [few, all, values] = [used, asked, columns].map((number) => groupedText(number));
    note(`of ${values} values the first ${few} of ${all} training examples`);
  }
  const make = (batch: HostBatch) => matrixOf(measured.model.layerOfSeen(on, batch.clean, batch));
  const all = used + test.indices.length;
  let done = 0;
  const labelled = function* (part: 'train' | 'test', rows: number): Work<Labelled> {
    const chunks: Matrix[] = [];
    for (const chunk of eachChunk(part, measured, make, { most: rows })) {
      chunks.push(chunk);
      done += chunk.rows;
      yield done / all;
    }
    return { examples: stacked(chunks, rows), labels: labelsOf(part, measured.data).slice(0, rows) };
  };
  return { train: yield* labelled('train', used), test: yield* labelled('test', test.indices.length) };
}

/** @throws RangeError for data without labels, which the compiler rejects */
function labelsOf(part: 'train' | 'test', data: Split): Int32Array {
  const { part: stored, indices } = data[part];
  const { labels } = stored;
  if (labels === null) throw new RangeError(`the ${part} part has no labels`);
  return labelsAt(labels, indices);
}

/** Applies a function to a part's examples, chunk by chunk. */
function* eachChunk<T>(
  part: PartName,
  measured: ModelWithData,
  make: (seen: HostBatch) => T,
  choice: Parameters<typeof portionsOf>[2] = {},
): Generator<T> {
  for (const seen of portionsOf(part, measured, choice)) yield make(seen);
}

function rawValues(seen: Float32Array, model: Model): Values {
  const shape = model.inputShape;
  return { shape, count: seen.length / elementCount(shape), values: model.comparable(seen) };
}
