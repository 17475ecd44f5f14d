import { mul, type Scalar, sum, type Tensor, tensor } from '@tensorflow/tfjs-core';
import type { Definition } from '../compiler/ir/definition.js';
import { type ExperimentIr, layerAt, wantedOf } from '../compiler/ir/experiment.js';
import type { Formula, Step } from '../compiler/ir/formula.js';
import { onNumbers } from '../compiler/ir/formula-numbers.js';
import type { Interval } from '../compiler/ir/interval.js';
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

/** A value of each row and column, one of each row or column, or one: an axis that it lacks has length 1. */
type Grid = readonly (readonly number[])[];

const rows = 4;
const columns = 6;
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
    const ranges = new Map<string, Interval>([
      ['output', ir.decoder.at(-1)?.range ?? wantedOf(ir).range],
      ['target', wantedOf(ir).range],
      ['input', ir.data.range],
    ]);
    for (const step of loss.definition.formula) {
      const layer = step.kind === 'layer' ? layerOfStep(step.name, args) : null;
      if (step.kind === 'layer' && layer) ranges.set(step.name, layerAt(layer, ir)?.range ?? ir.data.range);
    }
    return checked(loss, loss.definition, args, ranges, library);
  });
  const rebuilding = ir.stages.flatMap((stage) => {
    const word = stage.kind === 'pretrain' ? (stage.method.arguments.loss?.value ?? null) : null;
    if (stage.kind !== 'pretrain' || !isWordValue(word) || word.definition === undefined) return [];
    // The first layer of the stage stands for the others: a reconstruction is taken to have its target's range.
    const range = inputRangeOf(stage.layers[0] ?? 0, ir);
    const ranges = new Map(['output', 'target', 'input'].map((name) => [name, range]));
    return checked(word, word.definition, argumentsAt(word.arguments, library)(start), ranges, library);
  });
  const activations = [...ir.encoder, ...ir.decoder].flatMap((node, i, nodes) => {
    if (node.definition === undefined) return [];
    const isRepeated = nodes.slice(0, i).some((other) => other.definition === node.definition);
    const range = nodes[i - 1]?.range ?? ir.data.range;
    const args = argumentsAt(node.arguments, library)(start);
    return isRepeated ? [] : checked(node, node.definition, args, new Map([['x', range]]), library);
  });
  return [...losses, ...rebuilding, ...activations];
}

function checked(
  use: WordUse,
  definition: Definition,
  args: Readonly<Record<string, Value>>,
  ranges: ReadonlyMap<string, Interval>,
  library: Words,
): readonly GradientCheck[] {
  const { formula, role, name } = definition;
  const names = new Set(
    formula.flatMap((each) => (each.kind === 'tensor' || each.kind === 'layer' ? [each.name] : [])),
  );
  const grids = new Map([...ranges].map(([tensorName, range], i) => [tensorName, drawn(range, i)]));
  const factors = drawn({ low: -1, high: 1, lowOpen: false, highOpen: false }, ranges.size);
  const numbers: Record<string, number> = {};
  for (const [parameter, value] of Object.entries(args)) if (typeof value === 'number') numbers[parameter] = value;
  const held = evaluated(formula, grids, numbers);
  const total = (given: ReadonlyMap<string, Grid>): number => {
    const value = evaluated(formula, given, numbers, held).at(-1) ?? [];
    return value.reduce(
      (all, row, i) => row.reduce((part, x, j) => part + x * (role === 'activation' ? (factors[i]?.[j] ?? 0) : 1), all),
      0,
    );
  };
  return [...names]
    .filter((by) => by !== 'target' && by !== 'input')
    .map((by) => {
      const got = gradient(use, role, args, grids, factors, by, library);
      let [deviation, largest, bends] = [0, 0, 0];
      const middle = total(grids);
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          const moved = (to: number) =>
            total(new Map([...grids].map(([key, grid]) => [key, key === by ? nudged(grid, i, j, to) : grid])));
          const [right, left] = [(moved(step) - middle) / step, (middle - moved(-step)) / step];
          const expected = (right + left) / 2;
          if (Math.abs(right - left) > 1e-3 * (Math.abs(expected) + 1)) {
            bends++;
            continue;
          }
          largest = Math.max(largest, Math.abs(expected));
          const difference = Math.abs((got[i * columns + j] ?? Number.NaN) - expected);
          deviation = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(deviation, difference);
        }
      }
      const relative = deviation === 0 ? 0 : deviation / Math.max(largest, 1e-12);
      return { name, by, deviation: relative, bends, compared: rows * columns - bends };
    });
}

