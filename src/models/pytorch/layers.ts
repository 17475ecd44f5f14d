import type { ExperimentIr, LayerNode } from '../../compiler/ir/experiment.js';
import type { Shape } from '../../compiler/ir/shape.js';
import { isLayerReference, type LayerReference, ownValue, type Value } from '../../compiler/ir/value.js';
import { call, literal, sides } from '../../words/python.js';
import type { Words } from '../../words/word.js';
import { activated, isActivation } from './activations.js';
import { attributeOf, isTied, layerAt, seenName, tiedBiasOf } from './names.js';
import { UnknownToPytorch } from './unsupported.js';

/** Where the code of a layer stands. */
export interface Place {
  readonly experiment: Pick<ExperimentIr, 'encoder' | 'decoder'>;
  readonly words: Words;
  /** What holds the modules: `self`, or `encoder` in a function of its own. */
  readonly holder: string;
  /** What tied layers find the encoder under. */
  readonly encoder: string;
}

/** A layer in Python: what `__init__` makes, and what the layer makes of an expression. */
export interface LayerCode {
  readonly modules: readonly string[];
  /** The statements that have to come before. */
  readonly before: readonly string[];
  readonly output: (x: string) => string;
}

type Emit = (node: LayerNode, place: Place) => LayerCode;

/** @throws UnknownToPytorch */
export function layerCode(node: LayerNode, place: Place): LayerCode {
  if (isActivation(node.word)) return plain((x) => activated(node.word, node.arguments, x));
  const emit = ownValue(layers, node.word);
  if (!emit) throw new UnknownToPytorch('layer', node.word);
  return emit(node, place);
}

const layers: Readonly<Record<string, Emit>> = {
  dense(node, place) {
    const [inputs = 1] = node.input;
    const [features = 1] = node.output;
    return weighted(node, place, {
      module: call('nn.Linear', [literal(inputs), literal(features)], withoutBias(node)),
      tied: (x, weight, bias) => call('F.linear', [x, `${weight}.t()`, bias]),
    });
  },
  conv2d: (node, place) => {
    const { stride, padding } = windowOf(node);
    return weighted(node, place, {
      module: call('nn.Conv2d', channels(node), { ...windowArguments(node), ...withoutBias(node) }),
      tied: (x, weight, bias) =>
        call('F.conv2d', [x, weight, bias], { stride: sides(stride), padding: sides(padding) }),
    });
  },
  conv_transpose2d: (node, place) => {
    const { stride, padding } = windowOf(node);
    const added = sides(argument(node, 'output_padding'));
    return weighted(node, place, {
      module: call('nn.ConvTranspose2d', channels(node), {
        ...windowArguments(node),
        output_padding: added === '0' ? null : added,
        ...withoutBias(node),
      }),
      tied: (x, weight, bias) =>
        call('F.conv_transpose2d', [x, weight, bias], {
          stride: sides(stride),
          padding: sides(padding),
          output_padding: added,
        }),
    });
  },
  max_pool2d: (node) => plain((x) => call('F.max_pool2d', [x, ...poolArguments(node)])),
  avg_pool2d: (node) => plain((x) => call('F.avg_pool2d', [x, ...poolArguments(node)])),
  unpool2d(node, { experiment, words }) {
    const from = poolUndoneBy(node);
    const pool = experiment[from.block][from.index];
    if (!pool) throw new RangeError('unpool2d names no layer');
    const places = `seen[${literal(placesName(from, experiment, words))}]`;
    const [, height = 1, width = 1] = node.output;
    return plain((x) =>
      call('F.max_unpool2d', [x, places, ...poolArguments(pool)], { output_size: `(${height}, ${width})` }),
    );
  },
  upsample2d: (node) => plain((x) => upsampled(x, node.input, node.output)),
  flatten: () => plain((x) => call('torch.flatten', [x, '1'])),
  reshape: (node) => plain((x) => `${x}.reshape(${['-1', ...node.output.map(literal)].join(', ')})`),
  dropout: (node, { holder }) =>
    plain((x) => call('dropout', [x, literal(argument(node, 'p')), `${holder}.training`, drawOf(node, holder)])),
  batch_norm: (node, place) => {
    const [features = 1] = node.input;
    const kind = node.input.length === 3 ? 'nn.BatchNorm2d' : 'nn.BatchNorm1d';
    const settings = { eps: literal(argument(node, 'eps')), momentum: literal(argument(node, 'momentum')) };
    return module(node, place, call(kind, [literal(features)], settings));
  },
  layer_norm: (node, place) =>
    module(node, place, call('nn.LayerNorm', [literal(node.input)], { eps: literal(argument(node, 'eps')) })),
  reparameterize(node, place) {
    const heads = Object.entries(node.heads).map(([head, nodes]) => {
      const codes = nodes.map((inner) => layerCode(inner, place));
      return { head, codes };
    });
    const { holder } = place;
    return {
      modules: heads.flatMap(({ codes }) => codes.flatMap(({ modules }) => modules)),
      before: heads.map(({ head, codes }) => `${head} = ${codes.reduce((x, { output }) => output(x), 'x')}`),
      output: () => call('sample', ['mu', 'logvar', `${holder}.training`, drawOf(node, holder)]),
    };
  },
};

