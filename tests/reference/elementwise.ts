import { cos, erf, exp, expm1, log, log1p, rsqrt, sigmoid, sin, softplus, tanh } from '../../src/numerics/float32.js';
import { power } from './power.js';

const SELU_SCALE = Math.fround(1.0507009873554805);
const SELU_SCALE_ALPHA = Math.fround(1.7580993408473766);

/** The nearest integer, ties to even, with the sign of x. */
function round(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  const nearest = rest < 0.5 ? floor : rest > 0.5 ? floor + 1 : floor % 2 === 0 ? floor : floor + 1;
  return nearest === 0 && (x < 0 || Object.is(x, -0)) ? -0 : nearest;
}

/** Functions of one float32, by the name of the TF.js kernel. */
export const unaryFunctions: Readonly<Record<string, (x: number) => number>> = {
  Abs: Math.abs,
  Neg: (x) => -x,
  Sign: (x) => (x > 0 ? 1 : x < 0 ? -1 : 0),
  Square: (x) => Math.fround(x * x),
  Sqrt: (x) => Math.fround(Math.sqrt(x)),
  Rsqrt: rsqrt,
  Reciprocal: (x) => Math.fround(1 / x),
  Floor: Math.floor,
  Ceil: Math.ceil,
  Round: round,
  Relu: (x) => Math.max(x, 0),
  Relu6: (x) => Math.min(Math.max(x, 0), 6),
  Elu: (x) => (x >= 0 ? x : expm1(x)),
  Selu: (x) => (x >= 0 ? Math.fround(SELU_SCALE * x) : Math.fround(SELU_SCALE_ALPHA * expm1(x))),
  Exp: exp,
  Expm1: expm1,
  Log: log,
  Log1p: log1p,
  Sigmoid: sigmoid,
  Tanh: tanh,
  Softplus: softplus,
  Erf: erf,
  Sin: sin,
  Cos: cos,
};

/** Functions of two float32, by the name of the TF.js kernel. */
export const binaryFunctions: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => Math.fround(a + b),
  Sub: (a, b) => Math.fround(a - b),
  Multiply: (a, b) => Math.fround(a * b),
  RealDiv: (a, b) => Math.fround(a / b),
  Maximum: Math.max,
  Minimum: Math.min,
  SquaredDifference: (a, b) => Math.fround(Math.fround(a - b) ** 2),
  FloorDiv: (a, b) => Math.floor(Math.fround(a / b)),
  Mod: (a, b) => {
    const rest = a % b;
    return (a < 0 && b < 0) || (a >= 0 && b >= 0) ? rest : Math.fround(rest + b) % b;
  },
  Pow: power,
};
