import type { Loaded } from './backend.js';

/** TF.js's plain JavaScript backend: slow, always there, and what the others are tested against. */
export async function loadCpu(): Promise<Loaded> {
  const { version_cpu: version } = await import('@tensorflow/tfjs-backend-cpu');
  return { loaded: true, version };
}
