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

/** Every kernel of TF.js that this backend computes. */
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
  /** Threads that compute, the calling one included; at least 1. Results do not depend on it. */
  readonly threads: number;
  /** Whether several operations are done in one kernel where that is possible; true by default. Results do not depend on it. */
  readonly fuse?: boolean;
}

/**
 * Registers the backend with TF.js as 'simd', without making it the current one. A second call is an error of TF.js's
 * own kind: a warning, and the first registration stays.
 *
 * The backend itself is created by `tf.setBackend('simd')`, which throws `UnsupportedPlatformError` or
 * `MemoryExhaustedError` where it cannot work.
 */
export function registerSimdBackend(options: SimdOptions): void {
  register(options, () => createBackend(options));
}

/**
 * The same, with the backend created at once, since TF.js keeps an error of its creation to itself. Does nothing where it is
 * registered already.
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
