import { realLine } from '../../compiler/ir/interval.js';
import { integer } from '../../compiler/library/parameter.js';
import { failed, ok } from '../../compiler/library/word.js';
import { call, literal } from '../python.js';
import type { Layer } from '../word.js';
import { convTranspose2d } from './conv_transpose2d.js';
import { convolutionParameters } from './convolution.js';
import {
  alongSignals,
  planeArguments,
  samplePadding,
  samples,
  signalInOnnx,
  signalInPytorch,
  signalOf,
  spannedAlong,
} from './signal.js';
import { learnedWeights } from './weights.js';
import { wholeGroups } from './window.js';

const parameters = convolutionParameters(
  'The channels of the output.',
  {
    kernel: integer({ peers: ['kernel_size'], doc: 'Length of the kernel.', unit: 'samples' }),
    stride: samples({ peers: ['strides'], doc: 'From one window of the output to the next.' }),
    padding: samplePadding('Samples taken away at both ends of the output.'),
    output_padding: samplePadding('Samples added at the end of the output, fewer than the stride.'),
  },
  { dilation: samples({ peers: ['dilation_rate'], doc: 'From one tap of the kernel to the next.' }) },
);

export const convTranspose1d: Layer<typeof parameters> = {
  family: 'layer',
  name: 'conv_transpose1d',
  peers: ['ConvTranspose1d', 'Conv1DTranspose', 'LazyConvTranspose1d', 'deconv1d'],
  inferred: 'in_channels',
  version: 1,
  doc:
    'Transposed convolution along a signal, the adjoint of `conv1d`: each value writes a kernel into the output, from ' +
    '`[c, length]` to `[channels, length′]` with `length′ = (length - 1) stride - 2 padding + dilation (kernel - 1) + ' +
    'output_padding + 1`. The weight is `[c, channels / groups, kernel]`, as in PyTorch. A decoder that ends with it is given ' +
    'the shape of the data.',
  source: '`torch.nn.ConvTranspose1d`',
  parameters,
  example: `encoder { reshape([28, 28])  conv1d(8, kernel=3, stride=2, padding=1, activation=relu)  code: dense(16) }
  decoder {
    dense(112, activation=relu)  reshape([8, 14])
    conv_transpose1d(28, kernel=3, stride=2, padding=1, output_padding=1, activation=sigmoid)
  }`,
  mistake: {
    text: `encoder { reshape([28, 28])  code: conv1d(4, kernel=2, stride=2) }
  decoder { conv_transpose1d(28, kernel=2, stride=2, output_padding=2, activation=sigmoid) }`,
    code: 'AE402',
  },
  oracle: 'golden:signals',
  activation: false,
  heads: [],
  random: false,
  flattensInput: false,
  fusesActivation: true,
  shape(args, input) {
    const signal = signalOf('conv_transpose1d', input);
    if (!signal.ok) return signal;
    const whole = wholeGroups(args.groups, signal.value.channels, args.channels);
    if (!whole.ok) return whole;
    const { output_padding: added, stride } = args;
    if (added >= stride) {
      return failed('AE402', `the output padding ${added} must be less than the stride ${stride}`, {
        argument: 'output_padding',
      });
    }
    const length = spannedAlong(signal.value.length, args) + added;
    if (length < 1) {
      return failed('AE402', `a padding of ${args.padding} leaves nothing of the output`, { argument: 'padding' });
    }
    return ok([args.channels, length]);
  },
  weights({ channels, kernel, bias, init, groups }, input) {
    const inputs = input[0] ?? 1;
    const outputs = channels / groups;
    return learnedWeights({
      shape: [inputs, outputs, kernel],
      biases: bias ? channels : null,
      initializer: init,
      fanIn: outputs * kernel,
      fanOut: inputs * kernel,
    });
  },
  range: () => realLine,
  opposite({ kernel, stride, padding, bias, init, dilation, groups }, at) {
    const input = signalOf('conv_transpose1d', at.input);
    if (!input.ok) return input;
    return ok({
      word: 'conv1d',
      arguments: { channels: input.value.channels, kernel, stride, padding, bias, init, dilation, groups },
      reference: null,
    });
  },
  lower: (operations) =>
    alongSignals(operations, convTranspose2d.lower(operations), (args) => ({
      ...args,
      ...planeArguments(args),
      output_padding: [0, args.output_padding],
    })),
  onnx: {
    output: (args, x, { hasBias, node, weight }) =>
      node('ConvTranspose', [x, weight('weight'), ...(hasBias ? [weight('bias')] : [])], {
        ...signalInOnnx(args),
        output_padding: { ints: [args.output_padding] },
      }),
  },
  pytorch: {
    code(args, { input: [channels = 1], output: [out = 1], ...place }) {
      const settings = {
        ...signalInPytorch(args),
        output_padding: args.output_padding === 0 ? null : literal(args.output_padding),
      };
      return place.weighted({
        module: call('nn.ConvTranspose1d', [literal(channels), literal(out), literal(args.kernel)], {
          ...settings,
          bias: place.hasBias ? null : 'False',
        }),
        tied: (x, weight, bias) => call('F.conv_transpose1d', [x, weight, bias], settings),
      });
    },
  },
};
