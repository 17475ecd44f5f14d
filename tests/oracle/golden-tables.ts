import { type Scalar, sum, type Tensor, tensor, transpose } from '@tensorflow/tfjs-core';
import { type Shape, sameShape } from '../../src/compiler/ir/shape.js';
import type { LayerReference, Value } from '../../src/compiler/ir/value.js';
import { knownWord } from '../../src/compiler/library/library.js';
import type { LayerContext, LossLowering, LoweredLibrary } from '../../src/runtime/lowering/lowering.js';
import { operations } from '../../src/runtime/lowering/operations.js';
import { gradientsOf } from '../../src/runtime/training/gradients.js';
import { scoped } from '../../src/runtime/training/scope.js';
import { elementsOf, scalarValue } from '../../src/runtime/training/weight-store.js';
import { lossContextOf } from '../runtime/lowering/lone-loss.js';
import { definedWords } from './defined-words.js';
import { Fields, GoldenFormatError } from './fields.js';
import { readLayer } from './golden-layers.js';
import { type Deviation, type GoldenReport, worst } from './golden-report.js';

/** No tolerance is stored with the tables; these are the ones the format's description allows. */
const activationTolerance = 4e-6;
const lossTolerance = 1e-6;

const format = 'autoencoder-golden/1';

/**
 * Compares a table (activations, losses, definitions, output shapes) with what the words compute on TF.js's current backend.
 * @throws GoldenFormatError, UnknownWord
 */
export function runTable(name: string, json: string, words: LoweredLibrary): GoldenReport {
  const table = Fields.parse(json, name);
  if (table.text('format') !== format) throw new GoldenFormatError(`${name} is not in the format '${format}'`);
  table.ignore('provenance');
  return { name, outcome: 'compared', deviations: deviationsOf(table, words) };
}

function deviationsOf(table: Fields, words: LoweredLibrary): readonly Deviation[] {
  const kind = table.text('kind');
  switch (kind) {
    case 'activations': {
      const x = table.numbers('x');
      return worst(table.objects('rows').flatMap((row) => activationRow(row, x, words)));
    }
    case 'losses':
      return worst(table.objects('rows').flatMap((row) => lossRow(row, words)));
    case 'definitions':
      return worst(table.objects('rows').flatMap((row) => definitionRow(row, words)));
    case 'shapes':
      return worst(table.objects('rows').map((row) => shapeRow(row, words)));
    default:
      throw new GoldenFormatError(`unsupported table '${kind}'`);
  }
}

/** By `|a - b| / max(1, |b|)`. Where PyTorch has NaN (infinity times zero), ours must not be finite. */
function deviation(ours: ArrayLike<number>, expected: readonly number[]): number {
  let largest = ours.length === expected.length ? 0 : Number.POSITIVE_INFINITY;
  expected.forEach((value, i) => {
    const own = ours[i] ?? Number.NaN;
    if (Number.isNaN(value)) largest = Math.max(largest, Number.isFinite(own) ? Number.POSITIVE_INFINITY : 0);
    else if (own !== value) {
      const distance = Math.abs(own - value) / Math.max(1, Math.abs(value));
      largest = Math.max(largest, Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance);
    }
  });
  return largest;
}

function activationRow(row: Fields, x: readonly number[], words: LoweredLibrary): readonly Deviation[] {
  const { word, arguments: args } = readLayer(row.text('kind'), row);
  const lowering = knownWord(words, 'layer', { word }).lower(operations);
  const expected = { y: row.numbers('y_float64'), derivative: row.numbers('derivative_float64') };
  row.ignore('y', 'derivative');
  row.done();
  return scoped(() => {
    const input = tensor([...x], [1, x.length], 'float32');
    const forward = () => lowering.forward(args, input, aloneIn([x.length]));
    const [derivative = input] = gradientsOf(() => sum<Scalar>(forward()), [input]);
    return [
      { measure: 'value', deviation: deviation(elementsOf(forward()), expected.y), tolerance: activationTolerance },
      {
        measure: 'gradient',
        deviation: deviation(elementsOf(derivative), expected.derivative),
        tolerance: activationTolerance,
      },
    ];
  });
}

/** A layer without weights, noise or company. */
function aloneIn(shape: Shape): LayerContext {
  const absent = (): never => {
    throw new GoldenFormatError('an activation needs nothing but its input');
  };
  return {
    weights: {},
    tied: new Set(),
    input: shape,
    output: shape,
    constantInput: false,
    training: true,
    sampling: true,
    noise: { uniform: absent, normal: absent },
    heads: {},
    earlier: absent,
    argumentsOf: absent,
    condition: absent,
    update: absent,
  };
}

function lossRow(row: Fields, words: LoweredLibrary): readonly Deviation[] {
  const kind = row.text('kind');
  const loss = knownWord(words, 'loss', { word: kind });
  const args = lossArguments(kind, row);
  const expected = { value: numberOf(row.value('value_float64')), gradients: row.object('gradients_float64') };
  const inputs = row.object('inputs');
  row.ignore('summary', 'value', 'gradients');
  row.done();
  return scoped(() => {
    const given = new Map(inputs.names.map((name) => [name, inputTensor(inputs.object(name))]));
    const value = (): Scalar => lossValue(loss.lower(operations), args, given);
    const names = expected.gradients.names;
    const gradients = gradientsOf(
      value,
      names.map((name) => inputOf(given, name)),
    );
    const deviations = names.map((name, i) =>
      deviation(elementsOf(gradients[i] ?? tensor([])), listOf(expected.gradients.value(name))),
    );
    return [
      { measure: 'value', deviation: deviation([scalarValue(value())], [expected.value]), tolerance: lossTolerance },
      { measure: 'gradient', deviation: Math.max(0, ...deviations), tolerance: lossTolerance },
    ];
  });
}

