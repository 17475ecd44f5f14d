import { sum, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import type { FusedConvolution } from '../../../lowering/fused-operations.js';
import { withGradient } from '../../../lowering/gradient.js';
import { convolve, filterGradient, inputGradient } from '../kernels/convolution.js';
import { NO_EPILOGUE } from '../kernels/matmul.js';
import { paddedPlan } from '../kernels/window.js';
import type { SimdBackend } from '../simd-backend.js';
import { activationNumber, throughActivation } from './activation.js';
import { imagesOf, tensorOf } from './results.js';

/** A convolution with fused padding, bias and activation. */
export function convolution(backend: SimdBackend, layer: FusedConvolution): Tensor {
  const { images, constantInput, kernels, bias, activation } = layer;
  const plan = paddedPlan(images.shape, kernels.shape, layer);
  return withGradient(operands(layer), (save) => {
    const epilogue = { ...NO_EPILOGUE, bias: bias ?? undefined, activation: activationNumber(activation) };
    const y = tensorOf(convolve(backend, plan, images, kernels, epilogue));
    save([images, kernels, y]);
    return {
      value: y,
      gradient: (upstream, [x = images, w = kernels, result = y]) => {
        const before = throughActivation(backend, activation, upstream, result);
        const toImages = constantInput ? [] : [tensorOf(inputGradient(backend, plan, before, w, NO_EPILOGUE))];
        return [...toImages, tensorOf(filterGradient(backend, plan, x, before)), ...biasGradient(bias, before)];
      },
    };
  });
}

/**
 * A transposed convolution: the gradient of a convolution with respect to its input, for images of `size`. Padding
 * crops the result.
 */
export function transposedConvolution(
  backend: SimdBackend,
  layer: FusedConvolution,
  [height, width]: readonly [number, number],
): Tensor {
  const { images, constantInput, kernels, bias, activation } = layer;
  const whole: Tensor4D['shape'] = [images.shape[0], height, width, kernels.shape[2]];
  const plan = paddedPlan(whole, kernels.shape, layer);
  return withGradient(operands(layer), (save) => {
    const epilogue = { ...NO_EPILOGUE, bias: bias ?? undefined, activation: activationNumber(activation) };
    const y = imagesOf(inputGradient(backend, plan, images, kernels, epilogue));
    save([images, kernels, y]);
    return {
      value: y,
      gradient: (upstream, [x = images, w = kernels, result = y]) => {
        const before = throughActivation(backend, activation, upstream, result);
        const toImages = constantInput ? [] : [tensorOf(convolve(backend, plan, before, w, NO_EPILOGUE))];
        return [...toImages, tensorOf(filterGradient(backend, plan, before, x)), ...biasGradient(bias, before)];
      },
    };
  });
}

function operands({ images, constantInput, kernels, bias }: FusedConvolution): Tensor[] {
  return [...(constantInput ? [] : [images]), kernels, ...(bias === null ? [] : [bias])];
}

function biasGradient(bias: Tensor | null, before: Tensor): Tensor[] {
  return bias === null ? [] : [sum(before, [0, 1, 2])];
}
