import type { Shape } from '../../../src/compiler/ir/shape.js';
import type { LayerReference, Value } from '../../../src/compiler/ir/value.js';
import { builtinWords } from '../../../src/words/words.js';

/** A layer with arguments, to be compared with finite differences. */
export interface LayerCase {
  readonly word: string;
  readonly arguments: Readonly<Record<string, Value>>;
  /** Without the batch. */
  readonly input: Shape;
  readonly output: Shape;
  readonly weights?: Readonly<Record<string, Shape>>;
  readonly tied?: readonly string[];
  readonly heads?: Readonly<Record<string, Shape>>;
  /** What an earlier layer gave, if not what this one gives. */
  readonly earlier?: Shape;
  /** Running statistics are no parameters. */
  readonly statistics?: Readonly<Record<string, Shape>>;
}

export const someLayer: LayerReference = { kind: 'layer', block: 'encoder', index: 0, head: null };

const none = { activation: null, init: null };
const apart = { dilation: [1, 1], groups: 1 };
const image = [2, 5, 4];
const signal = [2, 6];

const activation = (word: string, args: Readonly<Record<string, Value>> = {}): LayerCase => ({
  word,
  arguments: args,
  input: [7],
  output: [7],
});

/** At least one for every layer that there is. */
export const layerCases: readonly LayerCase[] = [
  {
    word: 'dense',
    arguments: { ...none, features: 3, bias: true },
    input: [4],
    output: [3],
    weights: { weight: [3, 4], bias: [3] },
  },
  {
    word: 'dense',
    arguments: { ...none, features: 3, bias: false },
    input: [4],
    output: [3],
    weights: { weight: [3, 4] },
  },
  {
    word: 'dense',
    arguments: { ...none, features: 3, bias: true },
    input: [4],
    output: [3],
    weights: { weight: [4, 3], bias: [3] },
    tied: ['weight'],
  },
  { word: 'dropout', arguments: { p: 0.4 }, input: [9], output: [9] },
  { word: 'add', arguments: { from: someLayer }, input: image, output: image },
  { word: 'add', arguments: { from: someLayer }, input: [6], output: [6], heads: { shortcut: [6] } },
  { word: 'concat', arguments: { from: [someLayer] }, input: image, output: [4, 5, 4], earlier: image },
  { word: 'concat', arguments: { from: [someLayer, someLayer] }, input: [3], output: [7], earlier: [2] },
  { word: 'flatten', arguments: {}, input: image, output: [40] },
  { word: 'condition', arguments: { on: 'label', columns: null, embedding: null }, input: [4], output: [7] },
  {
    word: 'condition',
    arguments: { on: 'label', columns: null, embedding: 2 },
    weights: { weight: [3, 2] },
    input: [4],
    output: [6],
  },
  { word: 'condition', arguments: { on: 'label', columns: null, embedding: null }, input: image, output: [5, 4, 5] },
  {
    word: 'condition',
    arguments: { on: 'label', columns: null, embedding: 1 },
    weights: { weight: [3, 1] },
    input: image,
    output: [3, 4, 5],
  },
  { word: 'reshape', arguments: { shape: [4, 2, 5] }, input: image, output: [4, 2, 5] },
  {
    word: 'conv2d',
    arguments: { ...none, ...apart, channels: 3, kernel: [3, 2], stride: [2, 1], padding: [1, 1], bias: true },
    input: image,
    output: [3, 3, 5],
    weights: { weight: [3, 2, 3, 2], bias: [3] },
  },
  {
    word: 'conv2d',
    arguments: { ...none, ...apart, channels: 3, kernel: [2, 2], stride: [1, 1], padding: [0, 0], bias: false },
    input: image,
    output: [3, 4, 3],
    weights: { weight: [3, 2, 2, 2] },
  },
  {
    word: 'conv_transpose2d',
    arguments: {
      ...none,
      ...apart,
      channels: 3,
      kernel: [3, 2],
      stride: [2, 2],
      padding: [1, 0],
      output_padding: [1, 1],
      bias: true,
    },
    input: image,
    output: [3, 10, 9],
    weights: { weight: [2, 3, 3, 2], bias: [3] },
  },
  {
    word: 'conv2d',
    arguments: {
      ...none,
      channels: 4,
      kernel: [2, 2],
      stride: [1, 2],
      padding: [1, 0],
      dilation: [3, 2],
      groups: 2,
      bias: true,
    },
    input: image,
    output: [4, 4, 1],
    weights: { weight: [4, 1, 2, 2], bias: [4] },
  },
  {
    word: 'conv_transpose2d',
    arguments: {
      ...none,
      channels: 4,
      kernel: [2, 3],
      stride: [2, 1],
      padding: [1, 1],
      output_padding: [1, 0],
      dilation: [1, 2],
      groups: 2,
      bias: true,
    },
    input: image,
    output: [4, 9, 6],
    weights: { weight: [2, 2, 2, 3], bias: [4] },
  },
  {
    word: 'conv1d',
    arguments: { ...none, channels: 4, kernel: 2, stride: 2, padding: 1, dilation: 3, groups: 2, bias: true },
    input: signal,
    output: [4, 3],
    weights: { weight: [4, 1, 2], bias: [4] },
  },
  {
    word: 'conv_transpose1d',
    arguments: {
      ...none,
      channels: 3,
      kernel: 3,
      stride: 2,
      padding: 1,
      output_padding: 1,
      dilation: 1,
      groups: 1,
      bias: false,
    },
    input: signal,
    output: [3, 12],
    weights: { weight: [2, 3, 3] },
  },
  {
    word: 'batch_norm',
    arguments: { eps: 1e-5, momentum: 0.1 },
    input: signal,
    output: signal,
    weights: { weight: [2], bias: [2] },
    statistics: { running_mean: [2], running_var: [2] },
  },
  {
    word: 'layer_norm',
    arguments: { eps: 1e-5 },
    input: signal,
    output: signal,
    weights: { weight: signal, bias: signal },
  },
  { word: 'reshape', arguments: { shape: [4, 10] }, input: image, output: [4, 10] },
  { word: 'flatten', arguments: {}, input: signal, output: [12] },
  { word: 'max_pool2d', arguments: { kernel: [2, 2], stride: null, padding: [0, 0] }, input: image, output: [2, 2, 2] },
  {
    word: 'max_pool2d',
    arguments: { kernel: [3, 3], stride: [2, 1], padding: [1, 1] },
    input: image,
    output: [2, 3, 4],
  },
  {
    word: 'avg_pool2d',
    arguments: { kernel: [2, 2], stride: [2, 1], padding: [1, 0] },
    input: image,
    output: [2, 3, 3],
  },
  { word: 'upsample2d', arguments: { factor: null, size: [8, 8] }, input: image, output: [2, 8, 8] },
  {
    word: 'batch_norm',
    arguments: { eps: 1e-5, momentum: 0.1 },
    input: [4],
    output: [4],
    weights: { weight: [4], bias: [4] },
    statistics: { running_mean: [4], running_var: [4] },
  },
  {
    word: 'batch_norm',
    arguments: { eps: 1e-5, momentum: 0.1 },
    input: image,
    output: image,
    weights: { weight: [2], bias: [2] },
    statistics: { running_mean: [2], running_var: [2] },
  },
  { word: 'layer_norm', arguments: { eps: 1e-5 }, input: [6], output: [6], weights: { weight: [6], bias: [6] } },
  {
    word: 'layer_norm',
    arguments: { eps: 1e-5 },
    input: image,
    output: image,
    weights: { weight: image, bias: image },
  },
  {
    word: 'group_norm',
    arguments: { groups: 2, eps: 1e-5 },
    input: [6],
    output: [6],
    weights: { weight: [6], bias: [6] },
  },
  {
    word: 'group_norm',
    arguments: { groups: 2, eps: 1e-5 },
    input: [4, 3, 2],
    output: [4, 3, 2],
    weights: { weight: [4], bias: [4] },
  },
  {
    word: 'group_norm',
    arguments: { groups: 2, eps: 1e-5 },
    input: signal,
    output: signal,
    weights: { weight: [2], bias: [2] },
  },
  { word: 'softmax', arguments: {}, input: image, output: image },
  {
    word: 'batch_topk',
    arguments: { k: 3, momentum: 0.1 },
    input: [8],
    output: [8],
    statistics: { threshold: [1] },
  },
  { word: 'count_dead', arguments: { steps: 2 }, input: [8], output: [8], statistics: { idle: [8] } },
  {
    word: 'l0_controller',
    arguments: { target: 2, weight: 0.01, rate: 0.01, frozen: false },
    input: [8],
    output: [8],
    statistics: { log_weight: [1], active_units: [1] },
  },
  // The window is too narrow for any input: what a straight-through gradient adds is in jump_relu.test.ts.
  {
    word: 'jump_relu',
    arguments: { threshold: 0.01, bandwidth: 1e-6 },
    input: [8],
    output: [8],
    weights: { log_threshold: [8] },
  },
  {
    word: 'gated',
    arguments: {},
    input: [8],
    output: [8],
    weights: { gate_bias: [8], magnitude_bias: [8], log_scale: [8] },
  },
  { word: 'pre_bias', arguments: { init: 0 }, input: [4], output: [4], weights: { value: [4] } },
  { word: 'post_bias', arguments: { init: 0 }, input: [4], output: [4], weights: { value: [4] } },
  { word: 'topk', arguments: { k: 1 }, input: image, output: image },
  { word: 'topk', arguments: { k: 3 }, input: [8], output: [8] },
  { word: 'abs_topk', arguments: { k: 1 }, input: image, output: image },
  { word: 'abs_topk', arguments: { k: 3 }, input: [8], output: [8] },
  { word: 'reparameterize', arguments: {}, input: [4], output: [3], heads: { mu: [3], logvar: [3] } },
  { word: 'gaussian_head', arguments: {}, input: [4], output: image, heads: { mu: image, logvar: [1, 1, 1] } },
  { word: 'learned', arguments: { features: 3 }, input: image, output: [3], weights: { value: [3] } },
  { word: 'unpool2d', arguments: { from: someLayer }, input: [2, 2, 2], output: image },
  activation('leaky_relu', { slope: 0.2 }),
  activation('elu', { alpha: 1 }),
  activation('elu', { alpha: 0.6 }),
  activation('gelu', { approximate: 'none' }),
  activation('gelu', { approximate: 'tanh' }),
  activation('softplus', { beta: 1, threshold: 20 }),
  activation('softplus', { beta: 2, threshold: 1.5 }),
  ...builtinWords.byFamily.layer
    .filter((word) => word.activation && Object.keys(word.parameters).length === 0)
    .map(({ name }) => activation(name)),
];

