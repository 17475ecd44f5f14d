import { matMul, type Tensor, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { codeReference, type ExperimentIr } from '../compiler/ir/experiment.js';
import { elementCount } from '../compiler/ir/shape.js';
import { isLayerReference, type LayerReference, type WordValue } from '../compiler/ir/value.js';
import { planOfPca } from '../compiler/library/evaluation/pca.js';
import type { Split } from '../runtime/datasets/split.js';
import { nearestNeighbours, searchedRows } from '../runtime/evaluation/knn.js';
import type { Labelled } from '../runtime/evaluation/labelled.js';
import { blockWidth, leadingComponents, type Products } from '../runtime/evaluation/leading-components.js';
import { linearProbe, probedRows } from '../runtime/evaluation/linear_probe.js';
import { type Matrix, stacked } from '../runtime/evaluation/matrix.js';
import { pcaSquaredError, principalComponents, principalComponentsOfPortions } from '../runtime/evaluation/pca.js';
import { RunningMean } from '../runtime/evaluation/running-mean.js';
import { between, type Work } from '../runtime/evaluation/work.js';
import type { Evaluating } from '../runtime/events.js';
import { stream } from '../runtime/random/stream.js';
import type { HostBatch, PartName } from '../runtime/training/examples.js';
import type { Metrics } from '../runtime/training/metrics.js';
import { type EvaluationFailure, failureOf, type Measurements } from '../runtime/training/train-trial.js';
import { elementsOf } from '../runtime/training/weight-store.js';
import { type Model, matrixOf, type Values } from './model.js';
import { type ModelWithData, portionsOf } from './portions.js';
import { measureReconstructions, passesOf, reconstructionMeasure } from './reconstruction-measures.js';

/** The metrics of one word, by what comes after its name: '' or `.mse`. @param note says where it is not made from all there is */
type Measure = (evaluation: NamedEvaluation, measured: ModelWithData, note: (text: string) => void) => Work<Metrics>;

/** Between two turns of signals and messages, and between two reports of how far an evaluation is. */
const turnMilliseconds = 30;
const reportMilliseconds = 1000;

/** Who follows the evaluations of a model, and can end them. */
export interface EvaluationWatch {
  /** Ends the running evaluation, and leaves the others. */
  readonly signal?: AbortSignal;
  /** Told which evaluations are made in another way than that of smaller ones, before they are made. */
  readonly note?: (text: string) => void;
  /** Told when an evaluation begins, and once a second of a long one. */
  readonly progress?: (event: Evaluating) => void;
  /** Milliseconds from anywhere. */
  readonly clock?: () => number;
}

class Interrupted extends Error {}

const measures: Readonly<Record<string, Measure>> = {
  *linear_probe(named, measured, note) {
    const codes = labelledCodes(named, measured, note, (train, _test, columns) => probedRows(train, columns));
    const labelled = yield* between(0, shareOfCodes, codes);
    const ridge = numberOf(named.evaluation, 'ridge') ?? 0;
    return { '': yield* between(shareOfCodes, 1, linearProbe({ ...labelled, ridge })) };
  },
  *knn(named, measured, note) {
    const k = numberOf(named.evaluation, 'k') ?? 1;
    const most = (train: number, test: number, columns: number) => searchedRows(train, test, columns, k);
    const labelled = yield* between(0, shareOfCodes, labelledCodes(named, measured, note, most));
    return { '': yield* between(shareOfCodes, 1, nearestNeighbours({ ...labelled, k })) };
  },
  pca: measurePca,
};

/** Of the work of an evaluation, roughly: codes are made first. */
const shareOfCodes = 0.2;

interface NamedEvaluation {
  readonly name: string;
  readonly evaluation: WordValue;
}

/**
 * The metrics that the experiment's `evaluate` asks for, of the test part and without its prefix: named by their words, with
 * `_2` for the second of a kind. One that throws is a failure, and the others are measured all the same.
 */
export async function measureEvaluations(measured: ModelWithData, watch: EvaluationWatch = {}): Promise<Measurements> {
  const { note = () => {} } = watch;
  const named = namedEvaluations(measured.model.experiment.evaluations);
  const results = new Map<string, Metrics>();
  const failures: EvaluationFailure[] = [];
  let done = 0;
  let unfinished = false;
  const attempt = async (which: readonly NamedEvaluation[], work: Work<void>): Promise<void> => {
    const names = which.map(({ name }) => name);
    try {
      await inTurns(work, watch, { names, done, of: named.length });
    } catch (error) {
      if (error instanceof Interrupted) unfinished = true;
      else failures.push(...names.map((name) => failureOf(name, error)));
    }
    done += names.length;
  };
  const rebuilt = named.flatMap(({ name, evaluation }) => {
    const measure = reconstructionMeasure(evaluation, measured.model.inputShape);
    return measure ? [{ name, evaluation, measure }] : [];
  });
  const measurePass = function* (pass: typeof rebuilt): Work<void> {
    yield* measureReconstructions(
      pass.map(({ measure }) => measure),
      measured,
    );
    for (const { name, measure } of pass) results.set(name, measure.metrics());
  };
  const measureOne = function* (one: NamedEvaluation): Work<void> {
    results.set(one.name, yield* measureOf(one.evaluation.word)(one, measured, note));
  };
  for (const pass of passesOf(rebuilt)) await attempt(pass, measurePass([...pass]));
  const others = named.filter(({ evaluation }) => !rebuilt.some((one) => one.evaluation === evaluation));
  for (const one of others) await attempt([one], measureOne(one));
  const metrics = named.flatMap(({ name }) =>
    Object.entries(results.get(name) ?? {}).map(([what, value]): readonly [string, number] => [
      `${name}${what}`,
      value,
    ]),
  );
  return { metrics: Object.fromEntries(metrics), failures, unfinished };
}

/**
 * Does some work, in turns with signals and messages, and says how far it is.
 * @throws Interrupted, and what the work throws
 */
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

function namedEvaluations(evaluations: readonly WordValue[]): readonly NamedEvaluation[] {
  const seen = new Map<string, number>();
  return evaluations.map((evaluation) => {
    const { word } = evaluation;
    const ordinal = (seen.get(word) ?? 0) + 1;
    seen.set(word, ordinal);
    return { name: ordinal === 1 ? word : `${word}_${ordinal}`, evaluation };
  });
}

function measureOf(word: string): Measure {
  const measure = measures[word];
  if (!measure) throw new RangeError(`nothing computes the evaluation '${word}'`);
  return measure;
}

function* measurePca(
  { name, evaluation }: NamedEvaluation,
  measured: ModelWithData,
  note: (text: string) => void,
): Work<Metrics> {
  const { experiment } = measured.model;
  const code = elementCount(experiment.encoder.at(-1)?.output ?? experiment.data.shape);
  const columns = elementCount(experiment.data.shape);
  const count = numberOf(evaluation, 'components') ?? Math.min(code, columns);
  const rows = measured.data.train.indices.length;
  const raw = (seen: HostBatch) => matrixOf(rawValues(seen.uncut ?? seen.target, measured.model));
  const plan = planOfPca(rows, columns, count);
  if (plan === null) throw new RangeError(`${count} components of ${columns} values would take hours`);
  if (plan.method === 'nothing_left') return { '': 0 };
  if (plan.method === 'iterative') {
    const used =
      plan.rows < rows ? `the first ${plan.rows.toLocaleString('en')} of ${rows.toLocaleString('en')}` : 'all';
    note(
      `${name}: ${count} components of ${columns.toLocaleString('en')} values by subspace iteration, from ${used} training examples`,
    );
  }
  const portions = () => eachPortion('train', measured, raw, { most: plan.rows });
  const work =
    plan.method === 'iterative'
      ? leadingComponents({
          portions,
          columns,
          count,
          start: startOf(columns, blockWidth(count, plan.rows, columns)),
          products: engineProducts,
        })
      : rows < columns
        ? principalComponents(stacked(portions(), rows), count)
        : principalComponentsOfPortions(portions(), columns, count, rows);
  const components = yield* between(0, shareOfComponents, work);
  const error = new RunningMean();
  const tested = measured.data.test.indices.length;
  let done = 0;
  for (const examples of eachPortion('test', measured, raw)) {
    error.add(pcaSquaredError(examples, components));
    done += examples.rows;
    yield shareOfComponents + ((1 - shareOfComponents) * done) / tested;
  }
  return { '': error.value };
}

/** Of the work of pca, roughly: what is left of the test part comes after it. */
const shareOfComponents = 0.9;

/** The same numbers for every run. */
function startOf(columns: number, width: number): Float32Array {
  const start = new Float32Array(columns * width);
  stream({ seed: 'evaluation', path: 'pca', purpose: 'start' }).normal(start, 0);
  return start;
}

/** Products on TF.js's current backend. */
const engineProducts: Products = {
  forward: ({ values, rows, columns }, q, width) =>
    product(() => matMul(tensor2d(values, [rows, columns]), tensor2d(q, [columns, width]))),
  back: ({ values, rows, columns }, scores, width) =>
    product(() => matMul(tensor2d(values, [rows, columns]), tensor2d(scores, [rows, width]), true)),
};

function product(multiply: () => Tensor): Float32Array {
  return tidy(() => elementsOf(multiply()));
}

/** @param most training examples that are used, of so many, beside so many test examples, with so many columns */
function* labelledCodes(
  { name, evaluation }: NamedEvaluation,
  measured: ModelWithData,
  note: (text: string) => void,
  most: (train: number, test: number, columns: number) => number,
): Work<{ readonly train: Labelled; readonly test: Labelled }> {
  const on = layerOf(evaluation, measured.model.experiment);
  const { train, test } = measured.data;
  const columns = measured.model.sizeOf(on);
  const asked = Math.min(numberOf(evaluation, 'train') ?? Number.POSITIVE_INFINITY, train.indices.length);
  const used = most(asked, test.indices.length, columns);
  if (used < asked) {
    const [few, all, values] = [used, asked, columns].map((number) => number.toLocaleString('en'));
    note(`${name}: of ${values} values the first ${few} of ${all} training examples`);
  }
  const make = ({ target }: HostBatch) => matrixOf(measured.model.layerOfSeen(on, target));
  const all = used + test.indices.length;
  let done = 0;
  const labelled = function* (part: 'train' | 'test', rows: number): Work<Labelled> {
    const portions: Matrix[] = [];
    for (const portion of eachPortion(part, measured, make, { most: rows })) {
      portions.push(portion);
      done += portion.rows;
      yield done / all;
    }
    return { examples: stacked(portions, rows), labels: labelsOf(part, measured.data).slice(0, rows) };
  };
  return { train: yield* labelled('train', used), test: yield* labelled('test', test.indices.length) };
}

/** @throws RangeError for data without labels, which the compiler refuses */
function labelsOf(part: 'train' | 'test', data: Split): Int32Array {
  const { part: stored, indices } = data[part];
  const { labels } = stored;
  if (labels === null) throw new RangeError(`the ${part} part has no labels`);
  return Int32Array.from(indices, (index) => labels[index] ?? 0);
}

/** What is made of the examples of a part, some after the other. */
function* eachPortion<T>(
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

function layerOf(evaluation: WordValue, experiment: ExperimentIr): LayerReference {
  const on = evaluation.arguments.on?.value ?? null;
  return isLayerReference(on) ? on : codeReference(experiment);
}

function numberOf(evaluation: WordValue, argument: string): number | null {
  const value = evaluation.arguments[argument]?.value;
  return typeof value === 'number' ? value : null;
}
