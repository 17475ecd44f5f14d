import { usualMetric } from '../metrics/usual-metric.js';
import type { RunSummary } from '../runtime/store/records.js';
import type { Store } from '../runtime/store/store.js';

/** Latest result of an experiment. */
export interface LastResult {
  readonly run: RunSummary;
  /** Default metric with its value; null if the run recorded no suitable one. */
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
