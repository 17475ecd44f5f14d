import { matMul, reshape, sum, type Tensor } from '@tensorflow/tfjs-core';
import type { FusedDense } from '../../../lowering/fused-operations.js';
import { withGradient } from '../../../lowering/gradient.js';
import { denseForward, NO_EPILOGUE } from '../kernels/matmul.js';
import type { SimdBackend } from '../simd-backend.js';
import { activationNumber, throughActivation } from './activation.js';
import { tensorOf } from './results.js';

/** A dense layer with fused bias and activation. */
export function dense(backend: SimdBackend, layer: FusedDense): Tensor {
  const { input, constantInput, weight, transposed, bias, activation } = layer;
  const operands = [...(constantInput ? [] : [input]), weight, ...(bias === null ? [] : [bias])];
  return withGradient(operands, (save) => {
    const y = tensorOf(
      denseForward(backend, input, weight, transposed, {
        ...NO_EPILOGUE,
        bias: bias ?? undefined,
        activation: activationNumber(activation),
      }),
    );
    save([input, weight, y]);
    return {
      value: y,
      gradient: (upstream, [x = input, w = weight, result = y]) => {
        const before = throughActivation(backend, activation, upstream, result);
        const toInput = constantInput ? [] : [matMul(before, w, false, !transposed)];
        const toWeight = transposed ? matMul(before, x, true, false) : matMul(x, before, true, false);
        const toBias = bias === null ? [] : [reshape(sum(before, 0), bias.shape)];
        return [...toInput, toWeight, ...toBias];
      },
    };
  });
}
