import { realLine } from '../../compiler/ir/interval.js';
import { integer } from '../../compiler/library/parameter.js';
import { ok } from '../../compiler/library/word.js';
import { call, literal } from '../python.js';
import type { Layer } from '../word.js';
import { conv2d } from './conv2d.js';
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
  windowsAlong,
} from './signal.js';
import { constraint, learnedWeights } from './weights.js';
import { wholeGroups } from './window.js';

const parameters = {
  ...convolutionParameters(
    'Number of kernels, the channels of the output.',
    {
      kernel: integer({ peers: ['kernel_size'], doc: 'Length of the kernel.', unit: 'samples' }),
      stride: samples({ peers: ['strides'], doc: 'From one window to the next.' }),
      padding: samplePadding('Samples added at both ends.'),
    },
    { dilation: samples({ peers: ['dilation_rate'], doc: 'From one tap of the kernel to the next.' }) },
  ),
  constraint: constraint(),
};

export const conv1d: Layer<typeof parameters> = {
  family: 'layer',
  name: 'conv1d',
  peers: ['Conv1d', 'Conv1D', 'LazyConv1d', 'Convolution1D'],
  inferred: 'in_channels',
  version: 1,
  doc:
    'Convolution (cross-correlation) along a signal with zero padding, from `[c, length]` to `[channels, length′]` with ' +
    '`length′ = ⌊(length + 2 padding - dilation (kernel - 1) - 1) / stride⌋ + 1`. The weight is `[channels, c / groups, kernel]`, ' +
    'as in PyTorch. Columns of a table become a signal by `reshape([1, input.size])`, arrays of `[examples, c, length]` by ' +
    '`reshape([c, length])`. Its opposite is `conv_transpose1d`, with the output padding that rebuilds the length.',
  source: '`torch.nn.Conv1d`',
  parameters,
  example: `encoder { reshape([28, 28])  conv1d(8, kernel=5, stride=2, padding=2, activation=relu)  code: dense(16) }
  decoder mirror(encoder, output=sigmoid)`,
  mistake: { text: 'encoder { conv1d(4, kernel=3)  code: dense(16) }', code: 'AE402' },
  oracle: 'golden:signals',
  activation: false,
  heads: [],
  random: false,
  flattensInput: false,
  fusesActivation: true,
  shape(args, input) {
    const signal = signalOf('conv1d', input);
    if (!signal.ok) return signal;
    const whole = wholeGroups(args.groups, signal.value.channels, args.channels);
    if (!whole.ok) return whole;
    const windows = windowsAlong(signal.value.length, args);
    return windows.ok ? ok([args.channels, windows.value]) : windows;
  },
  weights({ channels, kernel, bias, init, groups }, input) {
    const inputs = (input[0] ?? 1) / groups;
    return learnedWeights({
      shape: [channels, inputs, kernel],
      biases: bias ? channels : null,
      initializer: init,
      fanIn: inputs * kernel,
      fanOut: channels * kernel,
    });
  },
  range: () => realLine,
  opposite({ kernel, stride, padding, bias, init, dilation, groups }, at) {
    const [input, output] = [signalOf('conv1d', at.input), signalOf('conv1d', at.output)];
    if (!input.ok) return input;
    if (!output.ok) return output;
    const spanned = spannedAlong(output.value.length, { kernel, stride, padding, dilation });
    return ok({
      word: 'conv_transpose1d',
      arguments: {
        channels: input.value.channels,
        kernel,
        stride,
        padding,
        output_padding: input.value.length - spanned,
        bias,
        init,
        dilation,
        groups,
      },
      reference: null,
    });
  },
  lower: (operations) =>
    alongSignals(operations, conv2d.lower(operations), (args) => ({ ...args, ...planeArguments(args) })),
  onnx: {
    output: (args, x, { hasBias, node, weight }) =>
      node('Conv', [x, weight('weight'), ...(hasBias ? [weight('bias')] : [])], signalInOnnx(args)),
  },
  pytorch: {
    code: (args, { input: [channels = 1], output: [out = 1], ...place }) =>
      place.weighted({
        module: call('nn.Conv1d', [literal(channels), literal(out), literal(args.kernel)], {
          ...signalInPytorch(args),
          bias: place.hasBias ? null : 'False',
        }),
        tied: (x, weight, bias) => call('F.conv1d', [x, weight, bias], signalInPytorch(args)),
      }),
  },
};
