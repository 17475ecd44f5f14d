import { add, conv2dTranspose } from '@tensorflow/tfjs-core';
import { convTranspose2d } from '../../../compiler/library/layer/conv_transpose2d.js';
import type { LayerLowering } from '../lowering.js';
import { weightOf } from '../weights.js';
import { asImages, cropped, imageKernels } from '../windows.js';

/**
 * The kernels, `[in, out, height, width]`, as TF.js's `[height, width, out, in]`. What the kernels write without padding
 * is computed first; the padding is what is cut off around it.
 */
export const convTranspose2dLowering: LayerLowering<typeof convTranspose2d.parameters> = {
  word: convTranspose2d,
  forward({ stride, padding, bias }, input, context) {
    const kernels = imageKernels(weightOf(context, 'weight'));
    const images = asImages(input);
    const [channels = 1, height = 1, width = 1] = context.output;
    const whole: [number, number, number, number] = [
      images.shape[0],
      height + 2 * padding[0],
      width + 2 * padding[1],
      channels,
    ];
    const written = conv2dTranspose(images, kernels, whole, [stride[0], stride[1]], 'valid');
    const output = cropped(asImages(written), padding, [height, width]);
    return bias ? add(output, weightOf(context, 'bias')) : output;
  },
  fusedForward({ stride, padding, bias }, input, context, activation, fused) {
    const [, height = 1, width = 1] = context.output;
    const layer = {
      images: asImages(input),
      constantInput: context.constantInput,
      kernels: imageKernels(weightOf(context, 'weight')),
      bias: bias ? weightOf(context, 'bias') : null,
      stride,
      padding,
      activation,
    };
    return fused.transposedConvolution(layer, [height, width]);
  },
};
