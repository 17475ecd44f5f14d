import type { Definition } from '../ir/definition.js';
import {
  axesKeptBy,
  exampleAxes,
  type Formula,
  type FormulaAxis,
  type FormulaKind,
  kindsOf,
  type Operation,
  placeOfAxis,
  reducesBatch,
  type ShiftAxis,
  type Step,
  type TensorName,
} from '../ir/formula.js';
import { describeInterval, type Interval, realLine } from '../ir/interval.js';
import * as on from '../ir/interval-arithmetic.js';
import { describeShape, elementCount, type Shape, sameShape } from '../ir/shape.js';

/** A tensor of one example; null for a shape that is not known. */
interface SeenTensor {
  readonly shape: Shape | null;
  readonly range: Interval;
}

/** What a formula is given where it is used. */
export interface FormulaSurroundings {
  tensor(name: TensorName): SeenTensor;
  layer(name: string): SeenTensor;
  /** Values of a number: one, or what a schedule goes through. */
  number(name: string): Interval;
}

/** What is wrong with a step of a formula where it is used. */
export interface FormulaProblem {
  /** Index of the step. */
  readonly step: number;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** Index of the operand that is at fault, for a hint; null for the step itself. */
  readonly operand: number | null;
  readonly cure: 'positive' | 'not negative' | 'not zero' | null;
}

export interface FormulaUse {
  /** Shape of one example's value of the result; null for a number. */
  readonly shape: Shape | null;
  readonly range: Interval;
  readonly problems: readonly FormulaProblem[];
}

/** Follows shapes and ranges through a formula. */
export function followFormula({ formula }: Pick<Definition, 'formula'>, around: FormulaSurroundings): FormulaUse {
  const kinds = kindsOf(formula);
  const shapes: (Shape | null)[] = [];
  const ranges: Interval[] = [];
  const problems: FormulaProblem[] = [];
  for (const [index, step] of formula.entries()) {
    const shape = shapeOfStep(step, shapes, around);
    if (shape !== null && 'problem' in shape) {
      problems.push({ step: index, severity: 'error', message: shape.problem, operand: null, cure: null });
      return { shape: null, range: realLine, problems };
    }
    shapes.push(shape);
    ranges.push(rangeOfStep(formula, index, ranges, shapes, kinds, around));
    problems.push(...domainProblems(formula, index, ranges));
  }
  return { shape: shapes.at(-1) ?? null, range: ranges.at(-1) ?? realLine, problems };
}

function shapeOfStep(
  step: Step,
  shapes: readonly (Shape | null)[],
  around: FormulaSurroundings,
): Shape | null | { readonly problem: string } {
  switch (step.kind) {
    case 'number':
    case 'parameter':
      return null;
    case 'tensor':
      return around.tensor(step.name).shape;
    case 'layer':
      return around.layer(step.name).shape;
    case 'shift':
      return shiftedShape(step, shapes[step.operands[0]] ?? null);
    case 'gram': {
      const [a, b] = step.operands.map((operand) => shapes[operand] ?? null);
      return a && b ? [elementCount(a), elementCount(b)] : null;
    }
    case 'reduction':
      return reducedShape(step.over, shapes[step.operands[0]] ?? null);
    case 'operation': {
      let joined: Shape | null = null;
      for (const shape of featureShapes(step, shapes)) {
        const next: Shape | null = joined === null ? shape : broadcast(joined, shape);
        if (next === null) {
          const [first, second] = featureShapes(step, shapes);
          return {
            problem: `values of ${describeShape(first ?? [])} and of ${describeShape(second ?? [])} do not go together`,
          };
        }
        joined = next;
      }
      return joined;
    }
  }
}

function reducedShape(over: FormulaAxis, shape: Shape | null): Shape | null | { readonly problem: string } {
  if (over === 'batch' || shape === null) return shape;
  if (over === 'features' || over === 'everything') return null;
  const places = axesKeptBy(over).map((axis) => placeOfAxis(axis, shape.length));
  if (places.includes(-1)) return { problem: lacksAxis(over, shape) };
  return shape.map((n, place) => (places.includes(place) ? 1 : n));
}

