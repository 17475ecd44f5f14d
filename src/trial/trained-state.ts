import { UsageError } from '../project/usage-error.js';
import { decodeSafetensors, float32Tensors } from '../runtime/formats/safetensors.js';
import { isUnevaluated, type RunRecord } from '../runtime/store/records.js';
import type { Store } from '../runtime/store/store.js';
import { decodeChain } from '../runtime/training/chain-file.js';
import { type Checkpoint, encodeCheckpoint } from './checkpoint-file.js';
import type { HistoryState } from './history.js';
import { storedHistory } from './stored-history.js';

/**
 * Rebuilds a run's state after its last stage from the database, to evaluate and draw it.
 * @throws UsageError for a run without weights, StoreError, JsonError for a damaged log
 */
function trainedState(store: Store, id: string): Checkpoint<HistoryState> {
  const run = store.findRun(id);
  const [weights] = store.listFiles(run.id, 'weights').filter(({ name }) => name === 'final');
  const [chain] = store.listFiles(run.id, 'chain');
  if (!weights || !chain || run.status !== 'complete') {
    throw new UsageError(`${run.id} has no weights of a complete training (${run.status})`, hintFor(run));
  }
  store.requireFiles([weights, chain]);
  const tensors = float32Tensors(decodeSafetensors(store.readFile(weights)));
  return {
    identity: run.identity,
    state: {
      stage: run.stages.length,
      weights: Object.fromEntries(tensors.map(({ name, values }) => [name.replaceAll('.', '/'), values])),
      progress: null,
      metrics: store.readFinal(run.id),
      chain: decodeChain(store.readFile(chain)),
    },
    history: storedHistory(store, run).state,
  };
}

/**
 * Checks, before evaluating several runs, that their files exist. @throws StoreError `missing_object` that names all
 * missing files
 */
export function requireTrainedFiles(store: Store, ids: readonly string[]): void {
  store.requireFiles(
    ids
      .filter((id) => isUnevaluated(store.findRun(id)))
      .flatMap((id) => [
        ...store.listFiles(id, 'weights').filter(({ name }) => name === 'final'),
        ...store.listFiles(id, 'chain'),
      ]),
  );
}

/**
 * The state of a run whose training is over, encoded as a checkpoint; null for one that is still to be trained.
 * @param again for a run that is evaluated already, too. @throws as {@link trainedState}
 */
export function stateToEvaluate(store: Store, id: string, again: boolean): Uint8Array | null {
  return again || isUnevaluated(store.findRun(id)) ? encodeCheckpoint(trainedState(store, id)) : null;
}

function hintFor({ id, status }: RunRecord): string {
  switch (status) {
    case 'interrupted':
    case 'failed':
      return `\`aedsl resume ${id}\` goes on with its training`;
    case 'running':
    case 'paused':
      return 'wait until it has trained to its end';
    case 'complete':
    case 'diverged':
    case 'pruned':
    case 'stopped':
      return 'only a run that trained to its end is evaluated';
  }
}
