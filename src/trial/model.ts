import { broadcastTo, exp, reshape, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { codeReference, type DataNode, type ExperimentIr, wantedOf } from '../compiler/ir/experiment.js';
import { elementCount, type Shape } from '../compiler/ir/shape.js';
import { type LayerReference, ownValue, type WordUse } from '../compiler/ir/value.js';
import type { ConditionSizes } from '../compiler/library/conditions-needed.js';
import { knownWord, type Library } from '../compiler/library/library.js';
import { evaluationChunk } from '../compiler/library/memory.js';
import { arePixels } from '../compiler/library/pixels.js';
import { type BatchMaker, batchMaker } from '../runtime/datasets/batch.js';
import { keptTransforms, type TransformedSet } from '../runtime/datasets/fit.js';
import { type RawUnits, rawUnits, toRaw, toRawInDouble } from '../runtime/datasets/raw-units.js';
import { areInDouble, isPixelTransform, type Transform } from '../runtime/datasets/transform.js';
import type { Matrix } from '../runtime/evaluation/matrix.js';
import { toElements, toInside } from '../runtime/lowering/image-layout.js';
import { type Activations, forward, type Network, referenceKey } from '../runtime/lowering/network.js';
import { networkAbove, networkUpTo } from '../runtime/lowering/network-above.js';
import { networkOf } from '../runtime/lowering/network-of-experiment.js';
import { objectiveOf } from '../runtime/lowering/objective.js';
import { stream } from '../runtime/random/stream.js';
import { ConditionValues } from '../runtime/training/condition-values.js';
import { transformOf } from '../runtime/training/data-words.js';
import { NoiseStreams } from '../runtime/training/drawn-noise.js';
import { type Conditions, conditionOf, unconditioned } from '../runtime/training/examples.js';
import type { WeightValues } from '../runtime/training/initial-weights.js';
import { scheduleEnd } from '../runtime/training/stage-settings.js';
import { elementsOf, WeightStore } from '../runtime/training/weight-store.js';
import type { Words } from '../words/word.js';
import {
  type ConditionChoice,
  type ConditionSlot,
  conditionRows,
  conditionsFor,
  slotsOf,
} from './condition-choices.js';

/** Consecutive examples, each in the language's order: channel by channel, row by row. */
export interface Values {
  /** Shape of one example. */
  readonly shape: Shape;
  readonly count: number;
  readonly values: Float32Array;
}

/** Views values as a matrix with a row per example. */
export function matrixOf({ values, count, shape }: Values): Matrix {
  return { values, rows: count, columns: elementCount(shape) };
}

/** What a network is given of the examples: their classes, or these and columns; null for a network that needs nothing. */
export type Given = Int32Array | Conditions | null;

/** A trained network in evaluation mode, on TF.js's current backend. */
export class Model {
  readonly experiment: ExperimentIr;
  readonly #chunk: number;
  readonly #network: Network;
  readonly #weights: WeightStore;
  readonly #meaning: (prediction: Tensor) => Tensor;
  /** What gives the logarithms of the output's variances; null for an output without any. */
  readonly #logVariance: LayerReference | null;
  /** Transforms raw values to the network's input. */
  readonly #maker: BatchMaker;
  readonly #rawInput: RawUnits;
  /** Of what the decoder gives. */
  readonly #raw: RawUnits;
  /** Raw units for differences of outputs, shifted where float32 could not resolve them. */
  readonly #compared: RawUnits;
  readonly #conditionValues: ConditionValues;

  /**
   * @param weights with what the data's transforms took from the training part
   * @throws RangeError for weights that are not the experiment's
   */
  constructor(experiment: ExperimentIr, weights: WeightValues, library: Words) {
    this.experiment = experiment;
    this.#chunk = evaluationChunk(experiment, library);
    this.#network = networkOf(experiment, library);
    this.#weights = new WeightStore(this.#network.weights, weights);
    const terms = objectiveOf(experiment.loss, library);
    this.#meaning = terms.find(({ lowering }) => lowering.reconstruction)?.lowering.reconstruction ?? ((x) => x);
    this.#logVariance = logVarianceOf(experiment, library);
    const { data, target } = experiment;
    const { shape } = data;
    const transforms = transformsKept(data, weights, library, 'data');
    const wanted = target === null ? transforms : transformsKept(target, weights, library, 'target');
    const ofValues = transforms.filter((transform) => !isPixelTransform(transform));
    this.#maker = batchMaker(shape, ofValues, 'evaluation');
    this.#rawInput = rawUnits(transforms);
    this.#raw = rawUnits(wanted);
    const isFar = areInDouble(wanted) && !arePixels(wantedOf(experiment).rawRange);
    this.#conditionValues = new ConditionValues(experiment.data, weights, library);
    this.#compared = isFar ? { gain: this.#raw.gain, shift: Float64Array.of(0) } : this.#raw;
  }

  /** Shape of one network input. */
  get inputShape(): Shape {
    return this.experiment.data.shape;
  }

  /** Shape of what the decoder gives for one. */
  get outputShape(): Shape {
    return wantedOf(this.experiment).shape;
  }

  /**
   * Encodes each example.
   * @param images `[n, …inputShape]` in raw units: pixels in [0, 1], other numbers as in the data
   * @throws RangeError unless their number is a multiple of the input's size
   */
  encode(images: Float32Array, given: Given = null): Values {
    return this.layer(codeReference(this.experiment), images, given);
  }

  /** Reconstructs each example, or gives the model's answer to it, in raw units. */
  reconstruct(images: Float32Array, given: Given = null): Values {
    return this.reconstructSeen(this.#seen(images), given);
  }

  /** The output of any layer. @throws RangeError as `encode` */
  layer(reference: LayerReference, images: Float32Array, given: Given = null): Values {
    return this.layerOfSeen(reference, this.#seen(images), given);
  }

  /** Like `layer`, for network inputs. */
  layerOfSeen(reference: LayerReference, seen: Float32Array, given: Given): Values {
    const shape = this.#shapeOf(reference);
    const key = referenceKey(reference);
    // Layers above may need what is not known of the examples.
    const network = hasAll(given, this.#network) ? this.#network : networkUpTo(this.#network, key);
    return this.#map(network, seen, given, shape, (activations) => activations.of(key));
  }

  /** Size of a layer's output. @throws RangeError for an unknown layer */
  sizeOf(reference: LayerReference): number {
    return elementCount(this.#shapeOf(reference));
  }

  /** Like `reconstruct`, for network inputs, such as corrupted ones. */
  reconstructSeen(seen: Float32Array, given: Given): Values {
    return this.#outputOf(this.#network, seen, given);
  }

  /** Like `reconstructSeen`, in the network's units. */
  reconstructScaled(seen: Float32Array, given: Given): Values {
    return this.#map(this.#network, seen, given, this.outputShape, (activations) => this.#meaning(activations.output));
  }

  /** Whether its decoder gives a variance for each value. */
  get givesVariance(): boolean {
    return this.#logVariance !== null;
  }

  /**
   * The variance of each value of the reconstruction, in squared raw units.
   * @throws RangeError for a model whose decoder gives none
   */
  variances(seen: Float32Array, given: Given): Omit<Values, 'values'> & { readonly values: Float64Array } {
    const head = this.#logVariance;
    if (head === null) throw new RangeError('the decoder gives no variance');
    const { values, ...rest } = this.#map(this.#network, seen, given, this.outputShape, (activations) =>
      exp(broadcastTo(activations.of(referenceKey(head)), activations.output.shape)),
    );
    const { gain } = this.#raw;
    return {
      ...rest,
      values: Float64Array.from(values, (variance, i) => variance * (gain[i % gain.length] ?? 1) ** 2),
    };
  }

  /** What the layers above a layer are given. @param classNames null: the numbers of the classes */
  conditionsAbove(layer: LayerReference, classNames: readonly string[] | null): readonly ConditionSlot[] {
    const { nodes, classes } = networkAbove(this.#network, referenceKey(layer));
    const given = nodes.flatMap((node): readonly ('class' | number)[] => {
      if (node.given === undefined) return [];
      return node.given === 'class' ? [node.given] : node.given.map(({ start }) => start);
    });
    const names = Array.from({ length: classes }, (_, label) => classNames?.[label] ?? String(label));
    return slotsOf(given, names, this.experiment.data.conditions);
  }

  /** What the network is given for choices. */
  conditionsFor(choices: readonly ConditionChoice[]): Conditions {
    return conditionsFor(choices, this.experiment.data.conditions, this.#conditionValues);
  }

  /** What the network is given of columns of rows, with the statistics of its training rows. */
  get conditionValues(): ConditionValues {
    return this.#conditionValues;
  }

  /**
   * Applies the layers above a layer to its outputs; returns raw units.
   * @param outputs consecutive layer outputs, such as codes
   * @throws RangeError unless they are a whole number of outputs, or if a layer above needs one below, as `unpool2d`
   *   does
   */
  decode(outputs: Float32Array, from: LayerReference = codeReference(this.experiment), given: Given = null): Values {
    return this.#outputOf(networkAbove(this.#network, referenceKey(from)), outputs, given);
  }

  /**
   * Converts outputs, or targets, to raw values for errors: differences equal those of raw values. Columns of large
   * values are shifted to where float32 resolves them.
   */
  comparable(output: Float32Array): Float32Array {
    return toRaw(output, this.#compared);
  }

  /** Converts network inputs to raw values that can be compared with {@link comparable} ones of the same shape. */
  comparableInput(seen: Float32Array): Float32Array {
    return toRaw(seen, shiftedAlike(this.#rawInput, this.#raw, this.#compared));
  }

  /** Converts outputs, or targets, back to raw units. */
  raw(output: Float32Array): Float32Array {
    return toRaw(output, this.#raw);
  }

  /** Converts network inputs back to raw units. */
  rawInput(seen: Float32Array): Float32Array {
    return toRaw(seen, this.#rawInput);
  }

  /** Like `raw`, without rounding to float32. */
  rawInDouble(seen: Float32Array): Float64Array {
    return toRawInDouble(seen, this.#raw);
  }

  dispose(): void {
    this.#weights.dispose();
  }

  #shapeOf({ block, index, head }: LayerReference): Shape {
    const node = (block === 'encoder' ? this.experiment.encoder : this.experiment.decoder)[index];
    const shape = (head === null ? node : (node && ownValue(node.heads, head))?.at(-1))?.output;
    if (!shape) throw new RangeError('the experiment has no such layer');
    return shape;
  }

  #seen(images: Float32Array): Float32Array {
    const count = wholeExamples(images, this.#maker.size);
    const seen = new Float32Array(images.length);
    const all = Uint32Array.from({ length: count }, (_, i) => i);
    this.#maker.fill({ count, values: images, labels: null }, all, { step: 0, firstExample: 0 }, seen);
    return seen;
  }

  #outputOf(network: Network, input: Float32Array, given: Given): Values {
    const output = this.#map(network, input, given, this.outputShape, (activations) =>
      this.#meaning(activations.output),
    );
    return { ...output, values: this.raw(output.values) };
  }

  #map(
    network: Network,
    input: Float32Array,
    given: Given,
    shape: Shape,
    select: (activations: Activations) => Tensor,
  ): Values {
    const size = elementCount(network.input);
    const count = wholeExamples(input, size);
    const values = new Float32Array(count * elementCount(shape));
    const chunk = this.#chunk;
    for (let first = 0; first < count; first += chunk) {
      const part = input.subarray(first * size, Math.min(count, first + chunk) * size);
      const rows = part.length / size;
      const their = partOf(given, { first, rows, columns: network.columns });
      values.set(this.#forward(network, part, rows, their, shape, first, select), first * elementCount(shape));
    }
    return { shape, count, values };
  }

  #forward(
    network: Network,
    elements: Float32Array,
    count: number,
    conditions: Conditions,
    shape: Shape,
    firstExample: number,
    select: (activations: Activations) => Tensor,
  ): Float32Array {
    const chosen = tidy(() => {
      const input = toInside(tensor(elements, [count, elementCount(network.input)], 'float32'), network.input);
      const activations = forward(network, input, {
        weights: this.#weights.tensors,
        condition: conditionOf(conditions, network, count),
        training: false,
        sampling: false,
        time: scheduleEnd(this.experiment),
        noise: new NoiseStreams('evaluation').at({ step: 0, firstExample }),
        update: () => {},
      });
      return reshape(toElements(select(activations), shape), [-1]);
    });
    const values = elementsOf(chosen);
    chosen.dispose();
    return values;
  }
}

function hasAll(given: Given, { classes, columns }: ConditionSizes): boolean {
  const known = conditionsIn(given);
  return (classes === 0 || known.classes !== null) && (columns === 0 || known.columns !== null);
}

function conditionsIn(given: Given): Conditions {
  if (given === null) return unconditioned;
  return given instanceof Int32Array ? { classes: given, columns: null } : given;
}

/** @param columns values of them that each example has */
function partOf(
  given: Given,
  { first, rows, columns: width }: { readonly first: number; readonly rows: number; readonly columns: number },
): Conditions {
  const { classes, columns } = conditionsIn(given);
  return {
    classes: classes?.subarray(first, first + rows) ?? null,
    columns: columns?.subarray(first * width, (first + rows) * width) ?? null,
  };
}

function transformsKept(
  { shape, transforms }: DataNode,
  weights: WeightValues,
  library: Words,
  set: TransformedSet,
): readonly Transform[] {
  const requests = transforms.map((word) => transformOf(word, library));
  return keptTransforms(requests, weights, elementCount(shape), set);
}

/** Raw units shifted as others are that are compared with them. */
function shiftedAlike(units: RawUnits, raw: RawUnits, compared: RawUnits): RawUnits {
  const length = Math.max(units.shift.length, raw.shift.length, compared.shift.length);
  const at = (numbers: Float64Array, i: number): number => numbers[i % numbers.length] ?? 0;
  const shift = (_: unknown, i: number) => at(units.shift, i) - (at(raw.shift, i) - at(compared.shift, i));
  return { gain: units.gain, shift: Float64Array.from({ length }, shift) };
}

function wholeExamples(values: Float32Array, size: number): number {
  const count = values.length / size;
  if (Number.isInteger(count)) return count;
  throw new RangeError(`${values.length} values are no whole number of inputs of ${size} values`);
}

function logVarianceOf({ decoder }: ExperimentIr, library: Library): LayerReference | null {
  const last = decoder.at(-1);
  const head = last && knownWord(library, 'layer', last).logVariance;
  return head === undefined ? null : { kind: 'layer', block: 'decoder', index: decoder.length - 1, head };
}

/** Whether a layer's output has the prior N(0, 1). */
export function hasPrior(layer: WordUse | undefined, library: Library): boolean {
  return layer !== undefined && knownWord(library, 'layer', layer).distribution !== undefined;
}

/** The layer whose output has the prior N(0, 1); null if there is none. */
export function layerWithPrior({ encoder }: ExperimentIr, library: Library): LayerReference | null {
  const index = encoder.findLastIndex((layer) => hasPrior(layer, library));
  return index < 0 ? null : { kind: 'layer', block: 'encoder', index, head: null };
}

/** Conditions to draw or decode codes with. */
export interface ChosenConditions {
  readonly rows: number;
  readonly given: Conditions;
}

/**
 * Decodes `count` draws from N(0, 1), in raw units. A draw depends only on the seed and its own index, not on `count`.
 * @param conditions for a conditional decoder: each code is decoded once for each of these, one after the other
 */
export function sampleFromPrior(
  model: Model,
  on: LayerReference,
  count: number,
  seed: number,
  conditions: ChosenConditions | null,
): Values {
  const drawn = { ...on, head: null };
  const shape = model.experiment[on.block][on.index]?.output;
  if (!shape) throw new RangeError('the experiment has no such layer');
  const codes = new Float32Array(count * elementCount(shape));
  stream({ seed, path: 'figures', purpose: 'samples' }).normal(codes, 0);
  if (conditions === null) return model.decode(codes, drawn);
  const { rows } = conditions;
  const size = elementCount(shape);
  const repeated = new Float32Array(codes.length * rows);
  for (let i = 0; i < count * rows; i++) {
    const code = Math.floor(i / rows);
    repeated.set(codes.subarray(code * size, (code + 1) * size), i * size);
  }
  const each = Int32Array.from({ length: count * rows }, (_, i) => i % rows);
  return model.decode(repeated, drawn, conditionRows(conditions.given, each, model.conditionValues.size));
}
