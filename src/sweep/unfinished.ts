import { UsageError } from '../project/params.js';
import { openStore, type Store } from '../runtime/store/store.js';

/** What a person wants to go on with. */
export type Unfinished =
  | { readonly kind: 'sweep'; readonly sweep: string }
  | { readonly kind: 'run'; readonly run: string };

/** Runs that are looked at for one that was interrupted. */
const looked = 100;

/**
 * @param what `s3` or a sweep's name, `r12` or another name of a run; null: the newest sweep or run that was interrupted
 * @throws UsageError when there is none, StoreError
 */
export async function unfinished(path: string, what: string | null): Promise<Unfinished> {
  const store = await openStore(path, { mode: 'read' });
  try {
    return what === null ? newest(store) : named(store, what);
  } finally {
    store.close();
  }
}

function named(store: Store, what: string): Unfinished {
  const sweep = what === 'last' ? null : store.sweep(what);
  if (sweep) return { kind: 'sweep', sweep: sweep.id };
  if (/^s\d+$/.test(what)) {
    throw new UsageError(`${store.path} has no sweep '${what}'`, '`aedsl ls` lists the sweeps and runs');
  }
  const run = store.findRun(what);
  // Within its sweep it has its rungs and its place.
  return run.sweep === null ? { kind: 'run', run: run.id } : { kind: 'sweep', sweep: run.sweep };
}

function newest(store: Store): Unfinished {
  const sweep = store.sweeps(looked).find(({ status }) => status === 'interrupted');
  const run = store
    .listRuns({ limit: looked })
    .find(({ status, evaluation }) => status === 'interrupted' || evaluation === 'pending');
  if (sweep && (!run || sweep.updated >= run.updated)) return { kind: 'sweep', sweep: sweep.id };
  if (run) return named(store, run.id);
  throw new UsageError('nothing was interrupted', '`aedsl ls` lists the sweeps and runs; name one of them');
}
