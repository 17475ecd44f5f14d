import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import { plainArguments, type WordValue } from '../../compiler/ir/value.js';
import { knownWord } from '../../compiler/library/library.js';
import type { ArgumentsOf, Parameters, ResolvedArgumentsOf } from '../../compiler/library/parameter.js';
import type { ResamplingWord, ScheduleTime } from '../../compiler/library/word.js';
import { log } from '../../numerics/float64.js';
import { toElements } from '../lowering/image-layout.js';
import { forward, type NetworkNode, type NetworkWeight, referenceKey } from '../lowering/network.js';
import { stream } from '../random/stream.js';
import { NoiseStreams } from './drawn-noise.js';
import { cleanBatch, tensorBatch } from './examples.js';
import type { SlotValues } from './optimizer-state.js';
import { scoped } from './scope.js';
import type { TrialContext } from './trial-context.js';
import { elementsOf } from './weight-store.js';

/** A resampling word with what it asks for. */
export interface TrainedResampling<P extends Parameters = Parameters> extends ResamplingWord<P> {
  /** @param step updates of the stage so far */
  isDue(args: ArgumentsOf<P>, step: number): boolean;
  /** The weight of the encoder's last layer that counts how long each unit was idle. */
  readonly counters: string;
  /** @param code arguments of the encoder's last layer */
  plan(args: ArgumentsOf<P>, code: ResolvedArgumentsOf<Parameters>): ResamplingPlan;
}

export interface ResamplingPlan {
  /** Idle steps after which a unit is dead. */
  readonly deadAfter: number;
  /** Most training examples to choose from. */
  readonly examples: number;
  /** Norm of a new row of the encoder, in mean norms of living rows. */
  readonly scale: number;
}

/** What started anew: units, and the training example of each. */
export interface Resampled {
  readonly units: readonly number[];
  readonly examples: readonly number[];
}

const nothing: Resampled = { units: [], examples: [] };

/** The layers that new directions are written into. */
interface Places {
  readonly code: NetworkNode;
  readonly encoder: NetworkNode;
  readonly decoder: NetworkNode;
  /** Weights between the encoder's matrix and the counters, one number for each unit. */
  readonly between: readonly NetworkWeight[];
}

/** Lets dead units start anew from examples that are rebuilt badly (Bricken et al. 2023). */
export class Resampler {
  readonly #context: TrialContext;
  readonly #word: TrainedResampling;
  readonly #arguments: ArgumentsOf<Parameters>;
  readonly #places: Places;

  /** @throws UnknownWord */
  constructor(resample: WordValue, context: TrialContext) {
    this.#context = context;
    this.#word = knownWord(context.library, 'resampling', resample.word);
    this.#arguments = plainArguments(resample.arguments);
    this.#places = placesIn(context);
  }

  isDue(step: number): boolean {
    return this.#word.isDue(this.#arguments, step);
  }

