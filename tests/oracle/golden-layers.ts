import type { Value } from '../../src/compiler/ir/value.js';
import { builtinWords } from '../../src/words/words.js';
import { type Fields, GoldenFormatError } from './fields.js';

/** A layer of a case in the language's words. */
export interface GoldenLayer {
  /** The word whose lowering computes it; `corrupt` has none. */
  readonly word: string;
  readonly arguments: Readonly<Record<string, Value>>;
  /** What its weight is projected onto after each update. */
  readonly constraint: GoldenConstraint | null;
  /** Names of its own weights, trainable or not. */
  readonly weights: readonly GoldenWeight[];
  /** The layer that it is once more, with that one's weights. */
  readonly shares: string | null;
  /** The layer whose `weight` it uses transposed. */
  readonly tiedTo: string | null;
  /** The weight of that layer, and of this one, which it is. */
  readonly tiedWeight: string;
  /** Where its stored random numbers are. */
  readonly noise: string | null;
  /** The layer that an `arguments.from` is to name. */
  readonly undoes: string | null;
  /** How `arguments.from` names its inputs but the first; null for a layer with one input. */
  readonly joins: 'one' | 'list' | null;
  /** The classes that it is given, and where they are stored; null for a layer without a condition. */
  readonly condition: { readonly classes: number; readonly labels: string } | null;
  /** Whether its inputs are the heads `mu` and `logvar`. */
  readonly heads: boolean;
}

export interface GoldenConstraint {
  readonly word: string;
  readonly arguments: Readonly<Record<string, Value>>;
}

function readConstraint(fields: Fields): GoldenConstraint {
  const word = fields.text('kind');
  const args: Readonly<Record<string, Value>> = {
    ...(fields.has('max') ? { max: fields.number('max') } : {}),
    ...(fields.has('cosine') ? { cosine: fields.number('cosine') } : {}),
    ...(word === 'unit_norm' || word === 'soft_frozen'
      ? { of: fields.text('of', 'incoming'), project_gradient: fields.boolean('project_gradient', false) }
      : {}),
  };
  fields.done();
  return { word, arguments: args };
}

export interface GoldenWeight {
  readonly name: string;
  readonly trainable: boolean;
}

const nothing = {
  arguments: {},
  weights: [],
  shares: null,
  tiedTo: null,
  tiedWeight: 'weight',
  noise: null,
  undoes: null,
  joins: null,
  condition: null,
  constraint: null,
  heads: false,
} as const;

const weight: GoldenWeight = { name: 'weight', trainable: true };
const bias: GoldenWeight = { name: 'bias', trainable: true };

type KindReader = (layer: Fields) => GoldenLayer;

function activation(word: string, read: (layer: Fields) => Readonly<Record<string, Value>> = () => ({})): KindReader {
  return (layer) => ({ ...nothing, word, arguments: read(layer) });
}

/** The arguments and weights of a layer that sums over its inputs. */
function connected(layer: Fields, word: string, args: Readonly<Record<string, Value>>): GoldenLayer {
  const hasBias = layer.boolean('bias', true);
  const tiedTo = layer.has('tied_to') ? layer.text('tied_to') : null;
  layer.ignore('in');
  return {
    ...nothing,
    word,
    arguments: { ...args, bias: hasBias, activation: null, init: null },
    weights: [...(tiedTo === null ? [weight] : []), ...(hasBias ? [bias] : [])],
    tiedTo,
  };
}

