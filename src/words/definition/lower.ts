import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Definition } from '../../compiler/ir/definition.js';
import {
  axesKeptBy,
  type Formula,
  type FormulaAxis,
  type FormulaKind,
  type FormulaReduction,
  kindsOf,
  type Operation,
  placeOfAxis,
  type ShiftAxis,
  type Step,
  type TensorName,
} from '../../compiler/ir/formula.js';
import { numberOfStep, onNumbers } from '../../compiler/ir/formula-numbers.js';
import type { Value } from '../../compiler/ir/value.js';
import { averagedSteps, layerOfStep } from '../../compiler/library/defined-word.js';
import type { LayerLowering, LossLowering, LossLoweringContext } from '../../runtime/lowering/lowering.js';
import type { Operations } from '../../runtime/lowering/operations.js';

type Given = Readonly<Record<string, Value>>;

/** A step's value: numbers that no tensor goes into are computed in double precision, once. */
type StepValue = Tensor | number;

/** Tensors of a formula, `[batch, …]`. */
interface Sources {
  tensor(name: TensorName): Tensor;
  layer(name: string): Tensor;
}

/** The computation of a loss or a penalty that an experiment defines. */
export function loweredLoss({ formula }: Definition, operations: Operations): LossLowering {
  const computation = new Computation(formula, operations);
  const averaged = averagedSteps(formula);
  const value = (args: Given, context: LossLoweringContext): Scalar =>
    asScalar(computation.value(args, sourcesOf(args, context)), operations);
  if (averaged.length === 0) return { value };
  // The shape of each mean; they are measured in one tensor.
  let shapes: readonly (readonly number[])[] = [];
  return {
    value,
    statistic: {
      mean(args, context) {
        const means = computation.values(args, sourcesOf(args, context), averaged);
        shapes = means.map(({ shape }) => shape);
        return operations.concat(means.map((mean) => operations.reshape(mean, [mean.size])));
      },
      value(args, mean) {
        let start = 0;
        const known = new Map(
          averaged.map((step, i): readonly [number, Tensor] => {
            const shape = shapes[i] ?? [];
            const size = shape.reduce((product, n) => product * n, 1);
            const part = operations.slice(mean, [start], [size]);
            start += size;
            return [step, operations.reshape(part, [...shape])];
          }),
        );
        return asScalar(computation.value(args, noTensors, known), operations);
      },
    },
  };
}

/** The computation of an activation that an experiment defines. */
export function loweredActivation({ formula }: Definition, operations: Operations): LayerLowering {
  const computation = new Computation(formula, operations);
  return {
    forward(args, input) {
      const value = computation.value(args, { tensor: () => input, layer: () => input });
      if (typeof value === 'number') throw new RangeError('an activation gives a tensor');
      return value;
    },
  };
}

const noTensors: Sources = {
  tensor: () => {
    throw new RangeError('a mean over all examples is known, and no example');
  },
  layer: () => {
    throw new RangeError('a mean over all examples is known, and no layer');
  },
};

function sourcesOf(args: Given, { prediction, target, input, layer }: LossLoweringContext): Sources {
  const tensors = { output: prediction, x: prediction, target, input };
  return {
    tensor: (name) => tensors[name],
    layer(name) {
      const reference = layerOfStep(name, args);
      if (reference === null) throw new RangeError(`'${name}' is no layer`);
      return layer(reference);
    },
  };
}

function asScalar(value: StepValue, { scalar }: Operations): Scalar {
  if (typeof value === 'number') return scalar(value);
  if (!isScalar(value)) throw new RangeError('a loss is one number');
  return value;
}

function isScalar(value: Tensor): value is Scalar {
  return value.rank === 0;
}

class Computation {
  readonly #formula: Formula;
  readonly #kinds: readonly FormulaKind[];
  readonly #operations: Operations;

  constructor(formula: Formula, operations: Operations) {
    this.#formula = formula;
    this.#kinds = kindsOf(formula);
    this.#operations = operations;
  }

  /** @param known values of steps that need not be computed */
  value(args: Given, sources: Sources, known: ReadonlyMap<number, Tensor> = new Map()): StepValue {
    const last = this.#formula.length - 1;
    const values = this.#computed(args, sources, [last], known);
    const value = values[last];
    if (value === undefined) throw new RangeError('a formula has no result');
    return value;
  }

  /** Values of some of the steps. */
  values(args: Given, sources: Sources, wanted: readonly number[]): readonly Tensor[] {
    const values = this.#computed(args, sources, wanted, new Map());
    return wanted.map((step) => {
      const value = values[step];
      if (value === undefined || typeof value === 'number') throw new RangeError(`step ${step} is no tensor`);
      return value;
    });
  }