function gradient(
  use: WordUse,
  role: Definition['role'],
  args: Readonly<Record<string, Value>>,
  grids: ReadonlyMap<string, Grid>,
  factors: Grid,
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
        weight: absent,
      });
    };
    return gradientsOf(compute, [at(by)])[0]?.dataSync() ?? [];
  });
}

const absent = (): never => {
  throw new RangeError('a definition needs nothing but its tensors');
};

const alone = {
  weights: {},
  tied: new Set<string>(),
  input: [columns],
  output: [columns],
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

function toTensor(grid: Grid): Tensor {
  return tensor(grid.flat(), [rows, columns], 'float32');
}

/** Random float32 values, at some distance from the ends of a range. */
function drawn({ low, high }: Interval, index: number): Grid {
  const [from, to] = [Math.max(low, -2), Math.min(high, 2)];
  const values = new Float32Array(rows * columns);
  stream({ seed: 1, path: 'gradients', purpose: `tensor_${index}` }).uniform(values, 0);
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_unused, j) =>
      Math.fround(from + (to - from) * (0.05 + 0.9 * (values[i * columns + j] ?? 0))),
    ),
  );
}

function nudged(grid: Grid, row: number, column: number, by: number): Grid {
  return grid.map((values, i) => (i === row ? values.map((x, j) => (j === column ? x + by : x)) : values));
}

/** The values of a formula's steps in float64, by plain loops. @param held what `stop_gradient` keeps, by step */
function evaluated(
  formula: Formula,
  tensors: ReadonlyMap<string, Grid>,
  numbers: Readonly<Record<string, number>>,
  held: readonly Grid[] = [],
): readonly Grid[] {
  const values: Grid[] = [];
  for (const [i, each] of formula.entries()) {
    const isHeld = each.kind === 'operation' && each.operation === 'stop_gradient';
    values.push((isHeld ? held[i] : undefined) ?? stepValue(each, values, tensors, numbers));
  }
  return values;
}

function stepValue(
  each: Step,
  values: readonly Grid[],
  tensors: ReadonlyMap<string, Grid>,
  numbers: Readonly<Record<string, number>>,
): Grid {
  switch (each.kind) {
    case 'number':
      return [[each.value]];
    case 'parameter':
      return [[numbers[each.name] ?? Number.NaN]];
    case 'tensor':
    case 'layer':
      return tensors.get(each.name) ?? [];
    case 'reduction': {
      const of = values[each.operands[0]] ?? [];
      const reduced = (items: readonly number[]): number => {
        if (each.reduction === 'max') return Math.max(...items);
        if (each.reduction === 'min') return Math.min(...items);
        const all = items.reduce((a, b) => a + b, 0);
        return each.reduction === 'sum' ? all : all / items.length;
      };
      if (each.over === 'features') return of.map((row) => [reduced(row)]);
      if (each.over === 'batch') return [(of[0] ?? []).map((_, j) => reduced(of.map((row) => row[j] ?? 0)))];
      return [[reduced(of.flat())]];
    }
    case 'operation': {
      const operands = each.operands.map((operand) => values[operand] ?? []);
      const height = Math.max(...operands.map(({ length }) => length));
      const width = Math.max(...operands.map((grid) => grid[0]?.length ?? 0));
      return Array.from({ length: height }, (_, i) =>
        Array.from({ length: width }, (_unused, j) =>
          onNumbers(
            each.operation,
            operands.map((grid) => {
              const row = grid[grid.length === 1 ? 0 : i] ?? [];
              return row[row.length === 1 ? 0 : j] ?? Number.NaN;
            }),
          ),
        ),
      );
    }
  }
}