/** A loss with arguments. Its prediction, and the layers it looks at, are positive and below 1 where `probabilities`. */
export interface LossCase {
  readonly word: string;
  readonly arguments: Readonly<Record<string, Value>>;
  readonly probabilities: boolean;
  /** What it depends on and has no gradient of. */
  readonly detached?: readonly string[];
}

const reconstruction = (word: string, probabilities: boolean, args: Readonly<Record<string, Value>> = {}): LossCase[] =>
  ['mean', 'sum', 'batchmean'].map((reduction) => ({ word, probabilities, arguments: { ...args, reduction } }));

const penalty = (word: string, probabilities: boolean, args: Readonly<Record<string, Value>>): LossCase => ({
  word,
  probabilities,
  arguments: { on: someLayer, ...args },
});

/** At least one for every loss that there is. */
export const lossCases: readonly LossCase[] = [
  ...builtinWords.byFamily.loss
    .filter(
      ({ role, parameters }) => role === 'reconstruction' && Object.keys(parameters).join() === 'reduction,weights',
    )
    .flatMap(({ name }) =>
      [null, [0, 0.5, 1, 3]].flatMap((weights) => reconstruction(name, name === 'bce', { weights })),
    ),
  ...reconstruction('huber', false, { delta: 0.5, weights: null }),
  ...reconstruction('gaussian_nll', false, { on: someLayer, eps: 1e-6 }),
  { ...penalty('auxk', false, { k: 2, decoder: someLayer, normalize: true }), detached: ['prediction'] },
  { ...penalty('auxk', false, { k: 3, decoder: someLayer, normalize: false }), detached: ['prediction'] },
  penalty('matryoshka', false, { widths: [1, 3], decoder: someLayer, reduction: 'mean' }),
  penalty('matryoshka', false, { widths: [2], decoder: someLayer, reduction: 'batchmean' }),
  { ...penalty('gate_mse', false, { decoder: someLayer, reduction: 'mean' }), detached: ['weight', 'bias'] },
  { ...penalty('gate_mse', false, { decoder: someLayer, reduction: 'batchmean' }), detached: ['weight', 'bias'] },
  penalty('gate_l1', false, { reduction: 'batchmean' }),
  penalty('gate_l1', false, { reduction: 'mean' }),
  penalty('l0', false, { target: null, controller: null }),
  penalty('l0', false, { target: 1.5, controller: null }),
  penalty('l1', false, { reduction: 'batchmean', decoder: null, controller: null }),
  penalty('l1', false, { reduction: 'mean', decoder: null, controller: null }),
  penalty('l1', false, { reduction: 'batchmean', decoder: someLayer, controller: someLayer }),
  penalty('tanh_penalty', false, { scale: 4, reduction: 'batchmean', decoder: null, controller: null }),
  penalty('tanh_penalty', false, { scale: 0.5, reduction: 'mean', decoder: someLayer, controller: someLayer }),
  penalty('l2', false, { reduction: 'batchmean' }),
  penalty('l2', false, { reduction: 'sum' }),
  penalty('kl_sparsity', true, { rho: 0.05, beta: 1, reduction: 'mean' }),
  penalty('kl_sparsity', true, { rho: 0.3, beta: 1, reduction: 'sum' }),
  penalty('kl_gaussian', false, { beta: 1, free_bits: 0, reduction: 'sum' }),
  penalty('kl_gaussian', false, { beta: 1, free_bits: 0.3, reduction: 'batchmean' }),
  penalty('kl_gaussian', false, { beta: 1, free_bits: 0, reduction: 'mean' }),
  penalty('contractive', true, { lambda: 1 }),
];
