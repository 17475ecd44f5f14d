import { elementFunctions, type FormulaReduction, reductions } from '../ir/formula.js';
import type { Usage } from '../library/statements.js';

/** A function that formulas have, as the reference, `aedsl help` and editors show it. */
export interface FormulaFunction extends Usage {
  readonly name: string;
  /** Names of what it takes; `axis` may be left out. */
  readonly parameters: readonly string[];
}

const elementwise: Readonly<Record<(typeof elementFunctions)[number], string>> = {
  abs: 'the absolute value; its derivative at 0 is 0',
  exp: 'the exponential',
  expm1: 'the exponential minus 1, also near 0',
  log: 'the natural logarithm',
  log1p: 'the logarithm of 1 + x, also near 0',
  sqrt: 'the square root',
  square: 'the square',
  sin: 'the sine',
  cos: 'the cosine',
  sigmoid: '1 / (1 + exp(-x))',
  tanh: 'the hyperbolic tangent',
  relu: 'the value where it is positive, else 0',
  softplus: 'the logarithm of 1 + exp(x)',
  erf: 'the error function',
  stop_gradient: 'the tensor as a constant, through which no gradient goes',
};

const overAxis: Readonly<Record<FormulaReduction, string>> = {
  sum: 'the sum over an axis, or over everything',
  mean: 'the mean over an axis, or over everything',
  max: 'the greatest value over an axis, or over everything; max(a, b) is the greater of each pair',
  min: 'the least value over an axis, or over everything; min(a, b) is the smaller of each pair',
};

function functionOf(name: string, parameters: readonly string[], doc: string): FormulaFunction {
  const shown = parameters.map((each) => (each === 'axis' ? 'axis=features' : each));
  return { name, parameters, doc, usage: `${name}(${shown.join(', ')})` };
}

/** Every function of a formula, in the order of the reference. */
export const describedFunctions: readonly FormulaFunction[] = [
  ...elementFunctions.map((name) => functionOf(name, ['x'], elementwise[name])),
  ...reductions.map((name) => functionOf(name, ['x', 'axis'], overAxis[name])),
  functionOf('clip', ['x', 'low', 'high'], 'the value within two bounds; its derivative at them is 0'),
  functionOf('where', ['condition', 'a', 'b'], 'the first value where the condition holds, else the second'),
];

export const formulaFunctions: readonly string[] = describedFunctions.map(({ name }) => name);

/** Tensors of a formula. */
export const formulaTensors: Readonly<Record<string, string>> = {
  output: 'what the decoder gives',
  target: 'what the decoder should give: the example before any corruption',
  input: 'the example before any corruption',
  code: 'the output of the encoder',
  x: 'what the activation is given, of one example',
};

/** Values of `axis`. */
export const formulaAxes: Readonly<Record<string, string>> = {
  features: 'over all values of each example',
  batch: 'over the examples',
  everything: 'over all values of all examples, as without an axis',
};

/** Names that mean something in every formula, so that no definition or parameter may have them. */
export const formulaNames: readonly string[] = [
  ...Object.keys(formulaTensors).filter((name) => name !== 'code'),
  ...Object.keys(formulaAxes),
];