  #computed(
    args: Given,
    sources: Sources,
    wanted: readonly number[],
    known: ReadonlyMap<number, Tensor>,
  ): readonly (StepValue | undefined)[] {
    const needed = neededFor(this.#formula, wanted, known);
    const numbers: Record<string, number> = {};
    for (const [name, value] of Object.entries(args)) if (typeof value === 'number') numbers[name] = value;
    const values: (StepValue | undefined)[] = [];
    for (const [i, step] of this.#formula.entries()) {
      const before = known.get(i);
      values.push(before ?? (needed.has(i) ? this.#step(i, step, values, numbers, sources) : undefined));
    }
    return values;
  }

  #step(
    index: number,
    step: Step,
    values: readonly (StepValue | undefined)[],
    numbers: Readonly<Record<string, number>>,
    sources: Sources,
  ): StepValue {
    switch (step.kind) {
      case 'number':
      case 'parameter':
        return numberOfStep(step, [], numbers);
      case 'tensor':
        return sources.tensor(step.name);
      case 'layer':
        return sources.layer(step.name);
      case 'reduction': {
        const value = values[step.operands[0]];
        const kind = this.#kinds[step.operands[0]];
        if (value === undefined || typeof value === 'number' || kind === undefined) return value ?? Number.NaN;
        const kept = axesKeptBy(step.over).length > 0;
        return this.#reduced(step.reduction, value, axesOf(step.over, kind, value.rank), kept);
      }
      case 'gram': {
        const [a, b] = step.operands.map((operand) => values[operand]);
        if (a === undefined || b === undefined || typeof a === 'number' || typeof b === 'number') return Number.NaN;
        return this.#products(a, b);
      }
      case 'shift': {
        const value = values[step.operands[0]];
        const kind = this.#kinds[step.operands[0]];
        if (value === undefined || typeof value === 'number' || kind === undefined) return value ?? Number.NaN;
        return this.#shifted(value, axisInside(step.axis, kind, value.rank), step.by);
      }
      case 'operation': {
        const operands = step.operands.map((operand) => values[operand] ?? Number.NaN);
        const constants = operands.filter((operand) => typeof operand === 'number');
        if (constants.length === operands.length) return onNumbers(step.operation, constants);
        return this.#operation(step.operation, this.#aligned(index, step.operands, operands));
      }
    }
  }

  /** Gives values of examples alone as many axes as those of features have. */
  #aligned(index: number, steps: readonly number[], operands: readonly StepValue[]): readonly StepValue[] {
    const result = this.#kinds[index];
    if (!result?.batch || !result.features) return operands;
    const featureRank = (operand: StepValue, i: number): number => {
      const kind = this.#kinds[steps[i] ?? -1];
      if (typeof operand === 'number' || !kind?.features) return 0;
      return operand.rank - (kind.batch ? 1 : 0);
    };
    const rank = Math.max(...operands.map(featureRank));
    return operands.map((operand, i) => {
      const kind = this.#kinds[steps[i] ?? -1];
      if (typeof operand === 'number' || !kind?.batch || kind.features) return operand;
      return this.#operations.reshape(operand, [operand.size, ...Array.from({ length: rank }, () => 1)]);
    });
  }

  #products(a: Tensor, b: Tensor): Tensor {
    const { matMul, mul, reshape } = this.#operations;
    const examples = a.shape[0] ?? 1;
    const rows = (x: Tensor): Tensor => reshape(x, [examples, x.size / examples]);
    return mul(matMul(rows(a), rows(b), true, false), 1 / examples);
  }

  /** The value `by` places before each along an axis, and at the end that there is none before, the one at the end. */
  #shifted(value: Tensor, axis: number, by: number): Tensor {
    const { concat, slice } = this.#operations;
    const length = value.shape[axis] ?? 1;
    if (length === 1) return value;
    const part = (start: number, size: number): Tensor =>
      slice(
        value,
        value.shape.map((_, i) => (i === axis ? start : 0)),
        value.shape.map((n, i) => (i === axis ? size : n)),
      );
    const moved = Math.abs(by);
    const end = Array.from({ length: moved }, () => part(by > 0 ? 0 : length - 1, 1));
    const rest = part(by > 0 ? 0 : moved, length - moved);
    return concat(by > 0 ? [...end, rest] : [rest, ...end], axis);
  }

  /** @param isKept whether the axes stay, with the length 1 */
  #reduced(reduction: FormulaReduction, value: Tensor, axes: readonly number[], isKept: boolean): Tensor {
    const { broadcastTo, cast, div, equal, max, min, mul, reshape, sum, withGradient } = this.#operations;
    const { shape } = value;
    const kept = shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
    const along = [...axes];
    if (reduction === 'sum' || reduction === 'mean') {
      const count = axes.reduce((product, axis) => product * (shape[axis] ?? 1), 1);
      const factor = reduction === 'mean' ? 1 / count : 1;
      const scaled = (x: Tensor): Tensor => (factor === 1 ? x : mul(x, factor));
      return withGradient([value], () => ({
        value: scaled(sum(value, along, isKept)),
        gradient: (upstream) => [broadcastTo(reshape(scaled(upstream), kept), shape)],
      }));
    }
    // Equal extremes share the gradient, as in torch.amax.
    return withGradient([value], (save) => {
      save([value]);
      const extreme: Tensor = (reduction === 'max' ? max : min)(value, along, isKept);
      return {
        value: extreme,
        gradient: (upstream, [x = value]) => {
          const found: Tensor = (reduction === 'max' ? max : min)(x, along, true);
          const isFound = cast(equal(x, found), 'float32');
          const share = div(reshape(upstream, kept), sum(isFound, along, true));
          return [mul(isFound, share)];
        },
      };
    });
  }

  #operation(operation: Operation, operands: readonly StepValue[]): Tensor {
    const o = this.#operations;
    const [a = Number.NaN, b = Number.NaN, c = Number.NaN] = operands;
    switch (operation) {
      case '+':
        return o.add(a, b);
      case '-':
        return o.sub(a, b);
      case '*':
        return o.mul(a, b);
      case '/':
        return o.div(a, b);
      case '**':
        return this.#power(a, b);
      case 'negate':
        return o.neg(a);
      case '<':
        return o.less(a, b);
      case '<=':
        return o.lessEqual(a, b);
      case '>':
        return o.greater(a, b);
      case '>=':
        return o.greaterEqual(a, b);
      case '==':
        return o.equal(a, b);
      case '!=':
        return o.notEqual(a, b);
      case 'and':
        return o.logicalAnd(this.#truth(a), this.#truth(b));
      case 'or':
        return o.logicalOr(this.#truth(a), this.#truth(b));
      case 'not':
        return o.logicalNot(this.#truth(a));
      case 'where':
        return this.#where(this.#truth(a), b, c);
      case 'clip':
        return typeof a !== 'number' && typeof b === 'number' && typeof c === 'number'
          ? this.#clipped(a, b, c)
          : this.#extreme('minimum', this.#extreme('maximum', a, b), c);
      case 'minimum':
      case 'maximum':
        return this.#extreme(operation, a, b);
      case 'abs':
        // With the derivative 0 at 0.
        return typeof a === 'number' ? o.abs(a) : o.elementwise(a, o.abs, o.sign);
      case 'sign':
        return o.sign(a);
      case 'round':
        return o.round(a);
      case 'exp':
        return o.exp(a);
      case 'expm1':
        return o.expm1(a);
      case 'log':
        return o.log(a);
      case 'log1p':
        return o.log1p(a);
      case 'sqrt':
        return o.sqrt(a);
      case 'square':
        return o.square(a);
      case 'sin':
        return o.sin(a);
      case 'cos':
        return o.cos(a);
      case 'sigmoid':
        return o.sigmoid(a);
      case 'tanh':
        return o.tanh(a);
      case 'relu':
        return o.relu(a);
      case 'softplus':
        return o.softplus(a);
      case 'erf':
        return o.erf(a);
      case 'stop_gradient':
        return typeof a === 'number' ? o.scalar(a) : this.#stopped(a);
    }
  }

  /** No gradient goes through the condition, nor to the side that was not taken. */
  #where(condition: Tensor, a: StepValue, b: StepValue): Tensor {
    const { scalar, where, withGradient, zerosLike } = this.#operations;
    const shape = broadcastShape([condition, a, b].flatMap((x) => (typeof x === 'number' ? [] : [x.shape])));
    const [left, right] = [this.#broadcast(a, shape), this.#broadcast(b, shape)];
    const sides = [left, right].filter((side) => typeof side !== 'number');
    const choose = () => where(condition, left, right);
    // Two numbers: an input that nothing depends on keeps the condition out of the way back.
    if (sides.length === 0) {
      return withGradient([scalar(0)], (save) => {
        save([scalar(0)]);
        return { value: choose(), gradient: (_upstream, [zero = condition]) => [zerosLike(zero)] };
      });
    }
    return withGradient(sides, (save) => {
      save([condition]);
      return {
        value: choose(),
        gradient: (upstream, [taken = condition]) => [
          ...(typeof left === 'number' ? [] : [where(taken, upstream, 0)]),
          ...(typeof right === 'number' ? [] : [where(taken, 0, upstream)]),
        ],
      };
    });
  }

  /**
   * The greater or smaller of each pair. No gradient goes to a tensor that equals a number, as in `torch.clamp`, and two
   * tensors that are equal have half of it each, as in `torch.maximum`.
   */
  #extreme(operation: 'minimum' | 'maximum', a: StepValue, b: StepValue): Tensor {
    const { add, cast, equal, greater, less, mul, withGradient, [operation]: extreme } = this.#operations;
    const isFirst = operation === 'maximum' ? greater : less;
    if (typeof a === 'number' || typeof b === 'number') {
      const [x, bound] = typeof a === 'number' ? [b, a] : [a, b];
      if (typeof x === 'number') return extreme(x, bound);
      return withGradient([x], (save) => {
        save([x]);
        return {
          value: extreme(x, bound),
          gradient: (upstream, [saved = x]) => [mul(upstream, cast(isFirst(saved, bound), 'float32'))],
        };
      });
    }
    const shape = broadcastShape([a.shape, b.shape]);
    const [left, right] = [this.#broadcastTensor(a, shape), this.#broadcastTensor(b, shape)];
    return withGradient([left, right], (save) => {
      save([left, right]);
      return {
        value: extreme(left, right),
        gradient: (upstream, [x = left, y = right]) => {
          const half = mul(cast(equal(x, y), 'float32'), 0.5);
          const share = (one: Tensor, other: Tensor): Tensor =>
            mul(upstream, add(cast(isFirst(one, other), 'float32'), half));
          return [share(x, y), share(y, x)];
        },
      };
    });
  }

  /** Values within two numbers; at one of them the gradient is 0, as in `torch.clamp`. */
  #clipped(value: Tensor, low: number, high: number): Tensor {
    const { clipByValue, greater, less, logicalAnd, where, withGradient } = this.#operations;
    return withGradient([value], (save) => {
      save([value]);
      return {
        value: clipByValue(value, low, high),
        gradient: (upstream, [x = value]) => [where(logicalAnd(greater(x, low), less(x, high)), upstream, 0)],
      };
    });
  }

  #broadcast(value: StepValue, shape: readonly number[]): StepValue {
    return typeof value === 'number' ? value : this.#broadcastTensor(value, shape);
  }

  #broadcastTensor(value: Tensor, shape: readonly number[]): Tensor {
    const isSame = value.rank === shape.length && value.shape.every((n, axis) => n === shape[axis]);
    return isSame ? value : this.#operations.broadcastTo(value, [...shape]);
  }

  #truth(value: StepValue): Tensor {
    const { cast, scalar } = this.#operations;
    return typeof value === 'number' ? cast(scalar(value), 'bool') : value;
  }

  #stopped(value: Tensor): Tensor {
    const { withGradient, zerosLike } = this.#operations;
    return withGradient([value], (save) => {
      save([value]);
      return { value: value.clone(), gradient: (_upstream, [x = value]) => [zerosLike(x)] };
    });
  }

  /** Powers of whole and half exponents are what they are without a logarithm. */
  #power(base: StepValue, exponent: StepValue): Tensor {
    const { div, mul, pow, sqrt, square } = this.#operations;
    if (typeof base === 'number' || typeof exponent !== 'number') return pow(base, exponent);
    if (exponent === 1) return mul(base, 1);
    if (exponent === 2) return square(base);
    if (exponent === 0.5) return sqrt(base);
    return exponent === -1 ? div(1, base) : pow(base, exponent);
  }
}