function shiftedShape(
  { axis, by }: Extract<Step, { kind: 'shift' }>,
  shape: Shape | null,
): Shape | null | { readonly problem: string } {
  if (shape === null) return null;
  const length = shape[placeOfAxis(axis, shape.length)];
  if (length === undefined) return { problem: lacksAxis(axis, shape) };
  // A reduction has left one value along the axis, which is its own neighbour.
  if (length === 1 || Math.abs(by) < length) return shape;
  return { problem: `this shifts by ${Math.abs(by)} along ${axis}, and there are ${length} values` };
}

function lacksAxis(axis: FormulaAxis | ShiftAxis, shape: Shape): string {
  const has = exampleAxes.filter((each) => placeOfAxis(each, shape.length) >= 0);
  const axes = has.length === 0 ? 'features alone' : has.join(', ').replace(/, (?=\w+$)/, ' and ');
  return `this has no ${axis}: it is ${describeShape(shape)}, with ${axes}`;
}

function featureShapes(step: Step, shapes: readonly (Shape | null)[]): readonly Shape[] {
  if (step.kind !== 'operation') return [];
  const all = step.operands.flatMap((operand): readonly Shape[] => {
    const shape = shapes[operand];
    return shape ? [shape] : [];
  });
  const [first] = all;
  const other = all.find((shape) => first && !sameShape(first, shape));
  return first && other ? [first, other] : all.slice(0, 1);
}

/** The shape of two tensors broadcast as in NumPy, of equal rank; null where they do not go together. */
function broadcast(a: Shape, b: Shape): Shape | null {
  if (a.length !== b.length || a.some((n, i) => n !== b[i] && n !== 1 && b[i] !== 1)) return null;
  return a.map((n, i) => Math.max(n, b[i] ?? 1));
}

function rangeOfStep(
  formula: Formula,
  index: number,
  ranges: readonly Interval[],
  shapes: readonly (Shape | null)[],
  kinds: ReturnType<typeof kindsOf>,
  around: FormulaSurroundings,
): Interval {
  const step = formula[index];
  const rangeAt = (operand: number): Interval => ranges[operand] ?? realLine;
  switch (step?.kind) {
    case undefined:
      return realLine;
    case 'number':
      return on.point(step.value);
    case 'parameter':
      return around.number(step.name);
    case 'tensor':
      return around.tensor(step.name).range;
    case 'layer':
      return around.layer(step.name).range;
    case 'reduction': {
      const [operand] = step.operands;
      const each = rangeAt(operand);
      if (step.reduction !== 'sum') return each;
      const isOfBatch = reducesBatch(step.over) && (kinds[operand]?.batch ?? false);
      const count = countOver(step.over, shapes[operand] ?? null, kinds[operand]);
      // However many examples there are, one at least.
      const examples = isOfBatch ? { low: 1, lowOpen: false, high: Infinity, highOpen: true } : on.point(1);
      return on.times(on.times(each, count), examples);
    }
    case 'shift':
      return rangeAt(step.operands[0]);
    case 'gram':
      return on.times(rangeAt(step.operands[0]), rangeAt(step.operands[1]));
    case 'operation':
      return rangeOfOperation(step.operation, step.operands, rangeAt);
  }
}

/** How many values of an example a reduction goes over: one at least where the shape is not known. */
function countOver(over: FormulaAxis, shape: Shape | null, kind: FormulaKind | undefined): Interval {
  if (over === 'batch' || kind?.features !== true) return on.point(1);
  if (shape === null) return { low: 1, lowOpen: false, high: Infinity, highOpen: true };
  const places = axesKeptBy(over).map((axis) => placeOfAxis(axis, shape.length));
  return on.point(elementCount(places.length === 0 ? shape : places.map((place) => shape[place] ?? 1)));
}

