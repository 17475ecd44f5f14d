import {
  avgPool,
  engine,
  MaxPoolGrad,
  maxPool,
  mul,
  onesLike,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import type { Value } from '../../../compiler/ir/value.js';
import { unpool2d } from '../../../compiler/library/layer/unpool2d.js';
import { withGradient } from '../gradient.js';
import type { LayerLowering } from '../lowering.js';
import { asImages, cropped, type Pair, padded, poolWindow, type Window } from '../windows.js';

/**
 * Values go back to where a pool took its maxima. That is what the gradient of the pool does with its own gradient, so
 * the kernel for it is used here, and no indices have to be kept. The windows don't overlap, so the gradient of this is
 * the sum over each window of what arrives at its maximum.
 */
export const unpool2dLowering: LayerLowering<typeof unpool2d.parameters> = {
  word: unpool2d,
  forward({ from }, input, context) {
    const window = windowOfPool(context.argumentsOf(from));
    const before = asImages(context.earlier(from).input);
    const [, height, width] = before.shape;
    const pooled = padded(before, window.padding, Number.NEGATIVE_INFINITY);
    return withGradient([input], (save) => {
      const maxima = maxPool(pooled, [...window.kernel], [...window.stride], 'valid');
      const places = atMaxima(onesLike(maxima), pooled, maxima, window);
      save([places]);
      return {
        value: cropped(atMaxima(asImages(input), pooled, maxima, window), window.padding, [height, width]),
        gradient: (upstream, [mask = places]) => [
          sumOfWindows(mul(padded(asImages(upstream), window.padding), mask), window),
        ],
      };
    });
  },
};

/** `[batch, pooled height, pooled width, channels]` to the size of the pool's input. */
function atMaxima(values: Tensor4D, input: Tensor4D, output: Tensor4D, { kernel, stride }: Window): Tensor4D {
  const spread: Tensor = engine().runKernel(
    MaxPoolGrad,
    { dy: values, input, output },
    { filterSize: [...kernel], strides: [...stride], pad: 'valid' },
  );
  return asImages(spread);
}

function sumOfWindows(images: Tensor, { kernel, stride }: Window): Tensor {
  return mul(avgPool(asImages(images), [...kernel], [...stride], 'valid'), kernel[0] * kernel[1]);
}

function windowOfPool(args: Readonly<Record<string, Value>>): Window {
  const { kernel, stride, padding } = args;
  if (!isPair(kernel) || !isPair(padding)) throw new RangeError('unpool2d undoes a pool, and this is none');
  return poolWindow({ kernel, stride: isPair(stride) ? stride : null, padding });
}

function isPair(value: Value | undefined): value is Pair {
  return Array.isArray(value) && value.length === 2 && value.every((n) => typeof n === 'number');
}