/** The shape of tensors broadcast together: their axes are aligned at the last one. */
function broadcastShape(shapes: readonly (readonly number[])[]): readonly number[] {
  const rank = Math.max(0, ...shapes.map(({ length }) => length));
  return Array.from({ length: rank }, (_, axis) =>
    Math.max(...shapes.map((shape) => shape[axis - rank + shape.length] ?? 1)),
  );
}

function axesOf(over: FormulaAxis, kind: FormulaKind, rank: number): readonly number[] {
  const all = Array.from({ length: rank }, (_, axis) => axis);
  if (over === 'batch') return [0];
  const named = axesKeptBy(over);
  if (named.length > 0) return named.map((axis) => axisInside(axis, kind, rank));
  return over === 'features' && kind.batch ? all.slice(1) : all;
}

/** The place of an axis in a tensor, in which channels come last. */
function axisInside(axis: ShiftAxis, { batch }: FormulaKind, rank: number): number {
  const before = batch ? 1 : 0;
  const place = placeOfAxis(axis, rank - before);
  if (place < 0) throw new RangeError(`a tensor of rank ${rank} has no ${axis}`);
  return axis === 'channels' ? rank - 1 : before + Math.max(0, place - 1);
}

/** Steps that go into some of them, other than through known ones. */
function neededFor(
  formula: Formula,
  wanted: readonly number[],
  known: ReadonlyMap<number, Tensor>,
): ReadonlySet<number> {
  const needed = new Set(wanted.filter((step) => !known.has(step)));
  for (let index = formula.length - 1; index >= 0; index--) {
    const step = formula[index];
    if (!needed.has(index) || step === undefined || !('operands' in step)) continue;
    for (const operand of step.operands) if (!known.has(operand)) needed.add(operand);
  }
  return needed;
}
