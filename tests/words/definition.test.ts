import { add, div, grads, mul, type Scalar, sum, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Formula, Operation, Step } from '../../src/compiler/ir/formula.js';
import { kindsOf } from '../../src/compiler/ir/formula.js';
import { contains, type Interval } from '../../src/compiler/ir/interval.js';
import { growthOf } from '../../src/compiler/library/defined-word.js';
import { followFormula } from '../../src/compiler/library/formula-use.js';
import { chooseBackend } from '../../src/runtime/backend/choose.js';
import type { LayerContext } from '../../src/runtime/lowering/lowering.js';
import { operations } from '../../src/runtime/lowering/operations.js';
import { loweredActivation, loweredLoss } from '../../src/words/definition/lower.js';
import { lossContextOf } from '../runtime/lowering/lone-loss.js';

beforeAll(async () => {
  await chooseBackend('simd', { threads: 1 });
});

const [rows, columns] = [3, 4];
type Grid = readonly (readonly number[])[];
/** A value of each row and column, one of each row or column, or one. */
type Value = Grid;

/** The formula by plain loops over rows and columns, in double precision: an axis that a value lacks has length 1. */
function evaluated(
  formula: Formula,
  tensors: Readonly<Record<string, Grid>>,
  numbers: Readonly<Record<string, number>>,
) {
  const values: Value[] = [];
  for (const step of formula) values.push(stepValue(step, values, tensors, numbers));
  return values;
}

function stepValue(
  step: Step,
  values: readonly Value[],
  tensors: Readonly<Record<string, Grid>>,
  numbers: Readonly<Record<string, number>>,
): Value {
  switch (step.kind) {
    case 'number':
      return [[step.value]];
    case 'parameter':
      return [[numbers[step.name] ?? Number.NaN]];
    case 'tensor':
    case 'layer':
      return tensors[step.name] ?? [];
    case 'reduction': {
      const of = values[step.operands[0]] ?? [];
      const reduce = (items: readonly number[]): number => {
        if (step.reduction === 'max') return Math.max(...items);
        if (step.reduction === 'min') return Math.min(...items);
        const total = items.reduce((a, b) => a + b, 0);
        return step.reduction === 'sum' ? total : total / items.length;
      };
      if (step.over === 'features') return of.map((row) => [reduce(row)]);
      if (step.over === 'batch') return [(of[0] ?? []).map((_, j) => reduce(of.map((row) => row[j] ?? 0)))];
      return [[reduce(of.flat())]];
    }
    case 'shift':
    case 'gram':
      throw new Error('rows and columns have no axes to shift along');
    case 'operation': {
      const operands = step.operands.map((operand) => values[operand] ?? []);
      const height = Math.max(...operands.map((each) => each.length));
      const width = Math.max(...operands.map((each) => each[0]?.length ?? 0));
      return Array.from({ length: height }, (_, i) =>
        Array.from({ length: width }, (_unused, j) => {
          const at = operands.map((each) => {
            const row = each[each.length === 1 ? 0 : i] ?? [];
            return row[row.length === 1 ? 0 : j] ?? Number.NaN;
          });
          return single(step.operation, at);
        }),
      );
    }
  }
}