  /**
   * Writes new weights, and zeros into the optimizer's slots for them.
   * @param time of the coming update
   * @param slots are changed in place
   */
  resample(time: ScheduleTime, slots: SlotValues): Resampled {
    const { weights, network } = this.#context;
    const { code, encoder, decoder, between } = this.#places;
    const plan = this.#word.plan(this.#arguments, code.argumentsAt(time));
    const key = (node: NetworkNode, name: string) => keyOf(node, name);
    const idle = elementsOf(weights.get(key(code, this.#word.counters)));
    const dead = [...idle.keys()].filter((unit) => (idle[unit] ?? 0) >= plan.deadAfter);
    if (dead.length === 0) return nothing;
    const examples = this.#choose(dead.length, plan.examples, time);
    const units = dead.slice(0, examples.length);
    if (units.length === 0) return nothing;
    const vectors = this.#inputs(examples, time);
    const matrix = elementsOf(weights.get(key(encoder, 'weight')));
    const columns = elementsOf(weights.get(key(decoder, 'weight')));
    const [all, inputs] = [idle.length, matrix.length / idle.length];
    const norm = plan.scale * meanNorm(matrix, inputs, new Set(dead));
    const bias = encoder.weights.bias === undefined ? [] : [key(encoder, 'bias')];
    const starts = [
      ...bias.map((name) => ({ name, start: 0 })),
      ...between.map((weight) => ({ name: weight.key, start: startOf(weight) })),
      { name: key(code, this.#word.counters), start: 0 },
    ].map(({ name, start }) => ({ name, start, values: elementsOf(weights.get(name)) }));
    for (const [i, unit] of units.entries()) {
      const vector = vectors.subarray(i * inputs, (i + 1) * inputs);
      const length = Math.sqrt(sumOfSquares(vector));
      for (const [at, value] of vector.entries()) {
        matrix[unit * inputs + at] = (norm / length) * value;
        columns[at * all + unit] = value / length;
      }
      for (const { start, values } of starts) values[unit] = start;
    }
    const written = [
      { name: key(encoder, 'weight'), values: matrix },
      { name: key(decoder, 'weight'), values: columns },
      ...starts,
    ];
    const shapes = new Map(network.weights.map((weight) => [weight.key, weight.shape]));
    for (const { name, values } of written) {
      const shape = shapes.get(name);
      if (shape === undefined) throw new RangeError(`there is no weight '${name}'`);
      scoped(() => weights.replace(name, tensor(values, [...shape], 'float32')));
    }
    forget(slots, key(encoder, 'weight'), units, (unit) => ({ first: unit * inputs, count: inputs, every: 1 }));
    forget(slots, key(decoder, 'weight'), units, (unit) => ({ first: unit, count: inputs, every: all }));
    for (const { name } of starts) forget(slots, name, units, (unit) => ({ first: unit, count: 1, every: 1 }));
    return { units, examples };
  }

  /**
   * Training examples by a race (Efraimidis and Spirakis 2006): each has a time drawn from an exponential distribution with its weight as
   * the rate, and the first ones win, so that no example is chosen twice.
   */
  #choose(count: number, most: number, time: ScheduleTime): readonly number[] {
    const candidates = this.#candidates(most, time.step);
    const errors = this.#errors(candidates, time);
    const largest = errors.reduce((greatest, error) => Math.max(greatest, error), 0);
    const drawn = new Float32Array(candidates.length);
    stream({ seed: this.#context.seed, path: 'resample', purpose: 'choice' }).uniform(drawn, time.step);
    const racing = [...candidates.keys()].flatMap((i) => {
      const share = (errors[i] ?? 0) / largest;
      // Half a step of the numbers above 0, whose logarithm is finite.
      return share > 0 ? [{ i, at: -log((drawn[i] ?? 0) + 2 ** -25) / (share * share) }] : [];
    });
    racing.sort((a, b) => a.at - b.at || a.i - b.i);
    return racing.slice(0, count).map(({ i }) => exampleAt(candidates, i));
  }

  /** The examples to choose from: all of them, or as many as are different among so many drawn ones. */
  #candidates(most: number, step: number): Uint32Array {
    const count = this.#context.examples.count('train');
    if (count <= most) return Uint32Array.from({ length: count }, (_, i) => i);
    const drawn = new Uint32Array(most);
    stream({ seed: this.#context.seed, path: 'resample', purpose: 'examples' }).integers(drawn, count, step);
    return Uint32Array.from(new Set(drawn));
  }

  /** The squared error of each example; 0 for one that has no direction, or none that is finite. */
  #errors(indices: Uint32Array, time: ScheduleTime): Float64Array {
    const errors = new Float64Array(indices.length);
    this.#pass(indices, time, ({ given, output, target, first, count }) => {
      for (let i = 0; i < count; i++) {
        const squares = sumOfSquares(rowOf(given, count, i));
        const [y, t] = [rowOf(output, count, i), rowOf(target, count, i)];
        const error = y.reduce((sum, value, at) => sum + (value - (t[at] ?? Number.NaN)) ** 2, 0);
        errors[first + i] = Number.isFinite(error) && Number.isFinite(squares) && squares > 0 ? error : 0;
      }
    });
    return errors;
  }

  /** What the encoder's matrix is given of examples, one after the other. */
  #inputs(examples: readonly number[], time: ScheduleTime): Float32Array {
    const parts: Float32Array[] = [];
    this.#pass(Uint32Array.from(examples), time, ({ given }) => parts.push(given));
    const all = new Float32Array(parts.reduce((total, part) => total + part.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  #pass(indices: Uint32Array, time: ScheduleTime, use: (seen: Seen) => void): void {
    const { examples, network, weights, evaluator } = this.#context;
    for (let first = 0; first < indices.length; first += evaluator.chunk) {
      const some = indices.subarray(first, first + evaluator.chunk);
      const batch = cleanBatch(examples.trainingBatch(some, time.step, time));
      scoped(() => {
        const { input, target, condition } = tensorBatch(batch, { ...network, wanted: network.input });
        const activations = forward(network, input, {
          weights: weights.tensors,
          condition,
          training: false,
          sampling: false,
          time,
          noise: new NoiseStreams('evaluation').at({ step: 0, firstExample: first }),
          update: () => {},
        });
        const given = activations.of(this.#places.encoder.source);
        const inOrder = (values: Tensor) => elementsOf(toElements(values, network.input));
        use({
          given: given.rank === 2 ? elementsOf(given) : inOrder(given),
          output: inOrder(evaluator.reader.reconstruction(activations)),
          target: inOrder(target),
          first,
          count: some.length,
        });
      });
    }
  }
}

interface Seen {
  /** What the encoder's matrix is given, the reconstruction, and what it should be: example by example. */
  readonly given: Float32Array;
  readonly output: Float32Array;
  readonly target: Float32Array;
  readonly first: number;
  readonly count: number;
}

function placesIn({ experiment, network }: TrialContext): Places {
  const byKey = new Map(network.nodes.map((node) => [node.key, node]));
  const last = referenceKey({ block: 'encoder', index: experiment.encoder.length - 1, head: null });
  const code = nodeAt(byKey, last);
  const passed: NetworkNode[] = [];
  let encoder = nodeAt(byKey, code.source);
  while (!Object.hasOwn(encoder.weights, 'weight')) {
    passed.push(encoder);
    encoder = nodeAt(byKey, encoder.source);
  }
  let decoder = nodeAt(byKey, network.output);
  while (!Object.hasOwn(decoder.weights, 'weight')) decoder = nodeAt(byKey, decoder.source);
  const keys = new Set(passed.flatMap(({ weights }) => Object.values(weights).map(({ key }) => key)));
  const between = network.weights.filter(({ key, trainable }) => trainable && keys.has(key));
  return { code, encoder, decoder, between };
}

function nodeAt(nodes: ReadonlyMap<string, NetworkNode>, key: string): NetworkNode {
  const node = nodes.get(key);
  if (!node) throw new RangeError(`the network has no layer '${key}' whose units start anew`);
  return node;
}

function keyOf({ key, weights }: NetworkNode, name: string): string {
  const use = weights[name];
  if (use === undefined) throw new RangeError(`the layer '${key}' has no '${name}'`);
  return use.key;
}

function startOf({ key, initial }: NetworkWeight): number {
  if (initial.kind !== 'constant') throw new RangeError(`'${key}' doesn't start from one number`);
  return initial.value;
}

function exampleAt(examples: Uint32Array, i: number): number {
  const example = examples[i];
  if (example === undefined) throw new RangeError(`there is no candidate ${i}`);
  return example;
}

/** Mean norm of the rows of living units, or of all rows where every unit is dead. */
function meanNorm(matrix: Float32Array, length: number, dead: ReadonlySet<number>): number {
  const rows = Array.from({ length: matrix.length / length }, (_, row) => row);
  const living = rows.filter((row) => !dead.has(row));
  const counted = living.length > 0 ? living : rows;
  const norms = counted.map((row) => Math.sqrt(sumOfSquares(matrix.subarray(row * length, (row + 1) * length))));
  return norms.reduce((sum, norm) => sum + norm, 0) / counted.length;
}

function sumOfSquares(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}

function rowOf(values: Float32Array, count: number, row: number): Float32Array {
  const length = values.length / count;
  return values.subarray(row * length, (row + 1) * length);
}

/** Sets an optimizer's slots to 0 for some elements of a weight; does nothing for a weight that it doesn't update. */
function forget(
  slots: SlotValues,
  key: string,
  units: readonly number[],
  elements: (unit: number) => { readonly first: number; readonly count: number; readonly every: number },
): void {
  for (const values of Object.values(slots[key] ?? {})) {
    for (const unit of units) {
      const { first, count, every } = elements(unit);
      for (let i = 0; i < count; i++) values[first + i * every] = 0;
    }
  }
}
