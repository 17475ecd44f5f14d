import {
  codeReference,
  type DataNode,
  type ExperimentIr,
  type LayerNode,
  wantedOf,
  withHeads,
} from '../../compiler/ir/experiment.js';
import { elementCount, type Shape } from '../../compiler/ir/shape.js';
import {
  inputReference,
  type LayerReference,
  layersNamedBy,
  ownValue,
  plainArguments,
  type WordValue,
} from '../../compiler/ir/value.js';
import {
  type ConditionSizes,
  conditionOfLayer,
  conditionsNeeded,
  placesOfColumns,
} from '../../compiler/library/conditions-needed.js';
import { knownWord } from '../../compiler/library/library.js';
import { typedArguments } from '../../compiler/library/parameter.js';
import { UsageError } from '../../project/usage-error.js';
import { keptTransforms } from '../../runtime/datasets/fit.js';
import { rawUnits } from '../../runtime/datasets/raw-units.js';
import { areInDouble, isPixelTransform, type Transform } from '../../runtime/datasets/transform.js';
import { argumentsAt } from '../../runtime/lowering/arguments.js';
import { referenceKey, weightKey } from '../../runtime/lowering/network.js';
import { objectiveOf } from '../../runtime/lowering/objective.js';
import { transformOf } from '../../runtime/training/data-words.js';
import type { WeightValues } from '../../runtime/training/initial-weights.js';
import { scheduleEnd } from '../../runtime/training/stage-settings.js';
import type { Words } from '../../words/word.js';
import { tensorNames } from '../pytorch/names.js';
import { GraphBuilder, type ModelPart, type OnnxFloat, type OnnxGraph, type OnnxValue } from './graph.js';

/** A model, or a part of it, can't be written in ONNX's operators. */
export class NotInOnnx extends UsageError {}

export interface TrainedModel {
  readonly experiment: ExperimentIr;
  /** With what the data's transforms took from the training part. */
  readonly weights: WeightValues;
  readonly words: Words;
}

export interface PartOptions {
  readonly part: ModelPart;
  /** Whether inputs and reconstructions are in raw units. */
  readonly withTransforms: boolean;
  /** The greatest precision that the format has. */
  readonly precision: OnnxFloat;
}

/**
 * A trained model outside of training as a graph: the encoder from `input` to `code`, the decoder from `code` to
 * `reconstruction`, or the whole from `input` to `reconstruction`.
 * @throws NotInOnnx for a word without a form in ONNX, or for a decoder that needs more than the code
 */
export function modelGraph(model: TrainedModel, options: PartOptions): OnnxGraph {
  return new ModelGraph(model, options).build();
}

class ModelGraph {
  readonly #builder = new GraphBuilder();
  readonly #names: ReadonlyMap<string, string>;
  /** Transforms of pixels, then those of values, in the order they are applied. */
  readonly #words: readonly WordValue[];
  readonly #transforms: readonly Transform[];
  /** Of what the decoder gives. */
  readonly #wanted: readonly Transform[];
  /** Precision of raw values that go in. */
  readonly #precision: OnnxFloat;
  /** Precision of raw values that come out. */
  readonly #outputPrecision: OnnxFloat;
  /** How many values the second input has. */
  readonly #sizes: ConditionSizes;
  /** Inputs of the layers so far, by key. */
  readonly #inputs = new Map<string, string>();
  /** Outputs of the layers so far, by key. */
  readonly #outputs = new Map<string, string>();

  constructor(
    readonly model: TrainedModel,
    readonly options: PartOptions,
  ) {
    const { experiment, weights, words } = model;
    this.#names = tensorNames(experiment);
    this.#sizes = conditionsNeeded(experiment, words);
    const { data, target } = experiment;
    const { transforms } = data;
    const actsOnPixels = ({ word }: WordValue) => knownWord(words, 'transform', word).acts === 'before corruption';
    this.#words = [...transforms.filter(actsOnPixels), ...transforms.filter((word) => !actsOnPixels(word))];
    const requests = this.#words.map((word) => transformOf(word, words));
    this.#transforms = keptTransforms(requests, weights, elementCount(experiment.data.shape));
    this.#wanted = target === null ? this.#transforms : keptOf(target, weights, words);
    const precisionOf = (kept: readonly Transform[]): OnnxFloat =>
      options.precision === 'float64' && options.withTransforms && areInDouble(kept) ? 'float64' : 'float32';
    this.#precision = precisionOf(this.#transforms);
    this.#outputPrecision = precisionOf(this.#wanted);
  }

