import { availableParallelism } from 'node:os';
import { enableProdMode, getBackend, ready, setBackend } from '@tensorflow/tfjs-core';
import { type BackendName, type BackendOptions, defaultBackend, type LoadBackend } from './backend.js';
import { loadCpu } from './cpu.js';
import { registerGradients } from './gradients.js';
import { loadSimd } from './simd.js';
import { loadTensorflow } from './tensorflow.js';

/** The backend that TF.js computes with from here on. */
export interface ChosenBackend {
  readonly name: BackendName;
  readonly version: string;
}

/** A backend cannot be loaded. */
export class BackendUnavailable extends Error {
  override readonly name = 'BackendUnavailable';
  readonly backend: BackendName;
  /** What to do about it. */
  readonly hint: string | null;

  constructor(backend: BackendName, reason: string, hint: string | null) {
    super(`the backend '${backend}' cannot be used: ${reason}`);
    this.backend = backend;
    this.hint = hint;
  }
}

const loaders: Readonly<Record<BackendName, LoadBackend>> = {
  simd: loadSimd,
  tensorflow: loadTensorflow,
  cpu: loadCpu,
};

/**
 * Loads a backend and makes it TF.js's. Where it can't be had, no other one takes its place: its results would have other bits.
 * @param request a name, or `auto` for the one that trains where nobody asks
 * @param options by default a thread for each core, and fused kernels unless the environment has AEDSL_FUSE=0
 * @throws BackendUnavailable
 */
export async function chooseBackend(
  request: BackendName | 'auto',
  { threads = defaultThreads(), fuse = process.env.AEDSL_FUSE !== '0' }: Partial<BackendOptions> = {},
): Promise<ChosenBackend> {
  // Otherwise TF.js recommends other backends on the console.
  enableProdMode();
  await registerGradients();
  const name = request === 'auto' ? defaultBackend : request;
  const outcome = await loaders[name]({ threads, fuse });
  if (!outcome.loaded) throw new BackendUnavailable(name, outcome.reason, outcome.hint);
  const refusal = await refusalOf(name);
  if (refusal !== null) throw new BackendUnavailable(name, refusal, null);
  return { name, version: outcome.version };
}

/** One for each core, up to what small models can use. */
function defaultThreads(): number {
  return Math.min(8, availableParallelism());
}

/** Makes a registered backend TF.js's; says why it cannot be, such as a processor without a feature that it needs. */
async function refusalOf(name: BackendName): Promise<string | null> {
  try {
    await setBackend(name);
    await ready();
    return getBackend() === name ? null : 'TF.js did not take it';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
