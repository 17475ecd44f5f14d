import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import { elementCount } from '../../compiler/ir/shape.js';
import type { ScheduleTime } from '../../compiler/library/word.js';
import { forward, type Network } from '../lowering/network.js';
import { type LossPass, lossContext, type Objective, type ObjectiveTerm } from '../lowering/objective.js';
import { NoiseStreams } from './drawn-noise.js';
import { type Examples, type PartName, tensorBatch, uploaded } from './examples.js';
import type { Measured, MetricReader, Metrics } from './metrics.js';
import { scoped } from './scope.js';
import { elementsOf, scalarValue } from './weight-store.js';

/** Accumulates one term over examples, in float64. */
class TermSum {
  readonly #term: ObjectiveTerm;
  readonly #time: ScheduleTime;
  readonly #wantedElements: number;
  #sum = 0;
  #statistic: { readonly shape: readonly number[]; readonly sum: Float64Array } | null = null;

  constructor(term: ObjectiveTerm, time: ScheduleTime, wantedElements: number) {
    this.#term = term;
    this.#time = time;
    this.#wantedElements = wantedElements;
  }

  add(pass: LossPass, examples: number): void {
    const { loss, lowering, argumentsAt } = this.#term;
    const args = argumentsAt(this.#time);
    const context = lossContext(this.#term, pass, this.#time);
    if (lowering.statistic) {
      this.#addStatistic(lowering.statistic.mean(args, context), examples);
      return;
    }
    const value = scalarValue(lowering.value(args, context));
    this.#sum += loss.sumsOverExamples(args) ? value : value * examples;
  }

  value(examples: number): number {
    const { loss, lowering, argumentsAt } = this.#term;
    const args = argumentsAt(this.#time);
    const scale = loss.sumsOverExamples(args) ? 1 : 1 / examples;
    if (!lowering.statistic || !this.#statistic) return this.#sum * scale;
    const mean = Float32Array.from(this.#statistic.sum, (total) => total / examples);
    const ofMean = tensor(mean, [...this.#statistic.shape], 'float32');
    return scalarValue(lowering.statistic.value(args, ofMean, this.#wantedElements)) * examples * scale;
  }

  #addStatistic(mean: Tensor, examples: number): void {
    this.#statistic ??= { shape: mean.shape, sum: new Float64Array(mean.size) };
    const { sum } = this.#statistic;
    elementsOf(mean).forEach((value, i) => {
      sum[i] = (sum[i] ?? 0) + value * examples;
    });
  }
}

/** Everything an evaluation needs besides the weights. */
export interface Evaluator {
  readonly network: Network;
  readonly objective: Objective;
  readonly examples: Examples;
  readonly reader: MetricReader;
  /** Examples per pass. Affects only memory and the last bits of the sums. */
  readonly chunk: number;
  /** Examples of the training part on which layers are measured. */
  readonly probe: number;
}

/** Moments of a stage at which losses are evaluated. */
export interface EvaluationTimes {
  /** Moment of the metrics. */
  readonly time: ScheduleTime;
  /** Moment for comparison with the stage's other evaluations. */
  readonly compared: ScheduleTime;
  /** Whether the terms themselves change between these moments, and not just their weights. */
  readonly termsChange: boolean;
}

/**
 * Metrics of a part of the data at one moment, and with the schedules of another: losses of two epochs are only
 * comparable under the same weighting.
 */
export function evaluateTwice(
  evaluator: Evaluator,
  weights: ReadonlyMap<string, Tensor>,
  part: PartName,
  { time, compared, termsChange }: EvaluationTimes,
): { readonly metrics: Metrics; readonly compared: Metrics } {
  const measured = measure(evaluator, weights, part, time);
  const again = termsChange ? measure(evaluator, weights, part, compared) : measured;
  const { reader } = evaluator;
  return { metrics: reader.metrics(measured, time), compared: reader.metrics(again, compared) };
}

/**
 * Metrics of a part of the data in evaluation mode: no dropout, running statistics, and random numbers that are the
 * same in every evaluation of every trial. A term that is a function of a mean over examples takes the mean over the
 * whole part. Loss terms see sampled latent variables, as in training; the squared error is that of the model in use,
 * with latent variables at their means.
 */
export function evaluate(
  evaluator: Evaluator,
  weights: ReadonlyMap<string, Tensor>,
  part: PartName,
  time: ScheduleTime,
): Metrics {
  return evaluator.reader.metrics(measure(evaluator, weights, part, time), time);
}

function measure(
  { network, objective, examples, reader, chunk }: Evaluator,
  weights: ReadonlyMap<string, Tensor>,
  part: PartName,
  time: ScheduleTime,
): Measured {
  const count = examples.count(part);
  const noise = new NoiseStreams('evaluation');
  const sums = objective.map((term) => new TermSum(term, time, elementCount(network.wanted)));
  let error = 0;
  for (let first = 0; first < count; first += chunk) {
    const size = Math.min(chunk, count - first);
    scoped(() => {
      const batch = examples.evaluationBatch(part, first, size, time);
      const { input, clean, target, condition } = tensorBatch(batch, network);
      const pass = {
        weights,
        condition,
        training: false,
        time,
        noise: noise.at({ step: 0, firstExample: first }),
        update: () => {},
      };
      const used = forward(network, input, { ...pass, sampling: false });
      const drawn = drawsLatents(network) ? forward(network, input, { ...pass, sampling: true }) : used;
      for (const sum of sums) sum.add({ network, activations: drawn, weights, clean, target }, size);
      const uncut = batch.uncut === undefined ? target : uploaded(batch.uncut, size, network.wanted);
      error += scalarValue(reader.squaredError(used, uncut));
    });
  }
  const terms = sums.map((sum) => scoped(() => sum.value(count)));
  return { examples: count, terms, squaredError: error };
}

function drawsLatents({ nodes }: Network): boolean {
  return nodes.some(({ isLatent }) => isLatent);
}
