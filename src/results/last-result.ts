import { usualMetric } from '../metrics/usual-metric.js';
import type { RunSummary } from '../runtime/store/records.js';
import type { Store } from '../runtime/store/store.js';

/** What a trained experiment came to. */
export interface LastResult {
  readonly run: RunSummary;
  /** The metric that is meant where nobody names one; null for a run that recorded none that is telling. */
  readonly metric: { readonly name: string; readonly value: number } | null;
}

/**
 * The latest run of exactly this experiment that trained to its end, whatever its seed; null if there is none.
 * @param hash content hash of the experiment's IR
 * @throws StoreError if the database cannot be read
 */
export function lastResult(store: Pick<Store, 'listRuns' | 'readFinal'>, hash: string): LastResult | null {
  const [run] = store.listRuns({ ir: hash, complete: true, limit: 1 });
  if (run === undefined) return null;
  const final = new Map(Object.entries(store.readFinal(run.id)));
  const name = usualMetric([...final.keys()], 'loss');
  const value = name === null ? undefined : final.get(name);
  return { run, metric: name === null || value === undefined ? null : { name, value } };
}