  build(): OnnxGraph {
    const { experiment } = this.model;
    const { part } = this.options;
    const codeShape = experiment.encoder.at(-1)?.output ?? experiment.data.shape;
    const input: OnnxValue =
      part === 'decoder'
        ? { name: 'code', type: 'float32', shape: codeShape }
        : {
            name: 'input',
            type: this.#precision,
            shape: this.options.withTransforms ? this.#rawShape() : experiment.data.shape,
          };
    let value = input.name;
    if (part !== 'decoder') value = this.#encoded(value);
    if (part === 'encoder') {
      return this.#builder.finish(experiment.name, input, this.#condition, value, {
        name: 'code',
        type: 'float32',
        shape: codeShape,
      });
    }
    value = this.#decoded(value);
    const output: OnnxValue = {
      name: 'reconstruction',
      type: this.#outputPrecision,
      shape: wantedOf(experiment).shape,
    };
    return this.#builder.finish(experiment.name, input, this.#condition, value, output);
  }

  get #condition(): OnnxValue {
    const { classes, columns } = this.#sizes;
    return { name: 'condition', type: 'float32', shape: [classes + columns] };
  }

  /** The values of the graph's second input that a layer is given. */
  #conditionOf(node: LayerNode): string {
    const { experiment, words } = this.model;
    const use = conditionOfLayer(node, words);
    if (use === null) throw new RangeError(`'${node.word}' is given no condition`);
    const { classes, columns } = this.#sizes;
    const parts = use === 'class' ? [{ start: 0, size: classes }] : placesOfColumns(use, experiment.data);
    const before = use === 'class' ? 0 : classes;
    const places = parts.flatMap(({ start, size }) => Array.from({ length: size }, (_, i) => before + start + i));
    const { name } = this.#condition;
    const isWhole = places.length === classes + columns && places.every((place, i) => place === i);
    if (isWhole) return name;
    return this.#builder.node('Gather', [name, this.#builder.integers(places)], { axis: { int: 1 } });
  }

  #encoded(input: string): string {
    const { experiment } = this.model;
    const seen = this.options.withTransforms ? this.#transformed(input) : input;
    return this.#block('encoder', experiment.encoder, seen);
  }

  #decoded(code: string): string {
    const { experiment } = this.model;
    const value = this.#reconstruction(this.#block('decoder', experiment.decoder, code));
    return this.options.withTransforms ? this.#raw(value) : value;
  }

  #block(block: 'encoder' | 'decoder', layers: readonly LayerNode[], input: string): string {
    const { experiment } = this.model;
    this.#outputs.set(referenceKey(block === 'encoder' ? inputReference : codeReference(experiment)), input);
    return layers.reduce((before, layer, index) => {
      const key = referenceKey({ block, index, head: null });
      this.#inputs.set(key, before);
      const output = this.#layer(layer, key, before);
      this.#outputs.set(key, output);
      return output;
    }, input);
  }

  #layer(node: LayerNode, key: string, input: string): string {
    const { experiment, words } = this.model;
    const { onnx, headsSee } = knownWord(words, 'layer', node);
    if (onnx === null) {
      throw new NotInOnnx(
        `the layer ${placed(node, key)} has no form in ONNX`,
        'give its word one (onnx, see docs/words.md), or export --as safetensors, which has the weights of any model',
      );
    }
    const [seen] = layersNamedBy(headsSee === undefined ? null : (ownValue(node.arguments, headsSee)?.value ?? null));
    const heads = Object.entries(node.heads).map(([head, layers]): readonly [string, string] => {
      const given = seen ? this.#earlier(seen, placed(node, key)).output : input;
      const output = layers.reduce((x, layer, i) => this.#layer(layer, `${key}/${head}/${i}`, x), given);
      this.#outputs.set(`${key}/${head}`, output);
      return [head, output];
    });
    const args = argumentsAt(node.arguments, words)(scheduleEnd(experiment));
    const scope = `${key.replaceAll('/', '.')}.${node.word}`;
    const { node: add, outputs, constant, scalar, integers } = this.#builder;
    return this.#builder.within(scope, 'float32', () =>
      onnx.output(args, input, {
        node: add,
        outputs,
        constant,
        scalar,
        integers,
        input: node.input,
        output: node.output,
        heads: Object.fromEntries(heads),
        hasBias: node.weights.some(({ name }) => name === 'bias'),
        condition: () => this.#conditionOf(node),
        weight: (name) => this.#weight(node, name),
        isTied: (name) => node.weights.some((weight) => weight.name === name && weight.tiedTo?.transposed === true),
        earlier: (layer) => this.#earlier(layer, placed(node, key)),
      }),
    );
  }

  #weight(node: LayerNode, name: string): string {
    const { experiment, weights } = this.model;
    const declared = node.weights.find((weight) => weight.name === name);
    const owner = declared?.tiedTo ?? { address: node.address, name };
    if (declared === undefined || owner.address === null)
      throw new RangeError(`'${node.word}' has no weight '${name}'`);
    const key = weightKey(owner.address, owner.name);
    const values = weights.get(key);
    if (!values) throw new RangeError(`the run has no weight '${key}'`);
    const shape = declared.tiedTo === null ? declared.shape : ownShape(experiment, key);
    return this.#builder.tensor({ name: this.#names.get(key) ?? key, shape, type: 'float32', values });
  }

  #earlier(layer: LayerReference, by: string) {
    const { experiment } = this.model;
    const node = experiment[layer.block][layer.index];
    const known = (values: ReadonlyMap<string, string>, key: string, what: string): string => {
      const value = values.get(key);
      if (value !== undefined) return value;
      const owner = node === undefined ? 'the input' : placed(node, key);
      throw new NotInOnnx(
        `the decoder cannot be written alone: the layer ${by} needs ${what === '' ? owner : `what ${owner} ${what}`}`,
        'export the whole model: --part whole',
      );
    };
    const inputs = this.#inputs;
    const outputs = this.#outputs;
    return {
      get input() {
        return known(inputs, referenceKey({ ...layer, head: null }), 'was given');
      },
      get output() {
        return known(outputs, referenceKey(layer), node === undefined ? '' : 'gave');
      },
      arguments: node === undefined ? {} : plainArguments(node.arguments),
    };
  }

  /** Converts the decoder's output to the reconstruction if the loss defines one, as with logits. */
  #reconstruction(value: string): string {
    const { experiment, words } = this.model;
    const index = objectiveOf(experiment.loss, words).findIndex(({ lowering }) => lowering.reconstruction);
    const term = experiment.loss[index];
    if (term === undefined) return value;
    const { reconstructionInOnnx: form, name } = knownWord(words, 'loss', term.loss);
    if (form === undefined) {
      throw new NotInOnnx(
        `the loss '${name}' does not say in ONNX what the reconstruction is of the decoder's output`,
        'export the encoder (--part encoder), or give its word reconstructionInOnnx: see docs/words.md',
      );
    }
    return this.#builder.within('reconstruction', 'float32', () => form(value, this.#builder));
  }

  /** The index of the first transform that a graph holds: it starts after the last that each example draws for. */
  #firstTransform(): number {
    return 1 + this.#words.findLastIndex(({ word }) => knownWord(this.model.words, 'transform', word).onnx === 'drawn');
  }

  #rawShape(): Shape {
    const before = this.#words.slice(0, this.#firstTransform());
    return before.reduce((shape: Shape, word) => this.#shapeAfter(word, shape), this.model.experiment.data.storedShape);
  }

  #shapeAfter({ word: name, arguments: given }: WordValue, shape: Shape): Shape {
    const word = knownWord(this.model.words, 'transform', name);
    const ruling = word.shape(typedArguments(word.parameters, plainArguments(given)), shape);
    if (!ruling.ok) throw new RangeError(`'${name}' does not take the data`);
    return ruling.value;
  }

  #transformed(input: string): string {
    const { experiment, words } = this.model;
    const first = this.#firstTransform();
    let shape = this.#rawShape();
    let value = input;
    for (const [index, request] of this.#words.entries()) {
      if (index < first) continue;
      const word = knownWord(words, 'transform', request.word);
      const args = typedArguments(word.parameters, plainArguments(request.arguments));
      const { node, outputs, constant, scalar, integers } = this.#builder;
      const graph = { node, outputs, constant, scalar, integers };
      const made = this.#builder.within(`data.${request.word}`, this.#precision, () => {
        if (word.onnx === null || word.onnx === 'drawn') return null;
        if (word.acts === 'before corruption') return word.onnx.output(args, value, { ...graph, input: shape });
        const statistic = (name: string) => constant(this.#statistic(index, name), experiment.data.shape);
        return word.onnx.output(args, value, { ...graph, statistic });
      });
      if (made === null) {
        throw new NotInOnnx(
          `the transform '${request.word}' cannot be written in ONNX with these arguments`,
          'export without --with-transforms, and give the model what the transforms make of the data',
        );
      }
      value = made;
      shape = this.#shapeAfter(request, shape);
    }
    return this.#precision === 'float32' ? value : this.#cast(value, 1);
  }

  #statistic(index: number, name: string): ArrayLike<number> {
    const transform = this.#transforms[index];
    const numbers = transform && !isPixelTransform(transform) ? transform.numbers[name] : undefined;
    if (!numbers) throw new RangeError(`the transform took no '${name}' from the training part`);
    return numbers;
  }

  /** From the network's units to the data's own. */
  #raw(value: string): string {
    const precision = this.#outputPrecision;
    const { gain, shift } = rawUnits(this.#wanted);
    if (gain.every((factor) => factor === 1) && shift.every((added) => added === 0)) {
      return precision === 'float32' ? value : this.#cast(value, 11);
    }
    return this.#builder.within('data.raw', precision, () => {
      const { node, constant } = this.#builder;
      const ofShape = (numbers: Float64Array) =>
        constant(numbers, numbers.length === 1 ? [] : wantedOf(this.model.experiment).shape);
      const given = precision === 'float32' ? value : this.#cast(value, 11);
      return node('Add', [node('Mul', [given, ofShape(gain)]), ofShape(shift)]);
    });
  }

  /** @param type of `TensorProto.DataType`: 1 for float32, 11 for float64 */
  #cast(value: string, type: 1 | 11): string {
    return this.#builder.node('Cast', [value], { to: { int: type } });
  }
}

function keptOf({ transforms, shape }: DataNode, weights: WeightValues, words: Words): readonly Transform[] {
  const requests = transforms.map((word) => transformOf(word, words));
  return keptTransforms(requests, weights, elementCount(shape), 'target');
}

/** `'conv2d' (encoder.0, "h1")` */
function placed({ word, label }: LayerNode, key: string): string {
  return `'${word}' (${key.replaceAll('/', '.')}${label === null ? '' : `, '${label}'`})`;
}

/** Shape of a weight in its owner's layout. */
function ownShape({ encoder, decoder }: ExperimentIr, key: string): Shape {
  const all = withHeads([...encoder, ...decoder]);
  const found = all.flatMap(({ address, weights }) =>
    address === null ? [] : weights.filter(({ name, tiedTo }) => tiedTo === null && weightKey(address, name) === key),
  );
  const [own] = found;
  if (!own) throw new RangeError(`no layer owns the weight '${key}'`);
  return own.shape;
}
