import { engine, type GradConfig, type KernelConfig, matMul, reshape, sum, type Tensor } from '@tensorflow/tfjs-core';
import { type KernelCall, kernel } from '../kernel-call.js';
import { activationOf, denseForward, NO_EPILOGUE } from '../kernels/matmul.js';
import { Activation, Operation } from '../operations.js';
import { elementCount } from '../strides.js';

const DENSE = 'FusedDense';
const ACTIVATION_GRADIENT = 'ActivationGradient';

/** Activations whose gradient follows from their result. */
export type DenseActivation = 'linear' | 'relu' | 'sigmoid' | 'tanh';

export interface DenseLayer {
  /** `[batch, inputs]`. */
  readonly input: Tensor;
  /** `[inputs, features]`, or with `transposed` `[features, inputs]`. */
  readonly weight: Tensor;
  readonly transposed: boolean;
  /** `[features]`. */
  readonly bias: Tensor | undefined;
  readonly activation: DenseActivation;
}

/**
 * activation(input · weight + bias) in one kernel, `[batch, features]`, with gradients to input, weight and bias.
 * Its bits are those of matMul, add and the activation one after the other, forward and backward.
 */
export function fusedDense({ input, weight, transposed, bias, activation }: DenseLayer): Tensor {
  const inputs = bias === undefined ? { x: input, weight } : { x: input, weight, bias };
  return engine().runKernel<Tensor>(DENSE, inputs, { transposed, activation });
}

function forward(call: KernelCall) {
  const activation = activationOf(call.text('activation'));
  return denseForward(call.backend, call.tensor('x'), call.tensor('weight'), call.flag('transposed'), {
    ...NO_EPILOGUE,
    bias: call.optionalTensor('bias'),
    activation,
  });
}

export const denseKernels: readonly KernelConfig[] = [
  kernel(DENSE, forward),
  kernel(ACTIVATION_GRADIENT, (call) => {
    const { backend } = call;
    const y = call.tensor('y');
    const dx = backend.allocate(y.shape, 'float32');
    const n = elementCount(y.shape);
    const job = backend.kernels
      .begin(Operation.ActivationGradient)
      .int(activationOf(call.text('activation')))
      .int(n);
    job
      .int(backend.address(call.tensor('dy')))
      .int(backend.address(y))
      .int(backend.address(dx))
      .run(n * 0.3);
    return dx;
  }),
];

export const denseGradients: readonly GradConfig[] = [
  {
    kernelName: DENSE,
    inputsToSave: ['x', 'weight'],
    outputsToSave: [true],
    gradFunc: (dy, saved, attrs) => {
      const [x, weight, y] = saved;
      if (Array.isArray(dy) || x === undefined || weight === undefined || y === undefined) {
        throw new Error('the gradient of a dense layer needs its input, weight and result');
      }
      const activation = String(attrs.activation);
      // Once for all three gradients; TF.js frees it with the tensors of the whole backward pass.
      const before =
        activationOf(activation) === Activation.Linear
          ? dy
          : engine().runKernel<Tensor>(ACTIVATION_GRADIENT, { dy, y }, { activation });
      const transposed = attrs.transposed === true;
      return {
        x: () => matMul(before, weight, false, !transposed),
        weight: () => (transposed ? matMul(before, x, true, false) : matMul(x, before, true, false)),
        bias: () => reshape(sum(before, 0), [y.shape[1] ?? 1]),
      };
    },
  },
];
