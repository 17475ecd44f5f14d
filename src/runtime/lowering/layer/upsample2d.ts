import { gather, type Tensor1D, tensor1d } from '@tensorflow/tfjs-core';
import { upsample2d } from '../../../compiler/library/layer/upsample2d.js';
import type { LayerLowering } from '../lowering.js';

/** For each of `to` pixels, the one of `from` that it repeats: `⌊i · from / to⌋`. */
function repeated(from: number, to: number): Tensor1D {
  return tensor1d(
    Array.from({ length: to }, (_, i) => Math.floor((i * from) / to)),
    'int32',
  );
}

export const upsample2dLowering: LayerLowering<typeof upsample2d.parameters> = {
  word: upsample2d,
  forward(_args, input, context) {
    const [, fromHeight = 1, fromWidth = 1] = context.input;
    const [, toHeight = 1, toWidth = 1] = context.output;
    return gather(gather(input, repeated(fromHeight, toHeight), 1), repeated(fromWidth, toWidth), 2);
  },
};
