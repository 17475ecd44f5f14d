import { findBackendFactory, registerBackend, registerKernel } from '@tensorflow/tfjs-core';
import { mostThreads } from '../backend.js';
import { fusedOperationsOn } from './fused/operations.js';
import { BACKEND_NAME } from './kernel-call.js';
import { convolutionKernels } from './kernels/convolution.js';
import { elementwiseKernels } from './kernels/elementwise.js';
import { indexingKernels } from './kernels/indexing.js';
import { layoutKernels } from './kernels/layout.js';
import { matmulKernels } from './kernels/matmul.js';
import { normalizationKernels } from './kernels/normalization.js';
import { poolingKernels } from './kernels/pooling.js';
import { reductionKernels } from './kernels/reduction.js';
import { resizingKernels } from './kernels/resizing.js';
import { SimdBackend } from './simd-backend.js';
// Made by tools/build-gradients.mjs: without it TF.js has no gradients in Node.
import './gradients.generated.mjs';

export const simdKernels = [
  ...elementwiseKernels,
  ...reductionKernels,
  ...matmulKernels,
  ...layoutKernels,
  ...indexingKernels,
  ...convolutionKernels,
  ...poolingKernels,
  ...normalizationKernels,
  ...resizingKernels,
];

export interface SimdOptions {
  /** Compute threads, including the calling one; at least 1. Results don't depend on it. */
  readonly threads: number;
  /** Whether to fuse operations where possible; default true. Results don't depend on it. */
  readonly fuse?: boolean;
}

/**
 * Registers the backend with TF.js as 'simd', without activating it. A second call only makes TF.js warn, and the first
 * registration stays.
 *
 * `tf.setBackend('simd')` creates the backend, and throws `UnsupportedPlatformError` or `MemoryExhaustedError` if it
 * cannot work.
 */
export function registerSimdBackend(options: SimdOptions): void {
  register(options, () => createBackend(options));
}

/**
 * As {@link registerSimdBackend}, but creates the backend at once, since TF.js swallows creation errors. Does nothing
 * if it is already registered.
 * @throws UnsupportedPlatformError, MemoryExhaustedError
 */
export function startSimdBackend(options: SimdOptions): void {
  if (findBackendFactory(BACKEND_NAME)) return;
  const backend = createBackend(options);
  register(options, () => backend);
}

function register({ threads }: SimdOptions, factory: () => SimdBackend): void {
  if (!Number.isInteger(threads) || threads < 1 || threads > mostThreads) {
    throw new RangeError(`threads must be an integer from 1 to ${mostThreads}, not ${threads}`);
  }
  for (const config of simdKernels) registerKernel(config);
  registerBackend(BACKEND_NAME, factory);
}

function createBackend({ threads, fuse = true }: SimdOptions): SimdBackend {
  return new SimdBackend(threads, fuse ? fusedOperationsOn : null);
}
