import type { BackendOptions, Loaded } from './backend.js';

/** The deterministic backend on WebAssembly SIMD: the same bits on every machine, for any number of threads. */
export async function loadSimd({ threads, fuse }: BackendOptions): Promise<Loaded> {
  const [{ registerSimdBackend }, { numericsVersion }] = await Promise.all([
    import('./simd/register.js'),
    import('../../numerics/version.js'),
  ]);
  registerSimdBackend({ threads, fuse });
  return { loaded: true, version: `numerics ${numericsVersion}, ${threads} threads` };
}
