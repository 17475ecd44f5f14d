import { mul, type Scalar, sum, type Tensor, tensor, transpose } from '@tensorflow/tfjs-core';
import type { Definition } from '../compiler/ir/definition.js';
import { type ExperimentIr, layerAt, wantedOf } from '../compiler/ir/experiment.js';
import type { Interval } from '../compiler/ir/interval.js';
import { elementCount, type Shape } from '../compiler/ir/shape.js';
import { isWordValue, type Value, type WordUse } from '../compiler/ir/value.js';
import { layerOfStep } from '../compiler/library/defined-word.js';
import { knownWord } from '../compiler/library/library.js';
import { inputRangeOf } from '../compiler/library/stage-surroundings.js';
import { argumentsAt } from '../runtime/lowering/arguments.js';
import { referenceKey } from '../runtime/lowering/network.js';
import { operations } from '../runtime/lowering/operations.js';
import { stream } from '../runtime/random/stream.js';
import { gradientsOf } from '../runtime/training/gradients.js';
import { scoped } from '../runtime/training/scope.js';
import type { Words } from '../words/word.js';
import { formulaValues, type Values } from './formula-values.js';

/** How a definition's gradients compare with finite differences. */
export interface GradientCheck {
  readonly name: string;
  /** The tensor that is differentiated by: `output`, `x`, or a parameter that is a layer. */
  readonly by: string;
  /** Largest deviation, relative to the largest gradient. */
  readonly deviation: number;
  /** Values where the two sides of a bend differ, which are left out. */
  readonly bends: number;
  readonly compared: number;
}

/** A tensor of one example that a formula is given, and the range of its values. */
interface Drawn {
  readonly shape: Shape;
  readonly range: Interval;
}

const examples = 4;
/** Features of an example that is a list of them. */
const features = 6;
/** Balances the error of the difference with that of rounding in float64. */
const step = 1e-6;

/**
 * Compares TF.js's gradients of an experiment's own losses and activations with central differences in float64, at
 * random values within the ranges that they are given.
 */
export function definitionGradients(ir: ExperimentIr, library: Words): readonly GradientCheck[] {
  const start = { epoch: 0, step: 0, epochs: 1, steps: 1 };
  const losses = ir.loss.flatMap(({ loss }) => {
    if (loss.definition === undefined) return [];
    const args = argumentsAt(loss.arguments, library)(start);
    const wanted = wantedOf(ir);
    const tensors = new Map<string, Drawn>([
      ['output', { shape: wanted.shape, range: ir.decoder.at(-1)?.range ?? wanted.range }],
      ['target', wanted],
      ['input', ir.data],
    ]);
    for (const step of loss.definition.formula) {
      const layer = step.kind === 'layer' ? layerOfStep(step.name, args) : null;
      const node = layer === null ? undefined : layerAt(layer, ir);
      if (step.kind === 'layer' && node) tensors.set(step.name, { shape: node.output, range: node.range });
    }
    return checked(loss, loss.definition, args, tensors, library);
  });
  const rebuilding = ir.stages.flatMap((stage) => {
    const word = stage.kind === 'pretrain' ? (stage.method.arguments.loss?.value ?? null) : null;
    if (stage.kind !== 'pretrain' || !isWordValue(word) || word.definition === undefined) return [];
    // The first layer of the stage stands for the others: a reconstruction is taken to have its target's range.
    const first = stage.layers[0] ?? 0;
    const tensor = { shape: ir.encoder[first]?.input ?? ir.data.shape, range: inputRangeOf(first, ir) };
    const tensors = new Map(['output', 'target', 'input'].map((name) => [name, tensor]));
    return checked(word, word.definition, argumentsAt(word.arguments, library)(start), tensors, library);
  });
  const activations = [...ir.encoder, ...ir.decoder].flatMap((node, i, nodes) => {
    if (node.definition === undefined) return [];
    const isRepeated = nodes.slice(0, i).some((other) => other.definition === node.definition);
    const range = nodes[i - 1]?.range ?? ir.data.range;
    const args = argumentsAt(node.arguments, library)(start);
    const x = { shape: node.input, range };
    return isRepeated ? [] : checked(node, node.definition, args, new Map([['x', x]]), library);
  });
  return [...losses, ...rebuilding, ...activations];
}

