import { realLine } from '../../compiler/ir/interval.js';
import { pair } from '../../compiler/library/parameter.js';
import { ok } from '../../compiler/library/word.js';
import { call, literal, sides } from '../python.js';
import type { Layer } from '../word.js';
import { convolutionParameters } from './convolution.js';
import { constraint, learnedWeights } from './weights.js';
import {
  area,
  connectionsInOnnx,
  connectionsInPytorch,
  dilation,
  imageOf,
  padding,
  spannedBy,
  wholeGroups,
  windowInOnnx,
  windowInPytorch,
  windowsOver,
} from './window.js';

const parameters = {
  ...convolutionParameters(
    'Number of kernels, the channels of the output.',
    {
      kernel: pair({ peers: ['kernel_size'], doc: 'Size of the kernel.', unit: 'pixels' }),
      stride: pair({ peers: ['strides'], doc: 'From one window to the next.', unit: 'pixels', default: 1 }),
      padding: padding(),
    },
    { dilation: dilation() },
  ),
  constraint: constraint(),
};

export const conv2d: Layer<typeof parameters> = {
  family: 'layer',
  name: 'conv2d',
  peers: ['Conv2d', 'Conv2D', 'LazyConv2d', 'Convolution2D'],
  inferred: 'in_channels',
  version: 1,
  doc:
    'Convolution (cross-correlation) with zero padding, from `[c, h, w]` to `[channels, h′, w′]` with ' +
    '`h′ = ⌊(h + 2 padding - dilation (kernel - 1) - 1) / stride⌋ + 1`. The weight is `[channels, c / groups, kernel, kernel]`, ' +
    'as in PyTorch; with as many groups as channels the convolution is depthwise. ' +
    'Its opposite is `conv_transpose2d`, with the output padding that rebuilds the size.',
  source: '`torch.nn.Conv2d`; Dumoulin and Visin, A guide to convolution arithmetic, arXiv:1603.07285',
  parameters,
  example: `encoder { conv2d(4, kernel=3, stride=2, padding=1, activation=relu)  code: dense(16) }
  decoder mirror(encoder, output=sigmoid)`,
  mistake: { text: 'encoder { conv2d(4, kernel=29)  code: dense(16) }', code: 'AE402' },
  oracle: 'table:conv-shapes.json golden:cae golden:conv-connections',
  activation: false,
  heads: [],
  random: false,
  flattensInput: false,
  fusesActivation: true,
  mixing: 'kernel',
  shape(args, input) {
    const image = imageOf('conv2d', input);
    if (!image.ok) return image;
    const whole = wholeGroups(args.groups, image.value.channels, args.channels);
    if (!whole.ok) return whole;
    const windows = windowsOver(image.value, args);
    return windows.ok ? ok([args.channels, ...windows.value]) : windows;
  },
  weights({ channels, kernel, bias, init, groups }, input) {
    const inputs = (input[0] ?? 1) / groups;
    return learnedWeights({
      shape: [channels, inputs, ...kernel],
      biases: bias ? channels : null,
      initializer: init,
      fanIn: inputs * area(kernel),
      fanOut: channels * area(kernel),
    });
  },
  range: () => realLine,
  opposite({ kernel, stride, padding: around, bias, init, dilation, groups }, at) {
    const [input, output] = [imageOf('conv2d', at.input), imageOf('conv2d', at.output)];
    if (!input.ok) return input;
    if (!output.ok) return output;
    const spanned = spannedBy(output.value, { kernel, stride, padding: around, dilation });
    const missing = [input.value.height - spanned[0], input.value.width - spanned[1]];
    return ok({
      word: 'conv_transpose2d',
      arguments: {
        channels: input.value.channels,
        kernel,
        stride,
        padding: around,
        output_padding: missing,
        bias,
        init,
        dilation,
        groups,
      },
      reference: null,
    });
  },
  /** The kernels, `[out, in, height, width]`, as TF.js's `[height, width, in, out]`. */
  lower: ({ add, asImages, conv2d: convolved, dilated, imageKernels, inGroups, padded, weightOf }) => ({
    forward({ stride, padding, bias, dilation, groups }, input, context) {
      const operands = {
        images: padded(asImages(input), padding),
        kernels: dilated(imageKernels(weightOf(context, 'weight')), dilation),
        bias: null,
      };
      const output = inGroups(groups, operands, ({ images, kernels }) =>
        convolved(images, kernels, [stride[0], stride[1]], 'valid'),
      );
      return bias ? add(output, weightOf(context, 'bias')) : output;
    },
    fusedForward({ stride, padding, bias, dilation, groups }, input, context, activation, fused) {
      const operands = {
        images: asImages(input),
        kernels: imageKernels(weightOf(context, 'weight')),
        bias: bias ? weightOf(context, 'bias') : null,
      };
      const { constantInput } = context;
      return inGroups(groups, operands, (part) =>
        fused.convolution({ ...part, constantInput, stride, padding, dilation, activation }),
      );
    },
  }),
  onnx: {
    output: (args, x, { hasBias, node, weight }) =>
      node('Conv', [x, weight('weight'), ...(hasBias ? [weight('bias')] : [])], {
        ...windowInOnnx(args),
        ...connectionsInOnnx(args),
      }),
  },
  pytorch: {
    code: ({ kernel, stride, padding, ...args }, { input: [channels = 1], output: [out = 1], ...place }) =>
      place.weighted({
        module: call('nn.Conv2d', [literal(channels), literal(out), sides(kernel)], {
          ...windowInPytorch(stride, padding),
          ...connectionsInPytorch(args),
          bias: place.hasBias ? null : 'False',
        }),
        tied: (x, weight, bias) =>
          call('F.conv2d', [x, weight, bias], {
            stride: sides(stride),
            padding: sides(padding),
            ...connectionsInPytorch(args),
          }),
      }),
  },
};
