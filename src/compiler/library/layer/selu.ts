import { activationWord, rectified } from './activation.js';

/** Klambauer et al. 2017, equation 14. */
export const seluAlpha = 1.6732632423543772;
export const seluScale = 1.0507009873554805;

export const selu = activationWord({
  name: 'selu',
  peers: ['SELU'],
  doc:
    'Scaled exponential linear unit: `1.0507 · elu(x, alpha=1.6733)`. With these two numbers the mean 0 and variance 1 ' +
    'of a layer’s input are kept by its output.',
  source: 'Klambauer et al., Self-normalizing neural networks, NeurIPS 2017',
  parameters: {},
  example: 'encoder { code: dense(32, activation=selu) }',
  mistake: { text: 'encoder { code: dense(32, activation=selu(alpha=1)) }', code: 'AE301' },
  oracle: 'table:activations.json#selu',
  range(_args, input) {
    const { low, lowOpen, high, highOpen } = rectified(input);
    const top = { high: high * seluScale, highOpen };
    return input.low < 0
      ? { low: -seluScale * seluAlpha, lowOpen: true, ...top }
      : { low: low * seluScale, lowOpen, ...top };
  },
});
