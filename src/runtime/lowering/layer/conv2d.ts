import { add, conv2d as conv2dOf } from '@tensorflow/tfjs-core';
import { conv2d } from '../../../compiler/library/layer/conv2d.js';
import type { LayerLowering } from '../lowering.js';
import { weightOf } from '../weights.js';
import { asImages, imageKernels, padded } from '../windows.js';

/** The kernels, `[out, in, height, width]`, as TF.js's `[height, width, in, out]`. */
export const conv2dLowering: LayerLowering<typeof conv2d.parameters> = {
  word: conv2d,
  forward({ stride, padding, bias }, input, context) {
    const kernels = imageKernels(weightOf(context, 'weight'));
    const images = padded(asImages(input), padding);
    const output = conv2dOf(images, kernels, [stride[0], stride[1]], 'valid');
    return bias ? add(output, weightOf(context, 'bias')) : output;
  },
  fusedForward: ({ stride, padding, bias }, input, context, activation, fused) =>
    fused.convolution({
      images: asImages(input),
      constantInput: context.constantInput,
      kernels: imageKernels(weightOf(context, 'weight')),
      bias: bias ? weightOf(context, 'bias') : null,
      stride,
      padding,
      activation,
    }),
};
