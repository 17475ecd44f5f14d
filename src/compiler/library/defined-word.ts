import type { DefinedNumber, Definition } from '../ir/definition.js';
import { type Formula, kindsOf, partsOfLayer, reducesBatch, type Step } from '../ir/formula.js';
import { numberOf } from '../ir/formula-numbers.js';
import { formulaText } from '../ir/formula-text.js';
import { contains, type Interval, realLine } from '../ir/interval.js';
import { point } from '../ir/interval-arithmetic.js';
import type { Shape } from '../ir/shape.js';
import { isLayerReference, isSchedule, type LayerReference, ownValue, type Value } from '../ir/value.js';
import { type FormulaUse, followFormula } from './formula-use.js';
import { layer, type Parameter, type Parameters, real, scheduled } from './parameter.js';
import { type LayerWord, type LossWord, ok } from './word.js';

// The rules of a person's own words, which follow from their formulas.

const notes = {
  example: '',
  mistake: { text: '', code: 'AE301' },
  oracle: 'check --gradients',
} as const;

/** A loss or a penalty of an `.ae` file. */
export function definedLoss(definition: Definition): LossWord {
  const variable = variableTensors(definition.formula);
  return {
    family: 'loss',
    name: definition.name,
    version: 1,
    defined: definition,
    doc: `A ${definition.role} of the project’s own: \`${formulaText(definition.formula)}\`.`,
    parameters: parametersOf(definition),
    ...notes,
    role: definition.role === 'penalty' ? 'penalty' : 'reconstruction',
    isFused: false,
    weight: null,
    tensors: variable,
    check: () => [],
    sumsOverExamples: () => growthOf(definition.formula) === 'sum',
  };
}

/** An activation of an `.ae` file. */
export function definedActivation(definition: Definition): LayerWord {
  const tensors = variableTensors(definition.formula);
  return {
    family: 'layer',
    name: definition.name,
    version: 1,
    defined: definition,
    doc: `An activation of the project’s own: \`${formulaText(definition.formula)}\`.`,
    parameters: parametersOf(definition),
    ...notes,
    activation: true,
    heads: [],
    random: false,
    flattensInput: false,
    memory: { forward: tensors, backward: tensors },
    shape: (_args, input) => ok(input),
    weights: () => ({}),
    range: (args, input) => activationUse(definition, args, { shape: null, range: input }).range,
    opposite: () => ok(null),
  };
}

/** @param x shape and values of one example of the layer's input */
export function activationUse(
  definition: Definition,
  args: Readonly<Record<string, Value>>,
  x: { readonly shape: Shape | null; readonly range: Interval },
): FormulaUse {
  return followFormula(definition, {
    tensor: () => x,
    layer: () => x,
    number: (name) => {
      const value = args[name];
      return typeof value === 'number' ? point(value) : realLine;
    },
  });
}

function parametersOf({ role, parameters }: Definition): Parameters {
  return Object.fromEntries(
    parameters.map((parameter): [string, Parameter] => {
      if (parameter.kind === 'layer')
        return [parameter.name, layer({ doc: 'The layer it looks at.', default: parameter.default })];
      const { name, condition } = parameter;
      const doc = condition === null ? `The number ${name}.` : `The number ${name}, where ${condition}.`;
      const options = { doc, range: rangeOfNumber(parameter) };
      const given = parameter.default === null ? options : { ...options, default: parameter.default };
      return [name, role === 'activation' ? real(given) : scheduled(given)];
    }),
  );
}

/** The numbers that a parameter's condition allows, as far as it compares it with numbers. */
function rangeOfNumber({ name, where }: DefinedNumber): Interval {
  if (where === null) return realLine;
  let range = realLine;
  const pending = [where.length - 1];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const step = where[at];
    if (step?.kind !== 'operation') continue;
    if (step.operation === 'and') pending.push(...step.operands);
    const [left = 0, right = 0] = step.operands;
    const [a, b] = [where[left], where[right]];
    if (isParameter(a, name)) range = intersection(range, bounded(step.operation, constantAt(where, right), false));
    else if (isParameter(b, name)) range = intersection(range, bounded(step.operation, constantAt(where, left), true));
  }
  return range;
}

