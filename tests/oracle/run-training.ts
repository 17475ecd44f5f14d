import type { Tensor } from '@tensorflow/tfjs-core';
import { toElements } from '../../src/runtime/lowering/image-layout.js';
import type { LoweredLibrary } from '../../src/runtime/lowering/lowering.js';
import { forward, type Network } from '../../src/runtime/lowering/network.js';
import { scoped } from '../../src/runtime/training/scope.js';
import { Updater } from '../../src/runtime/training/updater.js';
import { elementsOf, WeightStore } from '../../src/runtime/training/weight-store.js';
import { GoldenFormatError } from './fields.js';
import type { NetworkTraining } from './golden-case.js';
import { goldenBatch, goldenCondition, goldenExamples, goldenNoise } from './golden-inputs.js';
import { goldenNetwork, storedName } from './golden-network.js';
import { goldenObjective } from './golden-objective.js';
import { goldenUpdateRule } from './golden-update-rule.js';
import { type StoredTensors, storedTensor } from './stored-tensors.js';
import type { Trajectory } from './trajectory.js';

/** What came of running a training. */
export interface TrainingOutcome {
  readonly trajectory: Trajectory;
  /** By stored name. */
  readonly final: ReadonlyMap<string, Float32Array>;
  /** The output for `x_eval` in evaluation mode after the last step; null where there is none. */
  readonly evalOutput: Float32Array | null;
}

/** Where a training starts, and what it is given. */
export interface TrainingFiles {
  readonly start: StoredTensors;
  readonly inputs: StoredTensors;
  /** Of its tensors among the inputs. */
  readonly prefix: string;
  /** The clean batch of a step as its network takes it. */
  readonly batch: (step: number) => Tensor;
}

/** Targets are stored as the loss sees them. */
const asStored = { divideBy: 1, mean: 0, std: 1 };

/**
 * Trains a network on stored batches and random numbers, with the lowerings and the updater that a trial uses.
 * @throws GoldenFormatError, UnknownWord
 */
export function runTraining(training: NetworkTraining, files: TrainingFiles, words: LoweredLibrary): TrainingOutcome {
  const { layers, input, steps, loss } = training;
  const golden = goldenNetwork(input.shape, layers, files.start, words);
  const objective = goldenObjective(loss, golden, words);
  const { network } = golden;
  const starts = initialValues(network, files.start);
  const store = new WeightStore(network.weights, starts);
  const updater = new Updater(network, objective, goldenUpdateRule(training, words), store, starts);
  const names = new Map(network.weights.map((weight) => [weight.key, storedName(weight)]));
  const nameOf = (key: string) => names.get(key) ?? key;
  const reports = Array.from({ length: steps }, (_, step) =>
    scoped(() => {
      const batch = files.batch(step);
      const wanted = `${files.prefix}t`;
      const target = files.inputs.has(wanted) ? goldenBatch(files.inputs, wanted, step, asStored) : batch;
      const noise = goldenNoise(files.inputs, layers, files.prefix, step);
      return updater.step(
        {
          input: batch,
          clean: batch,
          target,
          condition: goldenCondition(files.inputs, layers, files.prefix, step),
        },
        { time: { epoch: 0, step, epochs: 1, steps }, noise },
      );
    }),
  );
  const final = new Map([...store.values()].map(([key, values]) => [nameOf(key), values]));
  const evalOutput = files.inputs.has(`${files.prefix}x_eval`) ? evaluated(network, store, training, files) : null;
  updater.dispose();
  store.dispose();
  const norms = [...(reports[0]?.gradientNorms ?? [])].map(([key, norm]) => [nameOf(key), norm]);
  return {
    trajectory: {
      terms: Object.fromEntries(loss.map(({ name }, i) => [name, reports.map(({ terms }) => terms[i] ?? Number.NaN)])),
      total: reports.map(({ terms }) =>
        loss.reduce((sum, { weight }, i) => sum + weight * (terms[i] ?? Number.NaN), 0),
      ),
      globalGradientNorm: reports.map(({ gradientNorm }) => gradientNorm),
      gradientNormStep1: Object.fromEntries(norms),
    },
    final,
    evalOutput,
  };
}

function initialValues(network: Network, start: StoredTensors): ReadonlyMap<string, Float32Array> {
  return new Map(network.weights.map((weight) => [weight.key, floats(start, storedName(weight))]));
}

/** @throws GoldenFormatError for a tensor that isn't there or isn't float32 */
export function floats(tensors: StoredTensors, name: string): Float32Array {
  const { elements } = storedTensor(tensors, name);
  if (!(elements instanceof Float32Array)) throw new GoldenFormatError(`'${name}' is not float32`);
  return elements;
}

function evaluated(
  network: Network,
  store: WeightStore,
  { input, layers, steps }: NetworkTraining,
  { inputs, prefix }: TrainingFiles,
): Float32Array {
  return scoped(() => {
    const { output } = forward(network, goldenExamples(inputs, `${prefix}x_eval`, input), {
      weights: store.tensors,
      condition: null,
      training: false,
      sampling: false,
      time: { epoch: 1, step: steps, epochs: 1, steps },
      noise: goldenNoise(inputs, layers, prefix, 0),
      update: (key) => {
        throw new RangeError(`an evaluation changed the statistic '${key}'`);
      },
    });
    const shape = network.nodes.at(-1)?.output ?? network.input;
    return elementsOf(toElements(output, shape));
  });
}
