import { partMetric, readMetric } from '../../metrics/metric-name.js';
import { finalLoss } from '../../metrics/usual-metric.js';

/** Results of one experiment's trials, one per seed. */
export interface Measured {
  /** Content hash of the experiment's IR. */
  readonly experiment: string;
  readonly data: { readonly name: string; readonly sha256: string };
  /** Hash of the weights that its layers start from; null if they are all drawn. */
  readonly initial: string | null;
  readonly backend: string;
  readonly numerics: string;
  /** SHA-256 of the `simd` backend's kernels; null if another backend trained, or unknown. */
  readonly kernels: string | null;
  /** Version of aedsl; null if unknown. */
  readonly package: string | null;
  /** Ascending. The arrays below follow this order. */
  readonly seeds: readonly number[];
  readonly weights: readonly string[];
  /** Final value of each metric, by seed. */
  readonly metrics: Readonly<Record<string, readonly number[]>>;
  /** Lowest value of a metric after any epoch, by seed. */
  readonly best: Readonly<Record<string, readonly BestEpoch[]>>;
  /** Seeds whose training diverged. */
  readonly diverged: readonly number[];
}

export interface BestEpoch {
  readonly value: number;
  /** From 1. */
  readonly epoch: number;
}

/**
 * Returns whether a metric is worth comparing: those of data splits and stages, but not the diagnostics of single
 * layers.
 */
export function isResult(metric: string): boolean {
  return readMetric(metric).scope.kind !== 'layer';
}

/** The lowest value over the epochs is kept for the first of these metrics that exists. */
export const bestMetrics: readonly string[] = [finalLoss, 'loss'].map((loss) => partMetric('validation', loss));
