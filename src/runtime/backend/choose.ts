import { availableParallelism } from 'node:os';
import { enableProdMode, getBackend, ready, setBackend } from '@tensorflow/tfjs-core';
import { type BackendName, type BackendOptions, backendNames, type LoadBackend } from './backend.js';
import { loadCpu } from './cpu.js';
import { registerGradients } from './gradients.js';
import { loadSimd } from './simd.js';
import { loadTensorflow } from './tensorflow.js';

/** The backend that TF.js computes with from here on. */
export interface ChosenBackend {
  readonly name: BackendName;
  readonly version: string;
  /** Backends that would have been preferred, with the reason why they are not there. */
  readonly missing: readonly { readonly name: BackendName; readonly reason: string }[];
}

/** A backend that was asked for by name cannot be loaded. */
export class BackendUnavailable extends Error {
  readonly backend: BackendName;

  constructor(backend: BackendName, reason: string) {
    super(`the backend '${backend}' cannot be used: ${reason}`);
    this.name = 'BackendUnavailable';
    this.backend = backend;
  }
}

const loaders: Readonly<Record<BackendName, LoadBackend>> = {
  simd: loadSimd,
  tensorflow: loadTensorflow,
  cpu: loadCpu,
};

/** The first of these that loads is the default. */
const preference: readonly BackendName[] = backendNames;

/**
 * Loads a backend and makes it TF.js's.
 * @param request a name, or `auto` for the first of `backendNames` that loads
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
  const missing: { name: BackendName; reason: string }[] = [];
  for (const name of request === 'auto' ? preference : [request]) {
    const outcome = await loaders[name]({ threads, fuse });
    if (!outcome.loaded) {
      missing.push({ name, reason: outcome.reason });
      continue;
    }
    const refusal = await refusalOf(name);
    if (refusal !== null) {
      missing.push({ name, reason: refusal });
      continue;
    }
    return { name, version: outcome.version, missing };
  }
  const [first] = missing;
  throw new BackendUnavailable(
    first?.name ?? 'cpu',
    missing.map(({ name, reason }) => `${name}: ${reason}`).join('; '),
  );
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
