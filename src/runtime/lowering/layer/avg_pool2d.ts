import { avgPool } from '@tensorflow/tfjs-core';
import { avgPool2d } from '../../../compiler/library/layer/avg_pool2d.js';
import type { LayerLowering } from '../lowering.js';
import { asImages, padded, poolWindow } from '../windows.js';

/** Zeros of the padding count in the mean. */
export const avgPool2dLowering: LayerLowering<typeof avgPool2d.parameters> = {
  word: avgPool2d,
  forward(args, input) {
    const { kernel, stride, padding } = poolWindow(args);
    return avgPool(padded(asImages(input), padding), [kernel[0], kernel[1]], [stride[0], stride[1]], 'valid');
  },
};