function single(operation: Operation, [a = 0, b = 0, c = 0]: readonly number[]): number {
  const table: Readonly<Record<Operation, () => number>> = {
    '+': () => a + b,
    '-': () => a - b,
    '*': () => a * b,
    '/': () => a / b,
    '**': () => a ** b,
    negate: () => -a,
    '<': () => Number(a < b),
    '<=': () => Number(a <= b),
    '>': () => Number(a > b),
    '>=': () => Number(a >= b),
    '==': () => Number(a === b),
    '!=': () => Number(a !== b),
    and: () => Number(a !== 0 && b !== 0),
    or: () => Number(a !== 0 || b !== 0),
    not: () => Number(a === 0),
    where: () => (a === 0 ? c : b),
    clip: () => Math.min(Math.max(a, b), c),
    minimum: () => Math.min(a, b),
    maximum: () => Math.max(a, b),
    abs: () => Math.abs(a),
    sign: () => Math.sign(a),
    round: () => (Math.abs(a % 1) === 0.5 ? 2 * Math.round(a / 2) : Math.round(a)),
    exp: () => Math.exp(a),
    expm1: () => Math.expm1(a),
    log: () => Math.log(a),
    log1p: () => Math.log1p(a),
    sqrt: () => Math.sqrt(a),
    square: () => a * a,
    sin: () => Math.sin(a),
    cos: () => Math.cos(a),
    sigmoid: () => 1 / (1 + Math.exp(-a)),
    tanh: () => Math.tanh(a),
    relu: () => Math.max(a, 0),
    softplus: () => Math.log1p(Math.exp(a)),
    erf: () => erf(a),
    stop_gradient: () => a,
  };
  return table[operation]();
}

function erf(x: number): number {
  let [term, total] = [x, x];
  for (let n = 1; n < 100; n++) {
    term *= (-x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}

/** Choices of random steps: each takes operands among those before it, where they fit. */
const choice = fc.record({
  what: fc.nat(999),
  a: fc.nat(999),
  b: fc.nat(999),
  c: fc.nat(999),
  number: fc.constantFrom(-2, -0.5, 0.25, 1, 2, 3),
});
type Choice = typeof choice extends fc.Arbitrary<infer T> ? T : never;

const smooth: readonly Operation[] = ['sin', 'cos', 'sigmoid', 'tanh', 'softplus', 'erf', 'square'];
const bent: readonly Operation[] = ['abs', 'relu'];
const pairs: readonly Operation[] = ['+', '-', '*', 'minimum', 'maximum'];
const truths: readonly Operation[] = ['<', '<=', '>', '>=', '==', '!='];

/** A formula whose values stay within what float32 and finite differences can hold. */
function randomFormula(
  choices: readonly Choice[],
  leaves: Formula,
  allowed: readonly ('features' | 'batch')[],
): Formula {
  const steps: Step[] = [...leaves];
  const plain: number[] = leaves.map((_, i) => i);
  const push = (step: Step): number => steps.push(step) - 1;
  for (const { what, a, b, c, number } of choices) {
    const one = plain[a % plain.length] ?? 0;
    const two = plain[b % plain.length] ?? 0;
    const three = plain[c % plain.length] ?? 0;
    const op = (operation: Operation, ...operands: number[]) => push({ kind: 'operation', operation, operands });
    const kinds = kindsOf(steps);
    switch (what % 10) {
      case 0:
        plain.push(push({ kind: 'number', value: number }));
        break;
      case 1:
      case 2:
        plain.push(op([...smooth, ...bent][b % 9] ?? 'sin', one));
        break;
      case 3:
      case 4:
        plain.push(op(pairs[c % pairs.length] ?? '+', one, two));
        break;
      case 5: {
        // A divisor, a logarithm and a root that are never near the edge of their domains.
        const safe = op('+', op('square', one), push({ kind: 'number', value: 1 }));
        plain.push(c % 3 === 0 ? op('/', two, safe) : op(c % 3 === 1 ? 'log' : 'sqrt', safe));
        break;
      }
      case 6:
        plain.push(op('where', op(truths[c % 6] ?? '<', one, two), three, one));
        break;
      case 7:
        plain.push(op('clip', one, push({ kind: 'number', value: -1.5 }), push({ kind: 'number', value: 1.25 })));
        break;
      case 8:
        plain.push(
          op('exp', op('tanh', one)),
          op('**', op('sigmoid', one), push({ kind: 'number', value: Math.abs(number) })),
        );
        break;
      default: {
        const axis = allowed[b % Math.max(1, allowed.length)];
        const kind = kinds[one];
        if (axis === undefined || !kind || !(axis === 'batch' ? kind.batch : kind.features)) break;
        const reduction = (['sum', 'mean', 'max', 'min'] as const)[c % 4] ?? 'sum';
        plain.push(push({ kind: 'reduction', reduction, over: axis, operands: [one] }));
      }
    }
  }
  return steps;
}

const leaves: Formula = [
  { kind: 'tensor', name: 'output' },
  { kind: 'tensor', name: 'target' },
  { kind: 'parameter', name: 'p' },
  { kind: 'layer', name: 'code' },
];

const numbers = { p: 0.75 };
const grid = (from: number): Grid =>
  Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j) => Math.fround(Math.sin(from + 3.7 * i + 1.3 * j))),
  );
