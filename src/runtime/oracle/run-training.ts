import { forward, type Network } from '../lowering/network.js';
import type { Lowerings } from '../lowering/lowering.js';
import { scoped } from '../training/scope.js';
import { Updater } from '../training/updater.js';
import { WeightStore, elementsOf } from '../training/weight-store.js';
import { GoldenFormatError } from './fields.js';
import type { GoldenTraining } from './golden-case.js';
import { goldenBatch, goldenExamples, goldenNoise } from './golden-inputs.js';
import { goldenNetwork, storedName } from './golden-network.js';
import { goldenObjective } from './golden-objective.js';
import { goldenUpdateRule } from './golden-update-rule.js';
import { toElements } from '../lowering/image-layout.js';
import { type StoredTensors, storedTensor } from './stored-tensors.js';
import type { Trajectory } from './trajectory.js';

/** What came of running a case's training. */
export interface TrainingOutcome {
  readonly trajectory: Trajectory;
  /** By stored name. */
  readonly final: ReadonlyMap<string, Float32Array>;
  /** The output for `x_eval` in evaluation mode after the last step; null where there is none. */
  readonly evalOutput: Float32Array | null;
}

/** The start and the batches of a training. */
export interface TrainingFiles {
  readonly init: StoredTensors;
  readonly inputs: StoredTensors;
}

/**
 * Trains a case's network on its stored batches and random numbers, with the lowerings and the updater that a trial uses.
 * @throws GoldenFormatError, UnsupportedWord
 */
export function runTraining(training: GoldenTraining, files: TrainingFiles, lowerings: Lowerings): TrainingOutcome {
  const { layers, input, steps } = training;
  const golden = goldenNetwork(input.shape, layers, files.init, lowerings);
  const objective = goldenObjective(training.loss, golden, lowerings);
  const rule = goldenUpdateRule(training, lowerings);
  const { network } = golden;
  const store = new WeightStore(network.weights, initialValues(network, files.init));
  const updater = new Updater(network, objective, rule, store);
  const names = new Map(network.weights.map((weight) => [weight.key, storedName(weight)]));
  const terms = objective.map(({ name }) => ({ name, values: new Array<number>() }));
  const total: number[] = [];
  const globalGradientNorm: number[] = [];
  let gradientNormStep1: Record<string, number> = {};
  for (let step = 0; step < steps; step++) {
    const report = scoped(() => {
      const batch = goldenBatch(files.inputs, 'x', step, input);
      const noise = goldenNoise(files.inputs, layers, '', step);
      return updater.step({ input: batch, target: batch }, { time: { epoch: 0, step, epochs: 1, steps }, noise });
    });
    terms.forEach(({ values }, i) => void values.push(report.terms[i] ?? Number.NaN));
    total.push(training.loss.reduce((sum, { weight }, i) => sum + weight * (report.terms[i] ?? Number.NaN), 0));
    globalGradientNorm.push(report.gradientNorm);
    if (step === 0) {
      gradientNormStep1 = Object.fromEntries(
        [...report.gradientNorms].map(([key, norm]) => [names.get(key) ?? key, norm]),
      );
    }
  }
  const final = new Map([...store.values()].map(([key, values]) => [names.get(key) ?? key, values]));
  const evalOutput = files.inputs.has('x_eval') ? evaluated(network, store, training, files) : null;
  updater.dispose();
  store.dispose();
  return {
    trajectory: {
      terms: Object.fromEntries(terms.map(({ name, values }) => [name, values])),
      total,
      globalGradientNorm,
      gradientNormStep1,
    },
    final,
    evalOutput,
  };
}

function initialValues(network: Network, init: StoredTensors): ReadonlyMap<string, Float32Array> {
  return new Map(
    network.weights.map((weight) => {
      const { elements } = storedTensor(init, storedName(weight));
      if (!(elements instanceof Float32Array)) throw new GoldenFormatError(`'${storedName(weight)}' is not float32`);
      return [weight.key, elements];
    }),
  );
}

function evaluated(
  network: Network,
  store: WeightStore,
  { input, layers, steps }: GoldenTraining,
  { inputs }: TrainingFiles,
): Float32Array {
  return scoped(() => {
    const { output } = forward(network, goldenExamples(inputs, 'x_eval', input), {
      weights: store.tensors,
      training: false,
      sampling: false,
      time: { epoch: 1, step: steps, epochs: 1, steps },
      noise: goldenNoise(inputs, layers, '', 0),
      update: (key) => {
        throw new RangeError(`an evaluation changed the statistic '${key}'`);
      },
    });
    const shape = network.nodes.at(-1)?.output ?? network.input;
    return elementsOf(toElements(output, shape));
  });
}
