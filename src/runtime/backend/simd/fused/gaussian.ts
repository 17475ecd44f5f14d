import type { Tensor } from '@tensorflow/tfjs-core';
import { withGradient } from '../../../lowering/gradient.js';
import type { RandomPlace } from '../../../random/place.js';
import { withTemporary } from '../kernels/copying.js';
import { reduce } from '../kernels/reduction.js';
import { Distribution, Operation, Reduction } from '../operations.js';
import type { SimdBackend } from '../simd-backend.js';
import { elementCount } from '../strides.js';
import { drawing } from './random.js';
import { tensorOf } from './results.js';

/** The mean over the batch of ½ (mu² + (expm1(logvar) - logvar)). */
export function gaussianDivergence(backend: SimdBackend, mu: Tensor, logvar: Tensor): Tensor {
  const batch = mu.shape[0] ?? 1;
  const n = elementCount(mu.shape);
  return withGradient([mu, logvar], (save) => {
    save([mu, logvar]);
    const mean = withTemporary(backend, backend.allocate(mu.shape, 'float32'), (each) => {
      const job = backend.kernels.begin(Operation.GaussianDivergence).int(n).int(backend.address(mu));
      job
        .int(backend.address(logvar))
        .int(backend.address(each))
        .run(n * 2);
      return reduce(backend, Reduction.Mean, each, [0], false);
    });
    return {
      value: tensorOf(mean),
      gradient: (upstream, [m = mu, v = logvar]) => {
        const toMu = backend.allocate(m.shape, 'float32');
        const toLogvar = backend.allocate(v.shape, 'float32');
        const job = backend.kernels
          .begin(Operation.GaussianDivergenceGradient)
          .int(batch)
          .int(n / batch);
        job.int(backend.address(m)).int(backend.address(v)).int(backend.address(upstream)).float(batch);
        // On one thread, as there are few dimensions.
        job.int(backend.address(toMu)).int(backend.address(toLogvar)).run(0);
        return [tensorOf(toMu), tensorOf(toLogvar)];
      },
    };
  });
}

/** mu + eps exp(logvar / 2), drawing eps in the kernel. */
export function reparameterize(backend: SimdBackend, mu: Tensor, logvar: Tensor, place: RandomPlace): Tensor {
  const n = elementCount(mu.shape);
  return withGradient([mu, logvar], (save) => {
    const eps = backend.allocate(mu.shape, 'float32');
    const z = backend.allocate(mu.shape, 'float32');
    const job = drawing(backend, Distribution.Reparameterized, place, n).float(0).int(backend.address(eps));
    job
      .int(backend.address(mu))
      .int(backend.address(logvar))
      .int(backend.address(z))
      .run(n * 6);
    const drawn = tensorOf(eps);
    save([drawn, logvar]);
    return {
      value: tensorOf(z),
      gradient: (upstream, [noise = drawn, v = logvar]) => {
        const toLogvar = backend.allocate(v.shape, 'float32');
        const gradient = backend.kernels.begin(Operation.ReparameterizeGradient).int(n).int(backend.address(upstream));
        gradient.int(backend.address(noise)).int(backend.address(v)).int(backend.address(toLogvar));
        gradient.run(n * 2);
        return [upstream.clone(), tensorOf(toLogvar)];
      },
    };
  });
}
