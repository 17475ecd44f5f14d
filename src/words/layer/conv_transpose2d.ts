import { closed, realLine } from '../../compiler/ir/interval.js';
import { describeShape } from '../../compiler/ir/shape.js';
import { pair } from '../../compiler/library/parameter.js';
import { failed, ok } from '../../compiler/library/word.js';
import { call, literal, sides } from '../python.js';
import type { Layer } from '../word.js';
import { convolutionParameters } from './convolution.js';
import { learnedWeights } from './weights.js';
import {
  area,
  connectionsInOnnx,
  connectionsInPytorch,
  dilation,
  imageOf,
  spannedBy,
  wholeGroups,
  windowInOnnx,
  windowInPytorch,
} from './window.js';

const parameters = convolutionParameters(
  'The channels of the output.',
  {
    kernel: pair({ peers: ['kernel_size'], doc: 'Size of the kernel.', unit: 'pixels' }),
    stride: pair({ peers: ['strides'], doc: 'From one window of the output to the next.', unit: 'pixels', default: 1 }),
    padding: pair({
      doc: 'Rows and columns taken away on every side of the output.',
      unit: 'pixels',
      default: 0,
      range: closed(0, Number.MAX_SAFE_INTEGER),
    }),
    output_padding: pair({
      doc: 'Rows and columns added at the lower right of the output, fewer than the stride.',
      unit: 'pixels',
      default: 0,
      range: closed(0, Number.MAX_SAFE_INTEGER),
    }),
  },
  { dilation: dilation() },
);

export const convTranspose2d: Layer<typeof parameters> = {
  family: 'layer',
  name: 'conv_transpose2d',
  peers: ['ConvTranspose2d', 'Conv2DTranspose', 'LazyConvTranspose2d', 'deconv', 'deconv2d'],
  inferred: 'in_channels',
  version: 1,
  doc:
    'Transposed convolution, the adjoint of `conv2d`: each value writes a kernel into the output, from `[c, h, w]` to ' +
    '`[channels, h′, w′]` with `h′ = (h - 1) stride - 2 padding + dilation (kernel - 1) + output_padding + 1`. The weight is ' +
    '`[c, channels / groups, kernel, kernel]`, and the fan-in of its start `channels / groups · kernel²`, as in PyTorch.',
  source: '`torch.nn.ConvTranspose2d`; Dumoulin and Visin, A guide to convolution arithmetic, arXiv:1603.07285',
  parameters,
  example: `encoder { conv2d(4, kernel=3, stride=2, padding=1, activation=relu)  code: conv2d(2, kernel=3, stride=2, padding=1) }
  decoder {
    conv_transpose2d(4, kernel=3, stride=2, padding=1, output_padding=1, activation=relu)
    conv_transpose2d(1, kernel=3, stride=2, padding=1, output_padding=1, activation=sigmoid)
  }`,
  mistake: {
    text: `encoder { code: conv2d(4, kernel=2, stride=2) }
  decoder { conv_transpose2d(1, kernel=2, stride=2, output_padding=2, activation=sigmoid) }`,
    code: 'AE402',
  },
  oracle: 'table:conv-shapes.json golden:cae golden:conv-connections',
  activation: false,
  heads: [],
  random: false,
  flattensInput: false,
  fusesActivation: true,
  shape(args, input) {
    const image = imageOf('conv_transpose2d', input);
    if (!image.ok) return image;
    const whole = wholeGroups(args.groups, image.value.channels, args.channels);
    if (!whole.ok) return whole;
    const { output_padding: added, stride } = args;
    if (added[0] >= stride[0] || added[1] >= stride[1]) {
      return failed(
        'AE402',
        `the output padding ${describeShape(added)} must be less than the stride ${describeShape(stride)}`,
        { argument: 'output_padding' },
      );
    }
    const spanned = spannedBy(image.value, args);
    const [height, width] = [spanned[0] + added[0], spanned[1] + added[1]];
    if (height < 1 || width < 1) {
      return failed('AE402', `a padding of ${describeShape(args.padding)} leaves nothing of the output`, {
        argument: 'padding',
      });
    }
    return ok([args.channels, height, width]);
  },
  weights({ channels, kernel, bias, init, groups }, input) {
    const inputs = input[0] ?? 1;
    const outputs = channels / groups;
    return learnedWeights({
      shape: [inputs, outputs, ...kernel],
      biases: bias ? channels : null,
      initializer: init,
      fanIn: outputs * area(kernel),
      fanOut: inputs * area(kernel),
    });
  },
  range: () => realLine,
  opposite({ kernel, stride, padding: around, bias, init, dilation, groups }, at) {
    const input = imageOf('conv_transpose2d', at.input);
    if (!input.ok) return input;
    return ok({
      word: 'conv2d',
      arguments: { channels: input.value.channels, kernel, stride, padding: around, bias, init, dilation, groups },
      reference: null,
    });
  },
  /**
   * The kernels, `[in, out, height, width]`, as TF.js's `[height, width, out, in]`. What the kernels write without
   * padding is computed first; the padding is what is cut off around it.
   */
  lower: ({ add, asImages, conv2dTranspose, cropped, dilated, imageKernels, inGroups, weightOf }) => ({
    forward({ stride, padding, bias, dilation, groups }, input, context) {
      const operands = {
        images: asImages(input),
        kernels: dilated(imageKernels(weightOf(context, 'weight')), dilation),
        bias: null,
      };
      const [channels = 1, height = 1, width = 1] = context.output;
      const whole: [number, number, number, number] = [
        operands.images.shape[0],
        height + 2 * padding[0],
        width + 2 * padding[1],
        channels / groups,
      ];
      const written = inGroups(groups, operands, ({ images, kernels }) =>
        conv2dTranspose(images, kernels, whole, [stride[0], stride[1]], 'valid'),
      );
      const output = cropped(asImages(written), padding, [height, width]);
      return bias ? add(output, weightOf(context, 'bias')) : output;
    },
    fusedForward({ stride, padding, bias, dilation, groups }, input, context, activation, fused) {
      const [, height = 1, width = 1] = context.output;
      const operands = {
        images: asImages(input),
        kernels: imageKernels(weightOf(context, 'weight')),
        bias: bias ? weightOf(context, 'bias') : null,
      };
      const { constantInput } = context;
      return inGroups(groups, operands, (part) => {
        const layer = { ...part, constantInput, stride, padding, dilation, activation };
        return fused.transposedConvolution(layer, [height, width]);
      });
    },
  }),
  onnx: {
    output: ({ output_padding, ...args }, x, { hasBias, node, weight }) =>
      node('ConvTranspose', [x, weight('weight'), ...(hasBias ? [weight('bias')] : [])], {
        ...windowInOnnx(args),
        ...connectionsInOnnx(args),
        output_padding: { ints: output_padding },
      }),
  },
  pytorch: {
    code({ kernel, stride, padding, output_padding, ...args }, { input: [channels = 1], output: [out = 1], ...place }) {
      const added = sides(output_padding);
      return place.weighted({
        module: call('nn.ConvTranspose2d', [literal(channels), literal(out), sides(kernel)], {
          ...windowInPytorch(stride, padding),
          output_padding: added === '0' ? null : added,
          ...connectionsInPytorch(args),
          bias: place.hasBias ? null : 'False',
        }),
        tied: (x, weight, bias) =>
          call('F.conv_transpose2d', [x, weight, bias], {
            stride: sides(stride),
            padding: sides(padding),
            output_padding: added,
            ...connectionsInPytorch(args),
          }),
      });
    },
  },
};