function isParameter(step: Step | undefined, name: string): boolean {
  return step?.kind === 'parameter' && step.name === name;
}

/** Value of a step without parameters; null for any other. */
function constantAt(formula: Formula, index: number): number | null {
  const upTo = formula.slice(0, index + 1);
  const used = new Set([index]);
  for (let at = index; at >= 0; at--) {
    const step = upTo[at];
    if (!used.has(at) || step === undefined) continue;
    if (step.kind === 'parameter') return null;
    if ('operands' in step) for (const operand of step.operands) used.add(operand);
  }
  return numberOf(upTo, {});
}

function bounded(operation: string, bound: number | null, isMirrored: boolean): Interval {
  if (bound === null) return realLine;
  const isAbove = isMirrored ? operation.startsWith('<') : operation.startsWith('>');
  if (operation !== '<' && operation !== '<=' && operation !== '>' && operation !== '>=') return realLine;
  const isOpen = operation.length === 1;
  return isAbove
    ? { low: bound, lowOpen: isOpen, high: Infinity, highOpen: true }
    : { low: -Infinity, lowOpen: true, high: bound, highOpen: isOpen };
}

function intersection(a: Interval, b: Interval): Interval {
  const low = a.low === b.low ? { low: a.low, lowOpen: a.lowOpen || b.lowOpen } : a.low > b.low ? a : b;
  const high = a.high === b.high ? { high: a.high, highOpen: a.highOpen || b.highOpen } : a.high < b.high ? a : b;
  return { low: low.low, lowOpen: low.lowOpen, high: high.high, highOpen: high.highOpen };
}

/** The layer, or its head, that a step of a formula names; null where no layer is given, or a head has none of its own. */
export function layerOfStep(name: string, args: Readonly<Record<string, Value>>): LayerReference | null {
  const { parameter, head } = partsOfLayer(name);
  const given = ownValue(args, parameter) ?? null;
  if (!isLayerReference(given) || (head !== null && given.head !== null)) return null;
  return head === null ? given : { ...given, head };
}

/** Names of the parameters whose condition does not hold; a schedule satisfies what cannot be said of it. */
export function violatedConditions(
  definition: Definition,
  args: Readonly<Record<string, Value>>,
): readonly DefinedNumber[] {
  const numbers = Object.fromEntries(
    Object.entries(args).flatMap(([name, value]) => (typeof value === 'number' ? [[name, value]] : [])),
  );
  return definition.parameters.filter((parameter): parameter is DefinedNumber => {
    if (parameter.kind !== 'number' || parameter.where === null) return false;
    const named = parameter.where.flatMap((step) => (step.kind === 'parameter' ? [step.name] : []));
    if (named.some((name) => isSchedule(args[name] ?? null))) return false;
    return numberOf(parameter.where, numbers) === 0;
  });
}

/** Tensors of the size of a batch that a formula makes, and keeps for the way back. */
function variableTensors(formula: Formula): number {
  return kindsOf(formula).filter(({ batch, features }, i) => {
    const step = formula[i];
    return batch && features && step !== undefined && 'operands' in step;
  }).length;
}

/**
 * How a loss depends on the number of examples of a batch: `mean` if not, `sum` if it is proportional to it, `mixed`
 * otherwise. Only means and sums of examples count as known.
 */
export function growthOf(formula: Formula): 'mean' | 'sum' | 'mixed' {
  const growth: ('constant' | 'example' | 'mean' | 'sum' | 'mixed')[] = [];
  const of = (index: number) => growth[index] ?? 'constant';
  const kinds = kindsOf(formula);
  for (const [i, step] of formula.entries()) {
    if (step.kind === 'tensor' || step.kind === 'layer') growth.push('example');
    else if (step.kind === 'gram') growth.push('mean');
    else if (step.kind === 'reduction' && reducesBatch(step.over) && kinds[step.operands[0]]?.batch) {
      growth.push(step.reduction === 'mean' ? 'mean' : step.reduction === 'sum' ? 'sum' : 'mixed');
    } else if (step.kind === 'reduction' || step.kind === 'shift') growth.push(of(step.operands[0]));
    else if (step.kind === 'operation') growth.push(growthOfOperation(step.operation, step.operands.map(of), kinds[i]));
    else growth.push('constant');
  }
  const last = growth.at(-1);
  return last === 'sum' || last === 'mean' ? last : last === 'mixed' ? 'mixed' : 'mean';
}

