import { enableProdMode, getBackend, ready, setBackend } from '@tensorflow/tfjs-core';
import { type BackendName, backendNames, type LoadBackend } from './backend.js';
import { loadCpu } from './cpu.js';
import { registerGradients } from './gradients.js';
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

const loaders: Readonly<Record<BackendName, LoadBackend>> = { tensorflow: loadTensorflow, cpu: loadCpu };

/** The first of these that loads is the default. */
const preference: readonly BackendName[] = backendNames;

/**
 * Loads a backend and makes it TF.js's.
 * @param request a name, or `auto` for the best one that is there
 * @throws BackendUnavailable
 */
export async function chooseBackend(request: BackendName | 'auto'): Promise<ChosenBackend> {
  // Otherwise TF.js recommends other backends on the console.
  enableProdMode();
  await registerGradients();
  const missing: { name: BackendName; reason: string }[] = [];
  for (const name of request === 'auto' ? preference : [request]) {
    const outcome = await loaders[name]();
    if (!outcome.loaded) {
      missing.push({ name, reason: outcome.reason });
      continue;
    }
    await setBackend(name);
    await ready();
    if (getBackend() !== name) throw new BackendUnavailable(name, 'TF.js did not take it');
    return { name, version: outcome.version, missing };
  }
  const [first] = missing;
  throw new BackendUnavailable(
    first?.name ?? 'cpu',
    missing.map(({ name, reason }) => `${name}: ${reason}`).join('; '),
  );
}
