import type { FusedOperations } from '../../../lowering/fused-operations.js';
import { stridedCopy } from '../kernels/copying.js';
import type { SimdBackend } from '../simd-backend.js';
import { denseStrides } from '../strides.js';
import { corrupt, lookUp } from './batches.js';
import { convolution, transposedConvolution } from './convolution.js';
import { dense } from './dense.js';
import { gaussianDivergence, reparameterize } from './gaussian.js';
import { keepLargest } from './largest.js';
import { elementLoss, sparsity, sumOfSquares } from './losses.js';
import { updateOf } from './optimizers.js';
import { bernoulli, integerDrawer, randomNumbers } from './random.js';

/** The operations that this backend fuses. */
export function fusedOperationsOn(backend: SimdBackend): FusedOperations {
  return {
    dense: (layer) => dense(backend, layer),
    convolution: (layer) => convolution(backend, layer),
    transposedConvolution: (layer, size) => transposedConvolution(backend, layer, size),
    elementLoss: (loss, prediction, target, factor) => elementLoss(backend, loss, prediction, target, factor),
    sparsity: (activations, rho, factor) => sparsity(backend, activations, rho, factor),
    gaussianDivergence: (mu, logvar) => gaussianDivergence(backend, mu, logvar),
    reparameterize: (mu, logvar, place) => reparameterize(backend, mu, logvar, place),
    keepLargest: (values, count, by) => keepLargest(backend, values, count, by),
    random: (kind, place, shape) => randomNumbers(backend, kind, place, shape),
    integers: integerDrawer(backend),
    bernoulli: (probabilities, place) => bernoulli(backend, probabilities, place),
    corrupt: (values, corruption, place, into) => corrupt(backend, values, corruption, place, into),
    lookUp: (bytes, table, into) => lookUp(backend, bytes, table, into),
    sumOfSquares: (values) => sumOfSquares(backend, values),
    assign(target, values) {
      const strides = denseStrides(values.shape);
      const from = { tensor: values, offset: 0, strides };
      stridedCopy(backend, values.shape, from, { tensor: target, offset: 0, strides });
    },
    updateOf: (weights) => updateOf(backend, weights),
  };
}