/** The pool that an `unpool2d` undoes. */
export function poolUndoneBy(node: LayerNode): LayerReference {
  const from = argument(node, 'from');
  if (!isLayerReference(from)) throw new RangeError('unpool2d names no layer');
  return from;
}

/** Where the maxima of a pool were, for the layer that undoes it. */
export function placesName(
  pool: LayerReference,
  experiment: Pick<ExperimentIr, 'encoder' | 'decoder'>,
  words: Words,
): string {
  return `${seenName(pool, experiment, words)} places`;
}

/** The pool with the places of its maxima, as two values. */
export function poolWithPlaces(node: LayerNode, x: string): string {
  return call('F.max_pool2d', [x, ...poolArguments(node)], { return_indices: 'True' });
}

function plain(output: (x: string) => string): LayerCode {
  return { modules: [], before: [], output };
}

function module(node: LayerNode, { holder }: Place, constructed: string): LayerCode {
  const attribute = attributeOf(node);
  return {
    modules: [`self.${attribute} = ${constructed}${node.label === null ? '' : `  # ${node.label}`}`],
    before: [],
    output: (x) => `${holder}.${attribute}(${x})`,
  };
}

interface Weighted {
  readonly module: string;
  /** The same with the weight of another layer. */
  readonly tied: (x: string, weight: string, bias: string) => string;
}

function weighted(node: LayerNode, place: Place, { module: constructed, tied }: Weighted): LayerCode {
  if (!isTied(node)) return module(node, place, constructed);
  const { holder, encoder, experiment } = place;
  const owner = node.weights.find(({ tiedTo }) => tiedTo !== null)?.tiedTo;
  if (!owner) throw new RangeError('a tied layer has no owner');
  const weight = `${encoder}.${attributeOf(layerAt(experiment, owner.address))}.${owner.name}`;
  const bias = node.weights.find(({ name }) => name === 'bias');
  return {
    modules: bias ? [`self.${tiedBiasOf(node)} = nn.Parameter(torch.zeros(${bias.shape.join(', ')}))`] : [],
    before: [],
    output: (x) => tied(x, weight, bias ? `${holder}.${tiedBiasOf(node)}` : 'None'),
  };
}

/** What random layers draw from: the holder's source of numbers and the layer's address. */
function drawOf({ address }: LayerNode, holder: string): string {
  return `${holder}.draw, ${literal(address)}`;
}

function argument(node: LayerNode, name: string): Value {
  return node.arguments[name]?.value ?? null;
}

function windowOf(node: LayerNode): { readonly stride: Value; readonly padding: Value } {
  return { stride: argument(node, 'stride'), padding: argument(node, 'padding') };
}

function channels(node: LayerNode): readonly string[] {
  return [literal(node.input[0] ?? 1), literal(node.output[0] ?? 1), sides(argument(node, 'kernel'))];
}

function windowArguments(node: LayerNode): Readonly<Record<string, string | null>> {
  const { stride, padding } = windowOf(node);
  return {
    stride: sides(stride) === '1' ? null : sides(stride),
    padding: sides(padding) === '0' ? null : sides(padding),
  };
}

function withoutBias({ weights }: LayerNode): Readonly<Record<string, string | null>> {
  return { bias: weights.some(({ name }) => name === 'bias') ? null : 'False' };
}

/** Kernel, stride and padding; a pool's stride is its kernel unless given. */
function poolArguments(node: LayerNode): readonly string[] {
  const { stride, padding } = windowOf(node);
  const kernel = argument(node, 'kernel');
  return [kernel, stride ?? kernel, padding].map(sides);
}

/** Rows and columns are repeated: ⌊i h / h′⌋, which is PyTorch's `nearest` for whole factors. */
function upsampled(x: string, [, height = 1, width = 1]: Shape, [, toHeight = 1, toWidth = 1]: Shape): string {
  if (toHeight % height === 0 && toWidth % width === 0) {
    return call('F.interpolate', [x], { size: `(${toHeight}, ${toWidth})`, mode: '"nearest"' });
  }
  const repeated = (from: number, to: number) => `torch.arange(${to}) * ${from} // ${to}`;
  return `${x}[:, :, ${repeated(height, toHeight)}][:, :, :, ${repeated(width, toWidth)}]`;
}