const tensors = { output: grid(0.3), target: grid(1.9), code: grid(4.1), x: grid(0.3) };
const code = { kind: 'layer', block: 'encoder', index: 0, head: null } as const;
const toTensor = (values: Grid) => tensor(values.flat(), [rows, columns], 'float32');
const runs = Number(process.env.AEDSL_FUZZ_RUNS ?? 150);

/** The whole formula as a loss: the mean of its last value that depends on the output. */
function asLoss(formula: Formula): Formula {
  return [...formula, { kind: 'reduction', reduction: 'mean', over: 'everything', operands: [formula.length - 1] }];
}

describe("a person's own loss, against plain loops", () => {
  it('has their values and, by finite differences, their gradients', () => {
    fc.assert(
      fc.property(fc.array(choice, { minLength: 2, maxLength: 12 }), (choices) => {
        const whole = randomFormula(choices, leaves, ['features', 'batch']);
        const last = kindsOf(whole).at(-1);
        if (!last || last.constant || last.truth || (!last.batch && !last.features)) return;
        const formula = asLoss(whole);
        const known = (output: Grid) =>
          evaluated(formula, { ...tensors, output }, numbers).at(-1)?.[0]?.[0] ?? Number.NaN;
        const expected = known(tensors.output);
        if (!Number.isFinite(expected) || Math.abs(expected) > 1e3) return;
        const definition = { name: 'own', role: 'loss', parameters: [], formula } as const;
        const lowering = loweredLoss(definition, operations);
        tidy(() => {
          const layer = toTensor(tensors.code);
          const value = (prediction: Tensor): Scalar =>
            lowering.value(
              { ...numbers, code },
              lossContextOf({
                prediction,
                target: toTensor(tensors.target),
                input: toTensor(tensors.target),
                layer: () => layer,
              }),
            );
          const prediction = toTensor(tensors.output);
          expect(value(prediction).dataSync()[0]).toBeCloseTo(
            expected,
            3 - Math.ceil(Math.log10(1 + Math.abs(expected))),
          );
          if (!formula.some((step) => step.kind === 'tensor' && step.name === 'output')) return;
          const [gradient] = grads((y: Tensor) => add<Scalar>(value(y), mul<Scalar>(sum<Scalar>(y), 0)))([prediction]);
          const got = gradient?.dataSync() ?? [];
          const h = 1e-6;
          for (let i = 0; i < rows; i++) {
            for (let j = 0; j < columns; j++) {
              const moved = (by: number) =>
                known(tensors.output.map((row, r) => row.map((x, s) => (r === i && s === j ? x + by : x))));
              const [right, left, middle] = [
                (moved(h) - expected) / h,
                (expected - moved(-h)) / h,
                (moved(h) - moved(-h)) / (2 * h),
              ];
              // At a bend there is none; TF.js gives one of its sides.
              if (Math.abs(right - left) > 1e-3 * (1 + Math.abs(middle))) continue;
              expect(Math.abs((got[i * columns + j] ?? Number.NaN) - middle), `${i}, ${j}`).toBeLessThan(
                2e-3 * (1 + Math.abs(middle)),
              );
            }
          }
        });
      }),
      { numRuns: runs },
    );
  });

  it('lies within the range that the compiler follows', () => {
    const range: Interval = { low: -1, high: 1, lowOpen: false, highOpen: false };
    fc.assert(
      fc.property(fc.array(choice, { minLength: 1, maxLength: 12 }), (choices) => {
        const formula = randomFormula(choices, leaves, ['features', 'batch']);
        const seen = { shape: [columns], range };
        const values = evaluated(formula, tensors, numbers);
        for (const [i, value] of values.entries()) {
          const use = followFormula(
            { formula: formula.slice(0, i + 1) },
            { tensor: () => seen, layer: () => seen, number: () => ({ ...range, low: 0.75, high: 0.75 }) },
          );
          expect(use.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
          const slack = 1e-9;
          const { low, high } = use.range;
          const wider = {
            ...use.range,
            low: low - slack * (1 + Math.abs(low)),
            high: high + slack * (1 + Math.abs(high)),
          };
          for (const x of value.flat())
            if (Number.isFinite(x)) expect(contains(wider, x), `step ${i}: ${x}`).toBe(true);
        }
      }),
      { numRuns: runs },
    );
  });

  it('of a whole part of the data is computed from its means over examples', () => {
    // -log of the mean over the batch: the mean of parts of it would be another number.
    const formula: Formula = [
      { kind: 'tensor', name: 'output' },
      { kind: 'reduction', reduction: 'mean', over: 'batch', operands: [0] },
      { kind: 'operation', operation: 'square', operands: [1] },
      { kind: 'reduction', reduction: 'sum', over: 'everything', operands: [2] },
    ];
    expect(growthOf(formula)).toBe('mean');
    const { value, statistic } = loweredLoss({ name: 'own', role: 'loss', parameters: [], formula }, operations);
    const context = (prediction: Tensor) =>
      lossContextOf({ prediction, target: prediction, input: prediction, layer: () => prediction });
    const [one, other] = [toTensor(tensors.output), toTensor(tensors.target)];
    const whole = tensor([...tensors.output, ...tensors.target].flat(), [2 * rows, columns]);
    const means = [one, other].map((part) => statistic?.mean({}, context(part)));
    const [a, b] = means;
    if (!a || !b || !statistic) throw new Error('the loss has no statistic');
    const joined = statistic.value({}, div(add(a, b), 2), columns).dataSync()[0];
    expect(joined).toBeCloseTo(value({}, context(whole)).dataSync()[0] ?? Number.NaN, 6);
  });
});

describe("a person's own activation", () => {
  it('has the values of plain loops, of an image as of features', () => {
    fc.assert(
      fc.property(fc.array(choice, { minLength: 1, maxLength: 10 }), (choices) => {
        const whole = randomFormula(choices, [{ kind: 'tensor', name: 'x' }], ['features']);
        const last = kindsOf(whole).at(-1);
        if (!last?.batch || !last.features || last.truth) return;
        const lowering = loweredActivation(
          { name: 'own', role: 'activation', parameters: [], formula: whole },
          operations,
        );
        const expected = evaluated(whole, tensors, {}).at(-1)?.flat() ?? [];
        tidy(() => {
          const flat = lowering.forward({}, toTensor(tensors.x), unused).dataSync();
          const image = lowering.forward({}, tensor(tensors.x.flat(), [rows, 2, 1, 2]), unused).dataSync();
          for (const [i, value] of expected.entries()) {
            if (!Number.isFinite(value) || Math.abs(value) > 1e3) continue;
            const tolerance = 2e-4 * (1 + Math.abs(value));
            expect(Math.abs((flat[i] ?? Number.NaN) - value)).toBeLessThan(tolerance);
            expect(Math.abs((image[i] ?? Number.NaN) - value)).toBeLessThan(tolerance);
          }
        });
      }),
      { numRuns: runs },
    );
  });
});

const absent = (): never => {
  throw new Error('an activation needs nothing but its input');
};
const unused: LayerContext = {
  condition: absent,
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
};
