import type { Metrics } from './metrics.js';

/** Sums over an epoch's batches so far, as plain data. */
export interface EpochSums {
  readonly batches: number;
  readonly sums: Metrics;
}

export const noBatches: EpochSums = { batches: 0, sums: {} };

export function withBatch({ batches, sums }: EpochSums, metrics: Metrics): EpochSums {
  const added: Record<string, number> = {};
  for (const name of Object.keys(metrics)) added[name] = (sums[name] ?? 0) + (metrics[name] ?? Number.NaN);
  return { batches: batches + 1, sums: added };
}

/** Means over batches, all with equal weight. */
export function epochMeans({ batches, sums }: EpochSums): Metrics {
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / batches]));
}
