import { codeReference, type ExperimentIr } from '../compiler/ir/experiment.js';
import { elementCount } from '../compiler/ir/shape.js';
import { isLayerReference, type LayerReference, type WordValue } from '../compiler/ir/value.js';
import type { Split } from '../runtime/datasets/split.js';
import { nearestNeighbours } from '../runtime/evaluation/knn.js';
import type { Labelled } from '../runtime/evaluation/labelled.js';
import { linearProbe } from '../runtime/evaluation/linear_probe.js';
import { stacked } from '../runtime/evaluation/matrix.js';
import { pcaSquaredError, principalComponents, principalComponentsOfPortions } from '../runtime/evaluation/pca.js';
import { meanOverPortions } from '../runtime/evaluation/running-mean.js';
import type { HostBatch, PartName } from '../runtime/training/examples.js';
import type { Metrics } from '../runtime/training/metrics.js';
import { type EvaluationFailure, failureOf, type Measurements } from '../runtime/training/train-trial.js';
import { type Model, matrixOf, type Values } from './model.js';
import { type ModelWithData, portionsOf } from './portions.js';
import { measureReconstructions, passesOf, reconstructionMeasure } from './reconstruction-measures.js';

/** The metrics of one word, by what comes after its name: '' or `.mse`. */
type Measure = (evaluation: WordValue, measured: ModelWithData) => Metrics;

const measures: Readonly<Record<string, Measure>> = {
  linear_probe: (evaluation, measured) => ({
    '': linearProbe({
      ...labelledCodes(evaluation, measured),
      classes: measured.model.experiment.data.classes ?? 0,
      ridge: numberOf(evaluation, 'ridge') ?? 0,
    }),
  }),
  knn: (evaluation, measured) => ({
    '': nearestNeighbours({ ...labelledCodes(evaluation, measured), k: numberOf(evaluation, 'k') ?? 1 }),
  }),
  pca: measurePca,
};

interface NamedEvaluation {
  readonly name: string;
  readonly evaluation: WordValue;
}

/**
 * The metrics that the experiment's `evaluate` asks for, of the test part and without its prefix: named by their words, with
 * `_2` for the second of a kind. One that throws is a failure, and the others are measured all the same.
 *
 * @param signal ends it after the running evaluation
 */
export async function measureEvaluations(measured: ModelWithData, signal?: AbortSignal): Promise<Measurements> {
  const named = namedEvaluations(measured.model.experiment.evaluations);
  const results = new Map<string, Metrics>();
  const failures: EvaluationFailure[] = [];
  let unfinished = false;
  const attempt = async (which: readonly NamedEvaluation[], measure: () => void): Promise<void> => {
    // Signals and messages are heard between two evaluations.
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted === true) {
      unfinished = true;
      return;
    }
    try {
      measure();
    } catch (error) {
      failures.push(...which.map(({ name }) => failureOf(name, error)));
    }
  };
  const rebuilt = named.flatMap(({ name, evaluation }) => {
    const measure = reconstructionMeasure(evaluation, measured.model.inputShape);
    return measure ? [{ name, evaluation, measure }] : [];
  });
  for (const pass of passesOf(rebuilt)) {
    await attempt(pass, () => {
      measureReconstructions(
        pass.map(({ measure }) => measure),
        measured,
      );
      for (const { name, measure } of pass) results.set(name, measure.metrics());
    });
  }
  const others = named.filter(({ evaluation }) => !rebuilt.some((one) => one.evaluation === evaluation));
  for (const one of others) {
    await attempt([one], () => results.set(one.name, measureOf(one.evaluation.word)(one.evaluation, measured)));
  }
  const metrics = named.flatMap(({ name }) =>
    Object.entries(results.get(name) ?? {}).map(([what, value]): readonly [string, number] => [
      `${name}${what}`,
      value,
    ]),
  );
  return { metrics: Object.fromEntries(metrics), failures, unfinished };
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

function measurePca(evaluation: WordValue, measured: ModelWithData): Metrics {
  const { experiment } = measured.model;
  const code = elementCount(experiment.encoder.at(-1)?.output ?? experiment.data.shape);
  const count = numberOf(evaluation, 'components') ?? Math.min(code, elementCount(experiment.data.shape));
  const columns = elementCount(experiment.data.shape);
  const raw = (seen: HostBatch) => matrixOf(rawValues(seen.uncut ?? seen.target, measured.model));
  const components =
    measured.data.train.indices.length < columns
      ? principalComponents(stacked(eachPortion('train', measured, raw), measured.data.train.indices.length), count)
      : principalComponentsOfPortions(eachPortion('train', measured, raw), columns, count);
  return {
    '': meanOverPortions(eachPortion('test', measured, raw), (examples) => pcaSquaredError(examples, components)),
  };
}

function labelledCodes(
  evaluation: WordValue,
  measured: ModelWithData,
): { readonly train: Labelled; readonly test: Labelled } {
  const on = layerOf(evaluation, measured.model.experiment);
  const labelled = (part: 'train' | 'test', most: number | null): Labelled => {
    const make = ({ target }: HostBatch) => matrixOf(measured.model.layerOfSeen(on, target));
    const rows = Math.min(most ?? Number.POSITIVE_INFINITY, measured.data[part].indices.length);
    const examples = stacked(eachPortion(part, measured, make, { most }), rows);
    const labels = labelsOf(part, measured.data).slice(0, rows);
    return { examples, labels };
  };
  return { train: labelled('train', numberOf(evaluation, 'train')), test: labelled('test', null) };
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
  return { shape, count: seen.length / elementCount(shape), values: model.raw(seen) };
}

function layerOf(evaluation: WordValue, experiment: ExperimentIr): LayerReference {
  const on = evaluation.arguments.on?.value ?? null;
  return isLayerReference(on) ? on : codeReference(experiment);
}

function numberOf(evaluation: WordValue, argument: string): number | null {
  const value = evaluation.arguments[argument]?.value;
  return typeof value === 'number' ? value : null;
}
