import type { BackendOptions, Loaded } from './backend.js';

/** The deterministic WebAssembly SIMD backend: identical bits on every machine, for any number of threads. */
export async function loadSimd({ threads, fuse }: BackendOptions): Promise<Loaded> {
  const [{ startSimdBackend }, { UnsupportedPlatformError }, { MemoryExhaustedError }, { numericsVersion }] =
    await Promise.all([
      import('./simd/register.js'),
      import('./simd/kernel-module.js'),
      import('./simd/linear-memory.js'),
      import('../../numerics/version.js'),
    ]);
  try {
    startSimdBackend({ threads, fuse });
  } catch (error) {
    if (error instanceof MemoryExhaustedError || error instanceof UnsupportedPlatformError) {
      return { loaded: false, reason: error.message, hint: error.hint };
    }
    throw error;
  }
  return { loaded: true, version: `numerics ${numericsVersion}, ${threads} thread${threads === 1 ? '' : 's'}` };
}
