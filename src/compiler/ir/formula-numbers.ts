import * as elementary from '../../numerics/float64.js';
import type { Formula, Operation, Step } from './formula.js';

/**
 * Value of a formula of numbers and parameters alone; truths are 1 and 0. NaN where there is none.
 * @throws RangeError for a tensor
 */
export function numberOf(formula: Formula, parameters: Readonly<Record<string, number>>): number {
  const values: number[] = [];
  for (const step of formula) values.push(numberOfStep(step, values, parameters));
  return values.at(-1) ?? Number.NaN;
}

/** @param values those of the steps before it */
export function numberOfStep(
  step: Step,
  values: readonly (number | null | undefined)[],
  parameters: Readonly<Record<string, number>>,
): number {
  switch (step.kind) {
    case 'number':
      return step.value;
    case 'parameter':
      return parameters[step.name] ?? Number.NaN;
    case 'operation':
      return onNumbers(
        step.operation,
        step.operands.map((operand) => values[operand] ?? Number.NaN),
      );
    case 'tensor':
    case 'layer':
    case 'reduction':
    case 'shift':
    case 'gram':
      throw new RangeError('a tensor is no number');
  }
}

/** An operation on numbers, in double precision, with the same result on every machine. */
export function onNumbers(operation: Operation, operands: readonly number[]): number {
  const [a = Number.NaN, b = Number.NaN, c = Number.NaN] = operands;
  const truth = (holds: boolean) => (holds ? 1 : 0);
  switch (operation) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '**':
      return elementary.pow(a, b);
    case 'negate':
      return 0 - a;
    case '<':
      return truth(a < b);
    case '<=':
      return truth(a <= b);
    case '>':
      return truth(a > b);
    case '>=':
      return truth(a >= b);
    case '==':
      return truth(a === b);
    case '!=':
      return truth(a !== b);
    case 'and':
      return truth(a !== 0 && b !== 0);
    case 'or':
      return truth(a !== 0 || b !== 0);
    case 'not':
      return truth(a === 0);
    case 'where':
      return a === 0 ? c : b;
    case 'clip':
      return Math.min(Math.max(a, b), c);
    case 'minimum':
      return Math.min(a, b);
    case 'maximum':
      return Math.max(a, b);
    case 'abs':
      return Math.abs(a);
    case 'sign':
      return Math.sign(a);
    case 'round':
      return roundedToEven(a);
    case 'exp':
      return elementary.exp(a);
    case 'expm1':
      return Math.abs(a) < 1e-5 ? a + (a * a) / 2 : elementary.exp(a) - 1;
    case 'log':
      return elementary.log(a);
    case 'log1p':
      return Math.abs(a) < 1e-5 ? a - (a * a) / 2 : elementary.log(1 + a);
    case 'sqrt':
      return Math.sqrt(a);
    case 'square':
      return a * a;
    case 'sin':
      return elementary.sin(a);
    case 'cos':
      return elementary.cos(a);
    case 'sigmoid':
      return 1 / (1 + elementary.exp(-a));
    case 'tanh':
      return elementary.tanh(a);
    case 'relu':
      return Math.max(a, 0);
    case 'softplus':
      return Math.max(a, 0) + elementary.log(1 + elementary.exp(-Math.abs(a)));
    case 'erf':
      return errorFunction(a);
    case 'stop_gradient':
      return a;
  }
}

/** The nearest whole number; of two, the even one. */
function roundedToEven(x: number): number {
  const below = Math.floor(x);
  const distance = x - below;
  if (distance !== 0.5) return distance < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/** Maclaurin's series (Abramowitz and Stegun 7.1.5); only constants go through here. */
function errorFunction(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let [term, total] = [x, x];
  for (let n = 1; n < 200; n++) {
    term *= (-x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}
