import { type BackendName, backendNames } from '../runtime/backend/backend.js';
import { compileKernels, UnsupportedPlatformError } from '../runtime/backend/simd/kernel-module.js';

/**
 * The backend that a sweep's trials will train with, without loading TF.js where that can be helped: it is a part of their
 * identities.
 * @throws BackendUnavailable
 */
export async function backendOfSweep(request: BackendName | 'auto'): Promise<BackendName> {
  if (request === 'cpu') return request;
  if (request !== 'tensorflow' && hasSimd()) return 'simd';
  const { chooseBackend } = await import('../runtime/backend/choose.js');
  return (await chooseBackend(request, { threads: 1 })).name;
}

function hasSimd(): boolean {
  try {
    compileKernels();
    return true;
  } catch (error) {
    if (error instanceof UnsupportedPlatformError) return false;
    throw error;
  }
}

/** Of a stored sweep. @returns null for one that this version doesn't have */
export function backendNamed(name: string): BackendName | null {
  return backendNames.find((backend) => backend === name) ?? null;
}
