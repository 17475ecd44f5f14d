import type { Canonical } from './canonical.js';

/** Functions of one tensor that act on each of its values. */
export const elementFunctions = [
  'abs',
  'sign',
  'round',
  'exp',
  'expm1',
  'log',
  'log1p',
  'sqrt',
  'square',
  'sin',
  'cos',
  'sigmoid',
  'tanh',
  'relu',
  'softplus',
  'erf',
  'stop_gradient',
] as const;
export type ElementFunction = (typeof elementFunctions)[number];

export const reductions = ['sum', 'mean', 'max', 'min'] as const;
export type FormulaReduction = (typeof reductions)[number];

export const comparisons = ['<', '<=', '>', '>=', '==', '!='] as const;
export type FormulaComparison = (typeof comparisons)[number];

/** What acts on each value of its operands, after they are broadcast. */
export type Operation =
  | '+'
  | '-'
  | '*'
  | '/'
  | '**'
  | 'negate'
  | FormulaComparison
  | 'and'
  | 'or'
  | 'not'
  | 'where'
  | 'clip'
  | 'minimum'
  | 'maximum'
  | ElementFunction;

/** Axes of one example: of an image `[channels, height, width]`, of a signal `[channels, length]`. */
export const exampleAxes = ['channels', 'height', 'width', 'length'] as const;
export type ExampleAxis = (typeof exampleAxes)[number];

/** What a reduction goes over: all axes of an example, one of them, `height` and `width`, the examples, or everything. */
export const formulaAxes = ['features', 'batch', 'everything', ...exampleAxes, 'pixels'] as const;
export type FormulaAxis = (typeof formulaAxes)[number];

/** What `shift` goes along; the features of an example that is a list of them are in a row. */
export const shiftAxes = ['height', 'width', 'length', 'channels', 'features'] as const;
export type ShiftAxis = (typeof shiftAxes)[number];

/** The axes of an example that a reduction leaves with the length 1; none if it leaves no axis of examples, or all. */
export function axesKeptBy(over: FormulaAxis): readonly ExampleAxis[] {
  if (over === 'pixels') return ['height', 'width'];
  return exampleAxes.filter((axis) => axis === over);
}

export function reducesBatch(over: FormulaAxis): boolean {
  return over === 'batch' || over === 'everything';
}

/** The place of an axis among those of an example's shape; -1 if it has no such axis. */
export function placeOfAxis(axis: ShiftAxis, rank: number): number {
  if (rank === 3) return ['channels', 'height', 'width'].indexOf(axis);
  return rank === 2 ? ['channels', 'length'].indexOf(axis) : rank === 1 && axis === 'features' ? 0 : -1;
}

/** Tensors that every loss or activation has, `[batch, …]`. */
export const tensorNames = ['output', 'target', 'input', 'x'] as const;
export type TensorName = (typeof tensorNames)[number];

export type Step =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'tensor'; readonly name: TensorName }
  | { readonly kind: 'parameter'; readonly name: string }
  /** The output of the layer that a parameter names, `on`, or of one of its heads, `on.logvar`. */
  | { readonly kind: 'layer'; readonly name: string }
  | { readonly kind: 'operation'; readonly operation: Operation; readonly operands: readonly number[] }
  | {
      readonly kind: 'reduction';
      readonly reduction: FormulaReduction;
      readonly over: FormulaAxis;
      readonly operands: readonly [number];
    }
  /** The value `by` places before each along an axis; beyond an end, the value at the end. */
  | {
      readonly kind: 'shift';
      readonly axis: ShiftAxis;
      readonly by: number;
      readonly operands: readonly [number];
    }
  /** For each feature of one operand and each of the other, the mean over the batch of their product. */
  | { readonly kind: 'gram'; readonly operands: readonly [number, number] };

/**
 * A tensor expression as plain data: steps in an order in which each comes after its operands, which it names by index.
 * Equal parts are one step. The last step is the result.
 */
export type Formula = readonly Step[];

/** The ends of a network, whose heads any formula may name. */
export const networkEnds = ['code', 'output'] as const;
export type NetworkEnd = (typeof networkEnds)[number];