function checked(
  use: WordUse,
  definition: Definition,
  args: Readonly<Record<string, Value>>,
  given: ReadonlyMap<string, Drawn>,
  library: Words,
): readonly GradientCheck[] {
  const { formula, role, name } = definition;
  const names = new Set(
    formula.flatMap((each) => (each.kind === 'tensor' || each.kind === 'layer' ? [each.name] : [])),
  );
  const side = 3 + Math.max(0, ...formula.map((each) => (each.kind === 'shift' ? Math.abs(each.by) : 0)));
  const tensors = new Map([...given].map(([each, { shape, range }], i) => [each, drawn(small(shape, side), range, i)]));
  const [first = []] = [...tensors.values()].map(({ shape }) => shape);
  const factors = drawn(first.slice(1), { low: -1, high: 1, lowOpen: false, highOpen: false }, given.size);
  const numbers: Record<string, number> = {};
  for (const [parameter, value] of Object.entries(args)) if (typeof value === 'number') numbers[parameter] = value;
  const held = formulaValues(formula, tensors, numbers);
  const total = (moved: ReadonlyMap<string, Values>): number => {
    const values = Array.from(formulaValues(formula, moved, numbers, held).at(-1)?.values ?? []);
    const weight = (i: number): number => (role === 'activation' ? (factors.values[i] ?? 0) : 1);
    return values.reduce((all, x, i) => all + x * weight(i), 0);
  };
  return [...names]
    .filter((by) => by !== 'target' && by !== 'input')
    .map((by) => {
      const got = gradient(use, role, args, tensors, factors, by, library);
      let [deviation, largest, bends] = [0, 0, 0];
      const middle = total(tensors);
      for (let i = 0; i < got.length; i++) {
        const moved = (to: number) =>
          total(new Map([...tensors].map(([key, each]) => [key, key === by ? nudged(each, i, to) : each])));
        const [right, left] = [(moved(step) - middle) / step, (middle - moved(-step)) / step];
        const expected = (right + left) / 2;
        if (Math.abs(right - left) > 1e-3 * (Math.abs(expected) + 1)) {
          bends++;
          continue;
        }
        largest = Math.max(largest, Math.abs(expected));
        const difference = Math.abs((got[i] ?? Number.NaN) - expected);
        deviation = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(deviation, difference);
      }
      const relative = deviation === 0 ? 0 : deviation / Math.max(largest, 1e-12);
      return { name, by, deviation: relative, bends, compared: got.length - bends };
    });
}

/** A shape of the same axes that a few values fill. */
function small(shape: Shape, side: number): Shape {
  if (shape.length === 1) return shape[0] === 1 ? shape : [Math.max(features, side)];
  return shape.map((n, place) => (n === 1 ? 1 : place === 0 ? 2 : Math.min(n, side)));
}

function gradient(
  use: WordUse,
  role: Definition['role'],
  args: Readonly<Record<string, Value>>,
  grids: ReadonlyMap<string, Values>,
  factors: Values,
  by: string,
  library: Words,
): ArrayLike<number> {
  return scoped(() => {
    const tensors = new Map([...grids].map(([name, grid]) => [name, toTensor(grid)]));
    const at = (name: string): Tensor => {
      const found = tensors.get(name);
      if (found === undefined) throw new RangeError(`the formula has no tensor '${name}'`);
      return found;
    };
    const layerNames = [...grids.keys()].flatMap((name) => {
      const layer = layerOfStep(name, args);
      return layer === null ? [] : [[name, referenceKey(layer)] as const];
    });
    const compute = (): Scalar => {
      if (role === 'activation') {
        const lowering = knownWord(library, 'layer', use).lower(operations);
        return sum<Scalar>(mul(lowering.forward(args, at('x'), alone), toTensor(factors)));
      }
      const lowering = knownWord(library, 'loss', use).lower(operations);
      return lowering.value(args, {
        prediction: at('output'),
        target: at('target'),
        input: at('input'),
        layer: (reference) => at(layerNames.find(([, key]) => key === referenceKey(reference))?.[0] ?? 'code'),
        below: absent,
        argumentsOf: absent,
        biases: absent,
        weight: absent,
      });
    };
    const [found] = gradientsOf(compute, [at(by)]);
    return found === undefined ? [] : channelsFirst(found).dataSync();
  });
}

const absent = (): never => {
  throw new RangeError('a definition needs nothing but its tensors');
};

const alone = {
  weights: {},
  tied: new Set<string>(),
  input: [features],
  output: [features],
  constantInput: false,
  training: true,
  sampling: true,
  noise: { uniform: absent, normal: absent },
  heads: {},
  earlier: absent,
  argumentsOf: absent,
  update: absent,
  condition: absent,
};

/** Tensors have their channels last. */
function toTensor({ shape, values }: Values): Tensor {
  const given = tensor(Array.from(values), [...shape], 'float32');
  return shape.length < 3 ? given : transpose(given, [0, ...places(shape.length, 2), 1]);
}

function channelsFirst(given: Tensor): Tensor {
  const { rank } = given;
  return rank < 3 ? given : transpose(given, [0, rank - 1, ...places(rank - 1, 1)]);
}

/** The numbers from one to another, without the latter. */
function places(to: number, from: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** Random float32 values of several examples, at some distance from the ends of a range. */
function drawn(shape: Shape, { low, high }: Interval, index: number): Values {
  const [from, to] = [Math.max(low, -2), Math.min(high, 2)];
  const values = new Float32Array(examples * elementCount(shape));
  stream({ seed: 1, path: 'gradients', purpose: `tensor_${index}` }).uniform(values, 0);
  return { shape: [examples, ...shape], values: values.map((u) => from + (to - from) * (0.05 + 0.9 * u)) };
}

function nudged({ shape, values }: Values, at: number, by: number): Values {
  return { shape, values: Float64Array.from(values, (x, i) => (i === at ? x + by : x)) };
}
