import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { halfOpen } from '../../compiler/ir/interval.js';
import { layer, scheduled } from '../../compiler/library/parameter.js';
import { problem } from '../../compiler/library/word.js';
import { sigmoid } from '../layer/activations.js';
import { dense } from '../layer/dense.js';
import { call } from '../python.js';
import type { Loss } from '../word.js';

const parameters = {
  lambda: scheduled({ peers: ['weight'], doc: 'Weight λ of the term.', range: halfOpen(0, Number.POSITIVE_INFINITY) }),
  on: layer({ doc: 'A dense layer with `activation=sigmoid`.', default: 'code' }),
};

export const contractive: Loss<typeof parameters> = {
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
    if (!place || (place.word === sigmoid.name && (place.below ?? dense.name) === dense.name)) return [];
    const found = place.below === undefined ? `'${place.word}'` : `'${place.word}' after '${place.below}'`;
    return [
      problem('AE504', `contractive is written for a dense layer with activation=sigmoid, and this is ${found}`, {
        argument: 'on',
      }),
    ];
  },
  sumsOverExamples: () => false,
  lower: ({ matMul, mul, square, sub, sum }) => ({
    value({ on }, { layer, weight }) {
      const activations = layer(on);
      const slopes = square(mul(activations, sub(1, activations)));
      const lengths: Tensor = sum(square(weight(on, 'weight')), 1, true);
      return mul<Scalar>(sum<Scalar>(matMul(slopes, lengths)), 1 / (activations.shape[0] ?? 1));
    },
  }),
  pytorch: {
    expression: ({ on }, { output, weightUnder }) => call('contractive', [output(on), weightUnder(on)]),
    definition: `
def contractive(h, weight):
    """Squared Frobenius norm of dh/dx for h = sigmoid(W x + b), mean over the batch (Rifai et al. 2011)."""
    slopes = (h * (1 - h)).square()
    return (slopes @ weight.square().sum(1)).sum() / len(h)`,
  },
};
