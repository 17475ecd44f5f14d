import { halfOpen, open } from '../../compiler/ir/interval.js';
import { real } from '../../compiler/library/parameter.js';
import { call, literal } from '../python.js';
import { activationWord } from './activation.js';

const parameters = {
  beta: real({ doc: 'How sharply it bends.', default: 1, range: open(0, Number.POSITIVE_INFINITY) }),
  threshold: real({
    doc: 'Where `beta · x` is above it, `y = x`.',
    default: 20,
    range: halfOpen(0, Number.POSITIVE_INFINITY),
  }),
};

export const softplus = activationWord({
  name: 'softplus',
  peers: ['Softplus'],
  doc: 'A smooth rectifier: `y = log(1 + exp(beta · x)) / beta`.',
  source: 'Dugas et al., Incorporating second-order functional knowledge for better option pricing, NeurIPS 2000',
  parameters,
  example: 'encoder { code: dense(32, activation=softplus(beta=2)) }',
  mistake: { text: 'encoder { code: dense(32, activation=softplus(beta=0)) }', code: 'AE306' },
  oracle: 'table:activations.json#softplus',
  range: () => open(0, Number.POSITIVE_INFINITY),
  memory: { backward: 5 },
  lower: ({ div, elementwise, greater, mul, onesLike, sigmoid, softplus: ofBetaOne, where }) => ({
    forward: ({ beta, threshold }, input) =>
      elementwise(
        input,
        (x) => {
          const scaled = mul(x, beta);
          return where(greater(scaled, threshold), x, div(ofBetaOne(scaled), beta));
        },
        (x) => {
          const scaled = mul(x, beta);
          return where(greater(scaled, threshold), onesLike(x), sigmoid(scaled));
        },
      ),
  }),
  inPytorch: (x, { beta, threshold }) =>
    call('F.softplus', [x], { beta: literal(beta), threshold: literal(threshold) }),
  inOnnx(x, { node, scalar }, { beta, threshold }) {
    const scaled = node('Mul', [x, scalar(beta)]);
    const bent = node('Div', [node('Softplus', [scaled]), scalar(beta)]);
    return node('Where', [node('Greater', [scaled, scalar(threshold)]), x, bent]);
  },
});
