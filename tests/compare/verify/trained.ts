import { resolve } from 'node:path';
import { inProcessEngine } from '../../../src/compare/verify/engines.js';
import type { Engine } from '../../../src/compare/verify/replay.js';
import type { Source } from '../../../src/compiler/syntax/source.js';
import { openStore } from '../../../src/runtime/store/store.js';
import { run } from '../../../src/sweep/run.js';
import { type RecordedRun, recordedRun } from '../../../src/trial/bundle/recorded-run.js';
import { SharedData } from '../../../src/trial/shared-data.js';
import type { Words } from '../../../src/words/word.js';
import { builtinWords } from '../../../src/words/words.js';

export const small: Source = {
  path: resolve('small.ae'),
  text: `experiment small {
  data digits(take=60, validation=20, test=20) { center_crop(12) }
  encoder { dense(20, activation=relu)  code: dense(6, activation=sigmoid) }
  decoder { dense(input.size, activation=sigmoid) }
  loss mse() + 0.1 * kl_sparsity(rho=0.1)
  train adam(lr=0.01) { epochs = 5  batch = 10  diagnostics_every = 100 }
}
`,
};

/** Trains and stores; the run as `verify` sees it. */
export async function recorded(source: Source, store: string, library: Words = builtinWords): Promise<RecordedRun> {
  const { runId, model } = await run({ source, store, backend: 'cpu', library });
  model?.dispose();
  return readRun(store, runId ?? 'last');
}

export async function readRun(path: string, id: string): Promise<RecordedRun> {
  const store = await openStore(path, { mode: 'read' });
  try {
    return recordedRun(store, id);
  } finally {
    store.close();
  }
}

export function cpuEngine(library: Words = builtinWords): Engine {
  return inProcessEngine({ backend: 'cpu', threads: null, library, data: new SharedData() });
}