type Growth = 'constant' | 'example' | 'mean' | 'sum' | 'mixed';

function growthOfOperation(
  operation: string,
  operands: readonly Growth[],
  kind: { readonly batch: boolean } | undefined,
): Growth {
  const varying = operands.filter((each) => each !== 'constant');
  if (varying.length === 0) return 'constant';
  if (varying.every((each) => each === 'example')) return 'example';
  if (varying.includes('mixed')) return 'mixed';
  if (kind?.batch === true) return varying.includes('sum') ? 'mixed' : 'example';
  const [first = 'constant'] = varying;
  if (varying.every((each) => each === 'mean')) return 'mean';
  const isLinear =
    operation === 'negate' ||
    (['+', '-'].includes(operation) && varying.length === operands.length) ||
    (['*', '/'].includes(operation) && varying.length === 1 && operands[0] === first) ||
    (operation === '*' && varying.length === 1);
  if (varying.every((each) => each === 'sum') && isLinear) return 'sum';
  if (operation === '/' && varying.length === 2 && varying.every((each) => each === 'sum')) return 'mean';
  if (operation === '*' && varying.includes('sum') && varying.includes('mean')) return 'sum';
  return 'mixed';
}

/** Whether a number is allowed by a parameter's range. */
export function allows(parameter: DefinedNumber, value: number): boolean {
  return contains(rangeOfNumber(parameter), value);
}

/**
 * The means over examples that a loss is a function of, other than a linear one: for a whole part of the data it is
 * computed from their means over the part. Empty where the mean of the batches' values is right, and where nothing is.
 */
export function averagedSteps(formula: Formula): readonly number[] {
  const kinds = kindsOf(formula);
  const isOfBatch = (step: Step) =>
    step.kind === 'gram' ||
    (step.kind === 'reduction' && reducesBatch(step.over) && kinds[step.operands[0]]?.batch === true);
  const found = formula.flatMap((step, i) => (isOfBatch(step) ? [i] : []));
  if (found.some((i) => !isMean(formula[i]))) return [];
  const isAverage: boolean[] = [];
  const isNonlinear = formula.some((step, i) => {
    const operands = 'operands' in step ? step.operands : [];
    const averages = operands.filter((operand) => isAverage[operand] === true);
    isAverage[i] = isOfBatch(step) || averages.length > 0;
    return averages.length > 0 && !isLinear(step, operands, averages.length, isAverage, kinds);
  });
  if (!isNonlinear) return [];
  // What is inside of another mean, such as a variance around a mean over the batch, has no mean of its own.
  const isPlain = found.every((i) => !dependsOnAny(formula, i, found));
  return isPlain ? found : [];
}

function isMean(step: Step | undefined): boolean {
  return step?.kind === 'gram' || (step?.kind === 'reduction' && step.reduction === 'mean');
}

function isLinear(
  step: Step,
  operands: readonly number[],
  averages: number,
  isAverage: readonly boolean[],
  kinds: ReturnType<typeof kindsOf>,
): boolean {
  if (step.kind === 'reduction') return step.reduction === 'sum' || step.reduction === 'mean';
  if (step.kind !== 'operation') return true;
  const isOther = (operand: number) => isAverage[operand] === true || kinds[operand]?.constant === true;
  switch (step.operation) {
    case 'negate':
      return true;
    case '+':
    case '-':
      return operands.every(isOther);
    case '*':
      return averages === 1 && operands.every(isOther);
    case '/':
      return averages === 1 && isAverage[operands[0] ?? -1] === true && operands.every(isOther);
    default:
      return false;
  }
}

function dependsOnAny(formula: Formula, index: number, others: readonly number[]): boolean {
  const pending = [index];
  const seen = new Set<number>();
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const step = formula[at];
    if (seen.has(at) || step === undefined || !('operands' in step)) continue;
    seen.add(at);
    for (const operand of step.operands) {
      if (others.includes(operand)) return true;
      pending.push(operand);
    }
  }
  return false;
}
