import type { Tensor } from '@tensorflow/tfjs-core';
import { choice } from '../../compiler/library/parameter.js';
import { call, literal } from '../python.js';
import { activationWord, belowRectified } from './activation.js';

const parameters = {
  approximate: choice({
    doc: '`none` for the error function, `tanh` for `x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))`.',
    options: ['none', 'tanh'],
    default: 'none',
  }),
};

/** Just under the least value of either form: -0.16997 and -0.17004. */
const least = -0.17005;

/** 1 / √(2π) */
const normalDensityAtZero = 0.3989422804014327;
/** √(2/π) */
const tanhScale = 0.7978845608028654;
const cubic = 0.044715;

export const gelu = activationWord({
  name: 'gelu',
  peers: ['GELU'],
  doc: 'Gaussian error linear unit: `y = x Φ(x) = x/2 (1 + erf(x/√2))`.',
  source: 'Hendrycks and Gimpel, Gaussian error linear units, arXiv:1606.08415',
  parameters,
  example: 'encoder { code: dense(32, activation=gelu(approximate=tanh)) }',
  mistake: { text: 'encoder { code: dense(32, activation=gelu(approximate=sigmoid)) }', code: 'AE305' },
  oracle: 'table:activations.json#gelu',
  range: (_args, input) => belowRectified(input, least),
  memory: { backward: 9 },
  lower: ({ add, elementwise, erf, exp, mul, square, sub, tanh }) => {
    /** Φ(x), the standard normal distribution function. */
    const normalDistribution = (x: Tensor) => mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5);
    const normalDensity = (x: Tensor) => mul(exp(mul(square(x), -0.5)), normalDensityAtZero);
    /** tanh(√(2/π) (x + 0.044715 x³)) */
    const bend = (x: Tensor) => tanh(mul(mul(add(mul(square(x), cubic), 1), x), tanhScale));
    const bendDerivative = (x: Tensor, bent: Tensor) =>
      mul(sub(1, square(bent)), mul(add(mul(square(x), 3 * cubic), 1), tanhScale));
    return {
      forward({ approximate }, input) {
        if (approximate === 'tanh') {
          return elementwise(
            input,
            (x) => mul(mul(x, 0.5), add(bend(x), 1)),
            (x) => {
              const bent = bend(x);
              return mul(add(add(bent, 1), mul(x, bendDerivative(x, bent))), 0.5);
            },
          );
        }
        return elementwise(
          input,
          (x) => mul(x, normalDistribution(x)),
          (x) => add(normalDistribution(x), mul(x, normalDensity(x))),
        );
      },
    };
  },
  inPytorch: (x, { approximate }) => call('F.gelu', [x], { approximate: literal(approximate) }),
  // ONNX has Gelu from operator set 20 on.
  inOnnx(x, { node, scalar }, { approximate }) {
    const plusOne = (value: string) => node('Add', [value, scalar(1)]);
    const half = node('Mul', [x, scalar(0.5)]);
    if (approximate === 'none') {
      return node('Mul', [half, plusOne(node('Erf', [node('Mul', [x, scalar(Math.SQRT1_2)])]))]);
    }
    const bent = plusOne(node('Mul', [node('Mul', [x, x]), scalar(cubic)]));
    return node('Mul', [half, plusOne(node('Tanh', [node('Mul', [node('Mul', [bent, x]), scalar(tanhScale)])]))]);
  },
});
