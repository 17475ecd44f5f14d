import { halfOpen } from '../../ir/interval.js';
import { layer, scheduled } from '../parameter.js';
import { type LossWord, problem } from '../word.js';

const parameters = {
  lambda: scheduled({ peers: ['weight'], doc: 'Weight λ of the term.', range: halfOpen(0, Number.POSITIVE_INFINITY) }),
  on: layer({ doc: 'A dense layer with `activation=sigmoid`.', default: 'code' }),
};

export const contractive: LossWord<typeof parameters> = {
  family: 'loss',
  name: 'contractive',
  peers: ['jacobian'],
  version: 1,
  doc:
    'The squared Frobenius norm of the layer’s Jacobian, averaged over the batch: for `h = sigmoid(x Wᵀ + b)` it is ' +
    '`Σⱼ (hⱼ (1 - hⱼ))² Σᵢ Wⱼᵢ²`. It makes the code blind to small changes of the layer’s input.',
  source: 'Rifai et al., Contractive auto-encoders, ICML 2011',
  parameters,
  example: 'loss mse(reduction=batchmean) + contractive(0.1)',
  mistake: {
    text: 'encoder { code: dense(32, activation=relu) }  loss mse() + contractive(0.1)',
    code: 'AE504',
  },
  oracle: 'test:tests/runtime/lowering/contractive.test.ts',
  role: 'penalty',
  weight: 'lambda',
  check(_args, { on }) {
    const place = on.on;
    if (!place || (place.word === 'sigmoid' && (place.below ?? 'dense') === 'dense')) return [];
    const found = place.below === undefined ? `'${place.word}'` : `'${place.word}' after '${place.below}'`;
    return [
      problem('AE504', `contractive is written for a dense layer with activation=sigmoid, and this is ${found}`, {
        argument: 'on',
      }),
    ];
  },
};