/** Every kind of the format, by its name there. */
const kinds: Readonly<Record<string, KindReader>> = {
  dense: (layer) => connected(layer, 'dense', { features: layer.number('out') }),
  conv2d: (layer) =>
    connected(layer, 'conv2d', { ...window(layer), ...connections(layer), channels: layer.number('out') }),
  conv_transpose2d: (layer) =>
    connected(layer, 'conv_transpose2d', {
      ...window(layer),
      ...connections(layer),
      channels: layer.number('out'),
      output_padding: layer.pair('output_padding', [0, 0]),
    }),
  conv1d: (layer) => connected(layer, 'conv1d', { ...alongSignal(layer), channels: layer.number('out') }),
  conv_transpose1d: (layer) =>
    connected(layer, 'conv_transpose1d', {
      ...alongSignal(layer),
      channels: layer.number('out'),
      output_padding: layer.number('output_padding', 0),
    }),
  max_pool2d: (layer) => ({ ...nothing, word: 'max_pool2d', arguments: window(layer) }),
  max_unpool2d: (layer) => ({ ...nothing, word: 'unpool2d', undoes: layer.text('indices_of') }),
  batch_norm(layer) {
    layer.ignore('features');
    return {
      ...nothing,
      word: 'batch_norm',
      arguments: { eps: layer.number('eps', 1e-5), momentum: layer.number('momentum', 0.1) },
      weights: [
        weight,
        ...(layer.boolean('bias', true) ? [bias] : []),
        { name: 'running_mean', trainable: false },
        { name: 'running_var', trainable: false },
      ],
    };
  },
  group_norm(layer) {
    layer.ignore('features');
    return {
      ...nothing,
      word: 'group_norm',
      arguments: { groups: layer.number('groups'), eps: layer.number('eps', 1e-5) },
      weights: [weight, bias],
    };
  },
  corrupt(layer) {
    const noise = layer.text('noise');
    const p = layer.has('p') ? layer.number('p') : null;
    return { ...nothing, word: 'corrupt', arguments: { p, value: layer.number('value'), stored: noise }, noise };
  },
  gaussian_noise(layer) {
    const noise = layer.text('noise');
    return { ...nothing, word: 'corrupt', arguments: { sigma: layer.number('sigma'), stored: noise }, noise };
  },
  condition: (layer) => ({
    ...nothing,
    word: 'condition',
    arguments: { on: 'label', columns: null, embedding: layer.has('embedding') ? layer.number('embedding') : null },
    weights: layer.has('embedding') ? [weight] : [],
    condition: { classes: layer.number('classes'), labels: layer.text('labels') },
  }),
  gaussian_sample: (layer) => ({ ...nothing, word: 'reparameterize', noise: layer.text('noise'), heads: true }),
  gaussian_head: () => ({ ...nothing, word: 'gaussian_head', heads: true }),
  learned: (layer) => ({
    ...nothing,
    word: 'learned',
    arguments: { features: layer.number('features'), init: layer.number('init') },
    weights: [{ name: 'value', trainable: true }],
  }),
  batch_topk: (layer) => ({
    ...nothing,
    word: 'batch_topk',
    arguments: { k: layer.number('k'), momentum: layer.number('momentum') },
    weights: [{ name: 'threshold', trainable: false }],
  }),
  count_dead(layer) {
    layer.ignore('features');
    return {
      ...nothing,
      word: 'count_dead',
      arguments: { steps: layer.number('steps') },
      weights: [{ name: 'idle', trainable: false }],
    };
  },
  jump_relu(layer) {
    layer.ignore('features');
    return {
      ...nothing,
      word: 'jump_relu',
      arguments: { threshold: layer.number('threshold'), bandwidth: layer.number('bandwidth') },
      weights: [{ name: 'log_threshold', trainable: true }],
    };
  },
  gated(layer) {
    layer.ignore('features');
    const names = ['gate_bias', 'magnitude_bias', 'log_scale'];
    return { ...nothing, word: 'gated', weights: names.map((name) => ({ name, trainable: true })) };
  },
  pre_bias(layer) {
    layer.ignore('features');
    return { ...nothing, word: 'pre_bias', arguments: { init: 0 }, weights: [{ name: 'value', trainable: true }] };
  },
  post_bias: (layer) => ({
    ...nothing,
    word: 'post_bias',
    arguments: { init: 0 },
    tiedTo: layer.text('tied_to'),
    tiedWeight: 'value',
  }),
  add: () => ({ ...nothing, word: 'add', joins: 'one' }),
  concat: () => ({ ...nothing, word: 'concat', joins: 'list' }),
  flatten: () => ({ ...nothing, word: 'flatten' }),
  defined: (layer) => ({ ...nothing, word: layer.text('word'), arguments: numbersIn(layer.object('arguments')) }),
  reshape: (layer) => ({ ...nothing, word: 'reshape', arguments: { shape: layer.numbers('shape') } }),
  leaky_relu: activation('leaky_relu', (layer) => ({ slope: layer.number('slope', 0.01) })),
  elu: activation('elu', (layer) => ({ alpha: layer.number('alpha', 1) })),
  topk: activation('topk', (layer) => ({ k: layer.number('k') })),
  abs_topk: activation('abs_topk', (layer) => ({ k: layer.number('k') })),
  gelu: activation('gelu', (layer) => ({ approximate: layer.text('approximate', 'none') })),
  softplus: activation('softplus', (layer) => ({
    beta: layer.number('beta', 1),
    threshold: layer.number('threshold', 20),
  })),
};

/** The numbers that a word of the case's own is given. */
export function numbersIn(fields: Fields): Readonly<Record<string, number>> {
  return Object.fromEntries(fields.names.map((name) => [name, fields.number(name)]));
}

function alongSignal(layer: Fields): Readonly<Record<string, Value>> {
  return {
    kernel: layer.number('kernel'),
    stride: layer.number('stride', 1),
    padding: layer.number('padding', 0),
    dilation: layer.number('dilation', 1),
    groups: layer.number('groups', 1),
  };
}

function connections(layer: Fields): Readonly<Record<string, Value>> {
  return { dilation: layer.pair('dilation', [1, 1]), groups: layer.number('groups', 1) };
}

function window(layer: Fields): Readonly<Record<string, Value>> {
  const kernel = layer.pair('kernel');
  return {
    kernel,
    stride: layer.pair('stride', layer.text('kind') === 'max_pool2d' ? kernel : [1, 1]),
    padding: layer.pair('padding', [0, 0]),
  };
}

/** Activations without parameters have the words' own names in the format. */
function isPlainActivation(kind: string): boolean {
  const word = builtinWords.find('layer', kind);
  return word?.activation === true && Object.keys(word.parameters).length === 0;
}

/** @throws GoldenFormatError for a kind that is not in the format */
export function readLayer(kind: string, fields: Fields): GoldenLayer {
  const read = kinds[kind] ?? (isPlainActivation(kind) ? activation(kind) : null);
  if (!read) throw new GoldenFormatError(`unsupported layer kind '${kind}'`);
  const layer = read(fields);
  if (layer.weights.length === 0) return layer;
  const frozen = fields.boolean('frozen', false);
  const shares = fields.has('shares') ? fields.text('shares') : null;
  const constraint = fields.has('constraint') ? readConstraint(fields.object('constraint')) : null;
  return {
    ...layer,
    arguments: { ...layer.arguments, frozen },
    constraint,
    shares,
    weights: layer.weights.map(({ name, trainable }) => ({ name, trainable: trainable && !frozen })),
  };
}
