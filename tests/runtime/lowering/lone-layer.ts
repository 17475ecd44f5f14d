import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import { closed, type Interval } from '../../../src/compiler/ir/interval.js';
import type { Shape } from '../../../src/compiler/ir/shape.js';
import type { LayerReference, Value } from '../../../src/compiler/ir/value.js';
import { knownWord } from '../../../src/compiler/library/library.js';
import type { NamedLayer, WeightDeclaration } from '../../../src/compiler/library/word.js';
import type { LayerContext, Noise } from '../../../src/runtime/lowering/lowering.js';
import { operations } from '../../../src/runtime/lowering/operations.js';
import { builtinWords } from '../../../src/words/words.js';
import { argumentsOf, wordValue } from '../../compiler/library/word-value.js';

export const someLayer: LayerReference = { kind: 'layer', block: 'encoder', index: 0, head: null };

/** A layer of a network of its own. */
export interface LayerSituation {
  /** Arguments other than the defaults. */
  readonly given?: Readonly<Record<string, Value>>;
  readonly input: Shape;
  /** Of what both heads give. */
  readonly head?: Shape;
  /** The pool that it undoes. */
  readonly pool?: { readonly given: Readonly<Record<string, Value>>; readonly input: Shape };
  /** What the earlier layers gave that it joins. */
  readonly joined?: Shape;
  /** Whether the weight is that of the layer it undoes, in that layer's layout. */
  readonly tied?: boolean;
}

/** What goes through the layer, by name: `input`, its weights, its heads, and `pooled`, the input of the pool. */
export type Tensors = ReadonlyMap<string, Tensor>;

export interface LoneLayer {
  readonly args: Readonly<Record<string, Value>>;
  readonly output: Shape;
  readonly weights: Readonly<Record<string, WeightDeclaration>>;
  /** Of the output, for a range of the input, where all else is in [-1, 1]. */
  range(input: Interval): Interval;
  /** Shapes of all that goes through it, as tensors have them. */
  shapes(batch: number): ReadonlyMap<string, readonly number[]>;
  forward(tensors: Tensors, more?: Partial<Pick<LayerContext, 'training' | 'noise' | 'update'>>): Tensor;
}

/**
 * A layer by its word, in a situation.
 * @returns null where the word's shape rule refuses the situation
 */
export function loneLayer(name: string, situation: LayerSituation): LoneLayer | null {
  const { given = {}, input, head, pool, joined, tied = false } = situation;
  const word = knownWord(builtinWords, 'layer', { word: name });
  const lowering = word.lower(operations);
  const args = argumentsOf(wordValue('layer', name, given, builtinWords));
  const poolArgs = pool ? argumentsOf(wordValue('layer', 'max_pool2d', pool.given, builtinWords)) : {};
  const heads: Record<string, Shape> = head ? Object.fromEntries(word.heads.map((label) => [label, head])) : {};
  const layer = { word: 'max_pool2d', arguments: poolArgs, input: pool?.input ?? input, range: closed(-1, 1) };
  const named =
    pool || joined ? { from: Array<NamedLayer>(joined ? 2 : 1).fill({ ...layer, output: joined ?? input }) } : {};
  const conditions = { classes: 3, conditions: [] };
  const shape = word.shape(args, input, heads, named, conditions);
  if (!shape.ok) return null;
  const output = shape.value;
  const weights = word.weights(args, input, conditions);
  return {
    args,
    output,
    weights,
    range: (range) => word.range(args, range, named),
    shapes: (batch) =>
      new Map<string, readonly number[]>([
        ['input', tensorShape(input, batch)],
        ...(joined ? [['joined', tensorShape(joined, batch)] as const] : []),
        ...(word.condition !== undefined ? [['classes', [batch, 3]] as const] : []),
        ...(pool ? [['pooled', tensorShape(pool.input, batch)] as const] : []),
        ...Object.entries(heads).map(([label, of]) => [label, tensorShape(of, batch)] as const),
        ...Object.entries(weights).map(([key, { shape: own }]) => [key, weightShape(own, key, tied)] as const),
      ]),
    forward(tensors, { training = true, noise = fixedNoise, update = () => {} } = {}) {
      const from = {
        input: found(tensors, pool ? 'pooled' : 'input'),
        output: found(tensors, joined ? 'joined' : 'input'),
      };
      return lowering.forward(args, found(tensors, 'input'), {
        weights: Object.fromEntries(Object.keys(weights).map((key) => [key, found(tensors, key)])),
        tied: new Set(tied ? ['weight'] : []),
        input,
        output,
        constantInput: false,
        training,
        sampling: training,
        noise,
        heads: Object.fromEntries(Object.keys(heads).map((label) => [label, found(tensors, label)])),
        earlier: () => from,
        argumentsOf: () => poolArgs,
        condition: () => found(tensors, 'classes'),
        update,
      });
    },
  };
}

/** A tied matrix comes as its owner has it; the kernels of a convolution and of its adjoint are the same tensor. */
function weightShape(shape: Shape, name: string, tied: boolean): Shape {
  return tied && name === 'weight' && shape.length === 2 ? [...shape].reverse() : shape;
}

/** Images are `[batch, height, width, channels]` inside, signals `[batch, length, channels]`. */
export function tensorShape(shape: Shape, batch: number): readonly number[] {
  const [channels = 1, ...extent] = shape;
  return [batch, ...extent, channels];
}

/** Numbers without a pattern, the same every time. */
export function numbers(seed: number, count: number, low = -1, high = 1): readonly number[] {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + ((high - low) * state) / 2 ** 32;
  });
}

/** The same random numbers at every call. */
const fixedNoise: Noise = {
  uniform: (_purpose, shape) => tensor([...numbers(91, sizeOf(shape), 0, 1)], [...shape], 'float32'),
  normal: (_purpose, shape) => tensor([...numbers(92, sizeOf(shape), -2, 2)], [...shape], 'float32'),
};

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

export function found(tensors: Tensors, name: string): Tensor {
  const value = tensors.get(name);
  if (!value) throw new RangeError(`there is no tensor '${name}'`);
  return value;
}
