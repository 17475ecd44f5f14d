import type { Loaded } from './backend.js';

/** TF.js's plain JavaScript backend: slow, always available, and the reference for the others. */
export async function loadCpu(): Promise<Loaded> {
  const { version_cpu: version } = await import('@tensorflow/tfjs-backend-cpu');
  return { loaded: true, version };
}
