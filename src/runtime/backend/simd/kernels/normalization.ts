import type { KernelConfig } from '@tensorflow/tfjs-core';
import { kernel } from '../kernel-call.js';
import { Operation } from '../operations.js';
import { elementCount } from '../strides.js';
import { withVector } from './matmul.js';

export const normalizationKernels: readonly KernelConfig[] = [
  kernel('FusedBatchNorm', (call) => {
    const { backend } = call;
    const x = call.tensor('x');
    const parameters = [
      call.tensor('mean'),
      call.tensor('variance'),
      call.optionalTensor('scale'),
      call.optionalTensor('offset'),
    ];
    const size = elementCount(x.shape);
    // Statistics are per channel, or the same for all elements.
    const channels = parameters.some(
      (tensor) => tensor !== undefined && elementCount(tensor.shape) > (x.shape.at(-1) ?? 1),
    )
      ? size
      : (x.shape.at(-1) ?? 1);
    const [mean, variance, scale, offset] = parameters;
    return withVector(backend, mean, channels, (m) =>
      withVector(backend, variance, channels, (v) =>
        withVector(backend, scale, channels, (s) =>
          withVector(backend, offset, channels, (o) => {
            const y = backend.allocate(x.shape, 'float32');
            const job = backend.kernels
              .begin(Operation.BatchNorm)
              .int(channels === 0 ? 0 : size / channels)
              .int(channels);
            job.int(backend.address(x));
            for (const tensor of [m, v, s, o]) job.int(tensor === undefined ? 0 : backend.address(tensor));
            job.float(call.number('varianceEpsilon', 0.001)).int(backend.address(y)).run(size);
            return y;
          }),
        ),
      ),
    );
  }),
];
