import { availableParallelism } from 'node:os';
import { enableProdMode, getBackend, ready, setBackend } from '@tensorflow/tfjs-core';
import { type BackendName, type BackendOptions, defaultBackend, type LoadBackend } from './backend.js';
import { loadCpu } from './cpu.js';
import { registerGradients } from './gradients.js';
import { loadSimd } from './simd.js';
import { loadTensorflow } from './tensorflow.js';

/** The backend that TF.js now computes with. */
export interface ChosenBackend {
  readonly name: BackendName;
  readonly version: string;
}

export class BackendUnavailable extends Error {
  override readonly name = 'BackendUnavailable';
  readonly backend: BackendName;
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
 * Loads a backend and activates it in TF.js. There is no fallback: another backend's results have different bits.
 * @param request a name, or `auto` for the default
 * @param options default to a thread per core, and fused kernels unless AEDSL_FUSE=0 is set
 * @throws BackendUnavailable
 */
export async function chooseBackend(
  request: BackendName | 'auto',
  { threads = defaultThreads(), fuse = process.env.AEDSL_FUSE !== '0' }: Partial<BackendOptions> = {},
): Promise<ChosenBackend> {
  // Otherwise TF.js advertises other backends on the console.
  enableProdMode();
  await registerGradients();
  const name = request === 'auto' ? defaultBackend : request;
  const outcome = await loaders[name]({ threads, fuse });
  if (!outcome.loaded) throw new BackendUnavailable(name, outcome.reason, outcome.hint);
  const refusal = await refusalOf(name);
  if (refusal !== null) throw new BackendUnavailable(name, refusal, null);
  return { name, version: outcome.version };
}

/** One per core, up to what small models can use. */
function defaultThreads(): number {
  return Math.min(8, availableParallelism());
}

/** Activates a registered backend; returns why it can't be, such as a missing processor feature. */
async function refusalOf(name: BackendName): Promise<string | null> {
  try {
    await setBackend(name);
    await ready();
    return getBackend() === name ? null : 'TF.js rejected it';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