function rangeOfOperation(
  operation: Operation,
  operands: readonly number[],
  rangeAt: (operand: number) => Interval,
): Interval {
  const [first = 0, second = first, third = second] = operands;
  const [a, b, c] = [rangeAt(first), rangeAt(second), rangeAt(third)];
  switch (operation) {
    case '+':
      return on.plus(a, b);
    case '-':
      return first === second ? on.point(0) : on.minus(a, b);
    case '*':
      return first === second ? on.power(a, 2) : on.times(a, b);
    case '/':
      return on.dividedBy(a, b);
    case '**':
      if (b.low === b.high) return on.power(a, b.low);
      return a.low > 0 || (a.low === 0 && a.lowOpen) ? { ...realLine, low: 0 } : realLine;
    case 'negate':
      return on.negative(a);
    case 'where':
      return on.hull(b, c);
    case 'clip':
      return on.minimumOf(on.maximumOf(a, b), c);
    case 'minimum':
      return on.minimumOf(a, b);
    case 'maximum':
      return on.maximumOf(a, b);
    case 'abs':
      return on.absolute(a);
    case 'square':
      return on.power(a, 2);
    case 'sqrt':
      return on.power(a, 0.5);
    case 'log':
      return on.logarithm(a);
    case 'log1p':
      return on.logarithm(on.plus(a, on.point(1)));
    case 'sign':
    case 'round':
      return on.steppedFunction(operation, a);
    case 'exp':
    case 'expm1':
    case 'sigmoid':
    case 'tanh':
    case 'relu':
    case 'softplus':
    case 'erf':
      return on.increasingFunction(operation, a);
    case 'sin':
    case 'cos':
      return { low: -1, lowOpen: false, high: 1, highOpen: false };
    case 'stop_gradient':
      return a;
    case '<':
    case '<=':
    case '>':
    case '>=':
    case '==':
    case '!=':
    case 'and':
    case 'or':
    case 'not':
      return { low: 0, lowOpen: false, high: 1, highOpen: false };
  }
}

/** Warnings of values outside of a function's domain, or at its edge, where it has no finite derivative. */
function domainProblems(formula: Formula, index: number, ranges: readonly Interval[]): readonly FormulaProblem[] {
  const step = formula[index];
  if (step?.kind !== 'operation') return [];
  const [first = 0, second = first] = step.operands;
  const [a, b] = [ranges[first] ?? realLine, ranges[second] ?? realLine];
  const warning = (what: string, operand: number, cure: FormulaProblem['cure']): readonly FormulaProblem[] => {
    const range = ranges[operand] ?? realLine;
    const message = `${what}: it is in ${describeInterval(range)}`;
    return [{ step: index, severity: 'warning', message, operand, cure }];
  };
  switch (step.operation) {
    case 'log':
      if (on.mayBeNegative(a))
        return warning('this can be 0 or negative, where it has no logarithm', first, 'positive');
      return on.mayBeZero(a) ? warning('this can be 0, where it has no logarithm', first, 'positive') : [];
    case 'log1p':
      return a.low < -1 || (a.low === -1 && !a.lowOpen)
        ? warning('this can be -1 or less, where log1p has no value', first, null)
        : [];
    case 'sqrt':
      if (on.mayBeNegative(a))
        return warning('this can be negative, where it has no square root', first, 'not negative');
      return on.mayBeZero(a) && isVariable(formula, first)
        ? warning('this can be 0, where the derivative of its square root is infinite', first, 'positive')
        : [];
    case '/':
      return on.mayBeZero(b) ? warning('this divisor can be 0', second, 'not zero') : [];
    case '**': {
      const isWhole = b.low === b.high && Number.isInteger(b.low);
      if (on.mayBeNegative(a) && !isWhole)
        return warning(
          'this can be negative, where it has no power with a fraction as its exponent',
          first,
          'not negative',
        );
      if (b.low < 0 && on.mayBeZero(a))
        return warning('this can be 0, where it has no negative power', first, 'not zero');
      return b.low < 1 && !isWhole && on.mayBeZero(a) && isVariable(formula, first)
        ? warning('this can be 0, where the derivative of a power below 1 is infinite', first, 'positive')
        : [];
    }
    default:
      return [];
  }
}

function isVariable(formula: Formula, index: number): boolean {
  return kindsOf(formula.slice(0, index + 1))[index]?.constant === false;
}
