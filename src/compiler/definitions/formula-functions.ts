import { elementFunctions, type FormulaAxis, type FormulaReduction, reductions } from '../ir/formula.js';
import type { Usage } from '../library/statements.js';

/** A function that formulas have, as the reference, `aedsl help` and editors show it. */
export interface FormulaFunction extends Usage {
  readonly name: string;
  /** Names of what it takes; `axis` may be left out. */
  readonly parameters: readonly string[];
}

const elementwise: Readonly<Record<(typeof elementFunctions)[number], string>> = {
  abs: 'the absolute value; its derivative at 0 is 0',
  sign: 'the sign: 1, 0 or -1; no gradient goes through it',
  round: 'the nearest whole number, of two the even one; no gradient goes through it',
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
  const byAxis = name === 'shift' ? 'axis=width' : 'axis=features';
  const shown = parameters.map((each) => (each === 'axis' ? byAxis : each));
  return { name, parameters, doc, usage: `${name}(${shown.join(', ')})` };
}

/** Every function of a formula, in the order of the reference. */
export const describedFunctions: readonly FormulaFunction[] = [
  ...elementFunctions.map((name) => functionOf(name, ['x'], elementwise[name])),
  ...reductions.map((name) => functionOf(name, ['x', 'axis'], overAxis[name])),
  functionOf(
    'var',
    ['x', 'axis'],
    'the variance over an axis, or over everything: mean((x - mean(x)) ** 2), divided by n',
  ),
  functionOf('std', ['x', 'axis'], 'the standard deviation: the root of var(x)'),
  functionOf('softmax', ['x', 'axis'], 'values that are positive and sum to 1 over an axis, features by default'),
  functionOf(
    'logsumexp',
    ['x', 'axis'],
    'the logarithm of the sum of the exponentials over an axis, or over everything',
  ),
  functionOf(
    'shift',
    ['x', 'by', 'axis'],
    'the value `by` places before each along an axis; the first value before the first',
  ),
  functionOf(
    'gram',
    ['x'],
    'for each pair of features the mean over the batch of their product; gram(a, b) pairs those of two tensors',
  ),
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
export const axisMeanings: Readonly<Record<FormulaAxis, string>> = {
  features: 'all values of each example',
  batch: 'the examples',
  everything: 'all values of all examples, as without an axis',
  channels: 'the channels of an image or a signal',
  height: 'the rows of an image',
  width: 'the columns of an image',
  length: 'the places of a signal',
  pixels: 'the rows and columns of an image, of each channel',
};

/** Names that mean something in every formula, so that no definition or parameter may have them. */
export const formulaNames: readonly string[] = [
  ...Object.keys(formulaTensors).filter((name) => name !== 'code'),
  ...['features', 'batch', 'everything'],
];
