import { ownValue } from '../../compiler/ir/value.js';
import { type BestEpoch, bestMetrics, type Measured } from '../../runtime/provenance/measured.js';

/** The result of one trial. */
export interface SeedResult {
  readonly seed: number;
  readonly weightsSha256: string;
  readonly metrics: Readonly<Record<string, number>>;
  /** Values per epoch of the metrics whose best epoch is recorded. */
  readonly epochs: readonly { readonly metric: string; readonly epoch: number; readonly value: number }[];
  readonly diverged: boolean;
}

/** Results of one experiment, as columns by seed. */
export class SeedResults {
  readonly #results: readonly SeedResult[];

  constructor(results: readonly SeedResult[]) {
    this.#results = [...results].sort((a, b) => a.seed - b.seed);
  }

  get columns(): Pick<Measured, 'seeds' | 'weights' | 'metrics' | 'best' | 'diverged'> {
    const names = [...new Set(this.#results.flatMap(({ metrics }) => Object.keys(metrics)))].sort();
    const measured = new Set(this.#results.flatMap(({ epochs }) => epochs.map(({ metric }) => metric)));
    const followed = bestMetrics.filter((metric) => measured.has(metric)).slice(0, 1);
    return {
      seeds: this.#results.map(({ seed }) => seed),
      weights: this.#results.map(({ weightsSha256 }) => weightsSha256),
      metrics: Object.fromEntries(
        names.map((name) => [name, this.#results.map(({ metrics }) => ownValue(metrics, name) ?? Number.NaN)]),
      ),
      best: Object.fromEntries(followed.map((name) => [name, this.#results.map((result) => bestOf(result, name))])),
      diverged: this.#results.filter(({ diverged }) => diverged).map(({ seed }) => seed),
    };
  }
}

/** The lowest value, at its first epoch. */
function bestOf({ epochs }: SeedResult, metric: string): BestEpoch {
  const nothing: BestEpoch = { value: Number.NaN, epoch: 0 };
  return epochs
    .filter((each) => each.metric === metric)
    .reduce<BestEpoch>(
      (best, { value, epoch }) => (Number.isNaN(best.value) || value < best.value ? { value, epoch } : best),
      nothing,
    );
}
