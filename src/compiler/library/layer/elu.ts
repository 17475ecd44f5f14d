import { halfOpen } from '../../ir/interval.js';
import { real } from '../parameter.js';
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
});
