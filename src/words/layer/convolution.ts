import { activation, boolean, integer, type Parameters, word } from '../../compiler/library/parameter.js';
import { frozen } from './weights.js';
import { groups } from './window.js';

/**
 * The parameters of a convolution, in their order.
 * @param channels what is said of the channels
 * @param window its kernel and where that is put, which are lengths or sizes
 */
export function convolutionParameters<W extends Parameters, D extends Parameters>(
  channels: string,
  window: W,
  dilation: D,
) {
  return {
    channels: integer({ peers: ['out_channels', 'filters'], doc: channels, unit: 'channels' }),
    ...window,
    activation: activation({ doc: 'The same as this activation as the next layer.', default: null }),
    bias: boolean({ peers: ['use_bias'], doc: 'Whether each channel has a bias.', default: true }),
    init: word({
      peers: ['kernel_initializer'],
      family: 'initializer',
      doc: 'What the kernels start from. The biases start from U(±1/√fan_in) with `torch()`, from zero with any other.',
      default: 'torch',
    }),
    ...dilation,
    groups: groups(),
    frozen: frozen(),
  };
}