/** A loss, a penalty or an activation as an `.ae` file defines it. */
function definitionRow(row: Fields, words: LoweredLibrary): readonly Deviation[] {
  const {
    library,
    names: [name = ''],
  } = definedWords([row.text('definition')], words);
  const given = row.object('arguments');
  const args: Record<string, Value> = { on: someLayer };
  for (const argument of given.names) args[argument] = given.number(argument);
  const expected = { value: row.numbers('value_float64'), gradients: row.object('gradients_float64') };
  const inputs = row.object('inputs');
  row.ignore('summary', 'value', 'gradients');
  row.done();
  return scoped(() => {
    const tensors = new Map(
      inputs.names.map((each) => [each === 'on' ? 'hidden' : each, channelsLast(inputTensor(inputs.object(each)))]),
    );
    const forward = (): Tensor => {
      const x = tensors.get('x');
      if (x === undefined)
        return lossValue(knownWord(library, 'loss', { word: name }).lower(operations), args, tensors);
      const { lower } = knownWord(library, 'layer', { word: name });
      return lower(operations).forward(args, x, aloneIn(channelsFirst(x).shape.slice(1)));
    };
    const names = expected.gradients.names;
    const gradients = gradientsOf(
      () => sum<Scalar>(forward()),
      names.map((each) => inputOf(tensors, each === 'on' ? 'hidden' : each)),
    );
    const deviations = names.map((each, i) =>
      deviation(elementsOf(channelsFirst(gradients[i] ?? tensor([]))), listOf(expected.gradients.value(each))),
    );
    return [
      {
        measure: 'value',
        deviation: deviation(elementsOf(channelsFirst(forward())), expected.value),
        tolerance: lossTolerance,
      },
      { measure: 'gradient', deviation: Math.max(0, ...deviations), tolerance: lossTolerance },
    ];
  });
}

/** Images as the words see them. */
function channelsLast(images: Tensor): Tensor {
  return images.rank === 4 ? transpose(images, [0, 2, 3, 1]) : images;
}

function channelsFirst(images: Tensor): Tensor {
  return images.rank === 4 ? transpose(images, [0, 3, 1, 2]) : images;
}

const someLayer: LayerReference = { kind: 'layer', block: 'encoder', index: 0, head: null };

function lossArguments(kind: string, row: Fields): Readonly<Record<string, Value>> {
  const reduction = row.text('reduction');
  switch (kind) {
    case 'huber':
      return { reduction, delta: row.number('delta'), weights: null };
    case 'kl_sparsity':
      return { reduction, rho: row.number('rho'), beta: 1, on: someLayer };
    case 'gaussian_nll':
      return { reduction, eps: row.number('eps'), on: someLayer };
    case 'kl_gaussian':
      return { reduction, beta: 1, free_bits: 0, on: someLayer };
    default:
      return { reduction, weights: row.has('weights') ? row.numbers('weights') : null };
  }
}

function lossValue(
  lowering: LossLowering,
  args: Readonly<Record<string, Value>>,
  given: ReadonlyMap<string, Tensor>,
): Scalar {
  const nothing = tensor([0]);
  return lowering.value(
    args,
    lossContextOf({
      prediction: given.get('output') ?? nothing,
      target: given.get('target') ?? nothing,
      input: given.get('target') ?? nothing,
      layer: ({ head }) => inputOf(given, head ?? 'hidden'),
    }),
  );
}

function inputTensor(input: Fields): Tensor {
  return tensor([...input.numbers('data')], [...input.numbers('shape')], 'float32');
}

function inputOf(given: ReadonlyMap<string, Tensor>, name: string): Tensor {
  const input = given.get(name);
  if (!input) throw new GoldenFormatError(`a row has no input '${name}'`);
  return input;
}

/** A number; JSON has texts for those that are not finite. */
function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  if (value === 'Infinity' || value === '-Infinity' || value === 'NaN') return Number(value);
  throw new GoldenFormatError(`${JSON.stringify(value)} is not a number`);
}

function listOf(value: unknown): readonly number[] {
  if (!Array.isArray(value)) throw new GoldenFormatError('a gradient is not a list');
  return value.map((x: unknown) => numberOf(x));
}

/** The output shape by the word's shape rule: as stated, or infinitely far. */
function shapeRow(row: Fields, words: LoweredLibrary): Deviation {
  const op = row.text('op');
  const word = knownWord(words, 'layer', { word: op });
  const [, ...input] = row.numbers('input');
  const [, ...expected] = row.numbers('output');
  const args = {
    kernel: row.pair('kernel'),
    stride: row.pair('stride'),
    padding: row.pair('padding'),
    ...(row.has('out_channels') ? { channels: row.number('out_channels'), bias: true } : {}),
    dilation: row.pair('dilation', [1, 1]),
    groups: row.number('groups', 1),
    ...(row.has('output_padding') ? { output_padding: row.pair('output_padding') } : {}),
  };
  row.done();
  const shape = word.shape(args, input, {});
  const agrees = shape.ok && sameShape(shape.value, expected);
  return { measure: 'shape', deviation: agrees ? 0 : Number.POSITIVE_INFINITY, tolerance: 0 };
}
