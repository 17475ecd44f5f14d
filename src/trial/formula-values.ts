import { axesKeptBy, type Formula, type FormulaAxis, placeOfAxis, type Step } from '../compiler/ir/formula.js';
import { onNumbers } from '../compiler/ir/formula-numbers.js';

/** Values `[batch, …]` in the order of an example's shape; an axis that they lack has the length 1. */
export interface Values {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

const nothing: Values = { shape: [], values: [Number.NaN] };

/** The values of a formula's steps in float64, by plain loops. @param held what `stop_gradient` keeps, by step */
export function formulaValues(
  formula: Formula,
  tensors: ReadonlyMap<string, Values>,
  numbers: Readonly<Record<string, number>>,
  held: readonly Values[] = [],
): readonly Values[] {
  const values: Values[] = [];
  for (const [i, step] of formula.entries()) {
    const isHeld = step.kind === 'operation' && step.operation === 'stop_gradient';
    values.push((isHeld ? held[i] : undefined) ?? valuesOf(step, values, tensors, numbers));
  }
  return values;
}

function valuesOf(
  step: Step,
  values: readonly Values[],
  tensors: ReadonlyMap<string, Values>,
  numbers: Readonly<Record<string, number>>,
): Values {
  const at = (operand: number): Values => values[operand] ?? nothing;
  switch (step.kind) {
    case 'number':
      return { shape: [], values: [step.value] };
    case 'parameter':
      return { shape: [], values: [numbers[step.name] ?? Number.NaN] };
    case 'tensor':
    case 'layer':
      return tensors.get(step.name) ?? nothing;
    case 'gram':
      return products(at(step.operands[0]), at(step.operands[1]));
    case 'shift':
      return shifted(at(step.operands[0]), placeOfAxis(step.axis, at(step.operands[0]).shape.length - 1) + 1, step.by);
    case 'reduction': {
      const of = at(step.operands[0]);
      return reduced(step.reduction, of, placesOver(step.over, of.shape.length));
    }
    case 'operation': {
      const operands = step.operands.map(at);
      const rank = Math.max(...operands.map(({ shape }) => shape.length));
      const shape = Array.from({ length: rank }, (_, axis) =>
        Math.max(...operands.map((each) => each.shape[axis] ?? 1)),
      );
      return filled(shape, (index) =>
        onNumbers(
          step.operation,
          operands.map((each) => valueAt(each, index)),
        ),
      );
    }
  }
}

function placesOver(over: FormulaAxis, rank: number): readonly number[] {
  const all = Array.from({ length: rank }, (_, place) => place);
  if (over === 'everything') return all;
  if (over === 'batch') return [0];
  const named = axesKeptBy(over);
  return named.length > 0 ? named.map((axis) => placeOfAxis(axis, rank - 1) + 1) : all.slice(1);
}

function reduced(reduction: 'sum' | 'mean' | 'max' | 'min', of: Values, places: readonly number[]): Values {
  const shape = of.shape.map((n, place) => (places.includes(place) ? 1 : n));
  const inner = of.shape.map((n, place) => (places.includes(place) ? n : 1));
  return filled(shape, (index) => {
    const items = filled(inner, (within) =>
      valueAt(
        of,
        index.map((i, place) => i + (within[place] ?? 0)),
      ),
    ).values;
    const all = Array.from(items);
    if (reduction === 'max') return Math.max(...all);
    if (reduction === 'min') return Math.min(...all);
    const total = all.reduce((a, b) => a + b, 0);
    return reduction === 'sum' ? total : total / all.length;
  });
}

/** `[1, features, features]` */
function products(a: Values, b: Values): Values {
  const [examples = 1] = a.shape;
  const [rows, columns] = [a.values.length / examples, b.values.length / examples];
  return filled([1, rows, columns], ([, i = 0, j = 0]) => {
    let total = 0;
    for (let n = 0; n < examples; n++) total += (a.values[n * rows + i] ?? 0) * (b.values[n * columns + j] ?? 0);
    return total / examples;
  });
}

function shifted(of: Values, along: number, by: number): Values {
  const last = (of.shape[along] ?? 1) - 1;
  return filled(of.shape, (index) =>
    valueAt(
      of,
      index.map((i, place) => (place === along ? Math.min(Math.max(i - by, 0), last) : i)),
    ),
  );
}

/** The value at an index of values that are broadcast. */
function valueAt({ shape, values }: Values, index: readonly number[]): number {
  let at = 0;
  for (const [place, n] of shape.entries()) at = at * n + (n === 1 ? 0 : (index[place] ?? 0));
  return values[at] ?? Number.NaN;
}

function filled(shape: readonly number[], value: (index: readonly number[]) => number): Values {
  const values = new Float64Array(shape.reduce((product, n) => product * n, 1));
  const index = shape.map(() => 0);
  for (let at = 0; at < values.length; at++) {
    values[at] = value(index);
    for (let place = shape.length - 1; place >= 0; place--) {
      const next = (index[place] ?? 0) + 1;
      index[place] = next < (shape[place] ?? 1) ? next : 0;
      if (index[place] !== 0) break;
    }
  }
  return { shape, values };
}
