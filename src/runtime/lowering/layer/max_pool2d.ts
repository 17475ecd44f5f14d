import { maxPool } from '@tensorflow/tfjs-core';
import { maxPool2d } from '../../../compiler/library/layer/max_pool2d.js';
import type { LayerLowering } from '../lowering.js';
import { asImages, padded, poolWindow } from '../windows.js';

export const maxPool2dLowering: LayerLowering<typeof maxPool2d.parameters> = {
  word: maxPool2d,
  forward(args, input) {
    const { kernel, stride, padding } = poolWindow(args);
    const images = padded(asImages(input), padding, Number.NEGATIVE_INFINITY);
    return maxPool(images, [kernel[0], kernel[1]], [stride[0], stride[1]], 'valid');
  },
};
