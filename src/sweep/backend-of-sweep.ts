import { type BackendName, defaultBackend } from '../runtime/backend/backend.js';

/**
 * The backend that a sweep's trials will train with, which is part of their identities. Avoids loading TF.js if
 * possible.
 * @throws BackendUnavailable, UnsupportedPlatformError, MemoryExhaustedError
 */
export async function backendOfSweep(request: BackendName | 'auto'): Promise<BackendName> {
  const name = request === 'auto' ? defaultBackend : request;
  if (name === 'simd') {
    const [{ compileKernels }, { requireMemory }] = await Promise.all([
      import('../runtime/backend/simd/kernel-module.js'),
      import('../runtime/backend/simd/linear-memory.js'),
    ]);
    compileKernels();
    requireMemory();
  }
  if (name === 'tensorflow') {
    const { chooseBackend } = await import('../runtime/backend/choose.js');
    await chooseBackend(name, { threads: 1 });
  }
  return name;
}