/** The parameter of a layer's step, and the head that it takes of the layer. */
export function partsOfLayer(name: string): { readonly parameter: string; readonly head: string | null } {
  const [parameter = name, head = null] = name.split('.');
  return { parameter, head };
}

/** The axes of a step's value. Neither: one number. */
export interface FormulaKind {
  readonly batch: boolean;
  readonly features: boolean;
  /** Axes of an example that a reduction has left with the length 1. */
  readonly reduced: readonly ExampleAxis[];
  /** Whether it has a value for each pair of features, which go together with numbers and with one another alone. */
  readonly pairs: boolean;
  /** Whether it is true or false, as a comparison is. */
  readonly truth: boolean;
  /** Whether no tensor goes into it, so that it is known before a step is computed. */
  readonly constant: boolean;
}

/** Kinds of all steps. */
export function kindsOf(formula: Formula): readonly FormulaKind[] {
  const kinds: FormulaKind[] = [];
  for (const step of formula) kinds.push(kindOf(step, kinds));
  return kinds;
}

/** @param kinds those of the steps before it */
export function kindOf(step: Step, kinds: readonly FormulaKind[]): FormulaKind {
  switch (step.kind) {
    case 'number':
    case 'parameter':
      return { batch: false, features: false, reduced: [], pairs: false, truth: false, constant: true };
    case 'tensor':
    case 'layer':
      return { batch: true, features: true, reduced: [], pairs: false, truth: false, constant: false };
    case 'gram':
      return { batch: false, features: true, reduced: [], pairs: true, truth: false, constant: false };
    case 'shift':
      return { ...operandKind(kinds, step.operands[0]), truth: false };
    case 'reduction': {
      const of = operandKind(kinds, step.operands[0]);
      const features = of.features && step.over !== 'features' && step.over !== 'everything';
      const reduced = exampleAxes.filter((axis) => of.reduced.includes(axis) || axesKeptBy(step.over).includes(axis));
      return {
        batch: of.batch && !reducesBatch(step.over),
        features,
        reduced: features ? reduced : [],
        pairs: false,
        truth: false,
        constant: false,
      };
    }
    case 'operation': {
      const of = step.operands.map((operand) => operandKind(kinds, operand));
      const withFeatures = of.filter(({ features }) => features);
      return {
        batch: of.some(({ batch }) => batch),
        features: withFeatures.length > 0,
        reduced: exampleAxes.filter(
          (axis) => withFeatures.length > 0 && withFeatures.every(({ reduced }) => reduced.includes(axis)),
        ),
        pairs: of.some(({ pairs }) => pairs),
        truth: givesTruth(step.operation),
        constant: of.every(({ constant }) => constant),
      };
    }
  }
}

function operandKind(kinds: readonly FormulaKind[], operand: number): FormulaKind {
  const kind = kinds[operand];
  if (kind === undefined) throw new RangeError(`the formula has no step ${operand} before it is used`);
  return kind;
}

const truths: ReadonlySet<Operation> = new Set([...comparisons, 'and', 'or', 'not']);

function givesTruth(operation: Operation): boolean {
  return truths.has(operation);
}

/** A short text of a step that is the same for equal steps. */
export function stepKey(step: Step): string {
  switch (step.kind) {
    case 'number':
      return `number ${Object.is(step.value, -0) ? 0 : step.value}`;
    case 'operation':
      return `${step.operation} ${step.operands.join(' ')}`;
    case 'reduction':
      return `${step.reduction} ${step.over} ${step.operands.join(' ')}`;
    case 'shift':
      return `shift ${step.axis} ${step.by} ${step.operands.join(' ')}`;
    case 'gram':
      return `gram ${step.operands.join(' ')}`;
    default:
      return `${step.kind} ${step.name}`;
  }
}

export function canonicalFormula(formula: Formula): Canonical {
  return formula.map((step): Canonical => {
    switch (step.kind) {
      case 'number':
        return step.value;
      case 'operation':
        return [step.operation, ...step.operands];
      case 'reduction':
        return [step.reduction, step.over, ...step.operands];
      case 'shift':
        return ['shift', step.axis, step.by, ...step.operands];
      case 'gram':
        return ['gram', ...step.operands];
      default:
        return [step.kind, step.name];
    }
  });
}
