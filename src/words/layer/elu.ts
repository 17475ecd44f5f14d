import { halfOpen } from '../../compiler/ir/interval.js';
import { real } from '../../compiler/library/parameter.js';
import { call, literal } from '../python.js';
import { activationWord, rectified } from './activation.js';

const parameters = {
  alpha: real({
    doc: 'Minus the value that it approaches far below zero.',
    default: 1,
    range: halfOpen(0, Number.POSITIVE_INFINITY),
  }),
};

export const elu = activationWord({
  name: 'elu',
  peers: ['ELU'],
  doc: 'Exponential linear unit: `y = x` above zero, `alpha (exp(x) - 1)` below it.',
  source: 'Clevert, Unterthiner and Hochreiter, Fast and accurate deep network learning by ELUs, ICLR 2016',
  parameters,
  example: 'encoder { code: dense(32, activation=elu(alpha=0.5)) }',
  mistake: { text: 'encoder { code: dense(32, activation=elu(alpha=-1)) }', code: 'AE306' },
  oracle: 'table:activations.json#elu',
  range({ alpha }, input) {
    const above = rectified(input);
    return input.low < 0 && alpha > 0 ? { ...above, low: -alpha, lowOpen: true } : above;
  },
  /** TF.js's own has no `alpha`. At 0 the derivative is that of the left branch. */
  memory: { backward: 3 },
  lower: ({ elementwise, elu: ofAlphaOne, exp, expm1, greater, minimum, mul, onesLike, where }) => ({
    forward({ alpha }, input) {
      if (alpha === 1) return ofAlphaOne(input);
      return elementwise(
        input,
        (x) => where(greater(x, 0), x, mul(expm1(minimum(x, 0)), alpha)),
        (x) => where(greater(x, 0), onesLike(x), mul(exp(minimum(x, 0)), alpha)),
      );
    },
  }),
  inPytorch: (x, { alpha }) => call('F.elu', [x, literal(alpha)]),
  inOnnx: (x, { node }, { alpha }) => node('Elu', [x], { alpha: { float: alpha } }),
});
