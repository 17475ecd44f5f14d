import { partMetric, readMetric } from '../../metrics/metric-name.js';
import { finalLoss } from '../../metrics/usual-metric.js';

/** What the trials of one experiment gave, one trial for each seed. */
export interface Measured {
  /** Content hash of the experiment's IR. */
  readonly experiment: string;
  readonly data: { readonly name: string; readonly sha256: string };
  readonly backend: string;
  /** Version of the arithmetic. */
  readonly numerics: string;
  /** SHA-256 of the `simd` backend's kernels; null where another backend trained, or it is not known. */
  readonly kernels: string | null;
  /** Version of aedsl; null where it is not known. */
  readonly package: string | null;
  /** Ascending. Everything below is in their order. */
  readonly seeds: readonly number[];
  readonly weights: readonly string[];
  /** The last value of each metric, by seed. */
  readonly metrics: Readonly<Record<string, readonly number[]>>;
  /** The least value that a metric had after an epoch, by seed. */
  readonly best: Readonly<Record<string, readonly BestEpoch[]>>;
  /** Seeds whose training stopped being finite. */
  readonly diverged: readonly number[];
}

export interface BestEpoch {
  readonly value: number;
  /** From 1. */
  readonly epoch: number;
}

/** Metrics that are worth comparing: those of the data's parts and of stages, not what single layers were measured at. */
export function isResult(metric: string): boolean {
  return readMetric(metric).scope.kind !== 'layer';
}

/** Of the first of these that there is, the least value over the epochs is kept besides the last. */
export const bestMetrics: readonly string[] = [finalLoss, 'loss'].map((loss) => partMetric('validation', loss));
