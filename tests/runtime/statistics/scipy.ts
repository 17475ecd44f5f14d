import { readFileSync } from 'node:fs';

/** What SciPy gives: see make_scipy_values.py beside the values. */
export interface ScipyValues {
  readonly summaries: readonly {
    readonly values: readonly number[];
    readonly mean: number;
    readonly sd: number;
    readonly median: number;
    readonly student: Readonly<Record<string, readonly [number, number]>>;
    readonly bootstrap: readonly [number, number];
  }[];
  readonly tests: readonly {
    readonly before: readonly number[];
    readonly after: readonly number[];
    readonly permutation: number;
    readonly wilcoxon: number;
    readonly cohen: number | null;
  }[];
  readonly tTests: readonly {
    readonly before: readonly number[];
    readonly after: readonly number[];
    readonly p: number;
    /** Low and high, by level. */
    readonly intervals: Readonly<Record<string, readonly [number, number]>>;
  }[];
  readonly welch: readonly {
    readonly before: readonly number[];
    readonly after: readonly number[];
    readonly degrees: number;
    readonly p: number;
  }[];
  readonly large: readonly {
    readonly before: readonly number[];
    readonly after: readonly number[];
    readonly wilcoxon: number;
  }[];
  readonly holm: readonly { readonly p: readonly number[]; readonly adjusted: readonly number[] }[];
  readonly studentTail: readonly { readonly t: number; readonly degrees: number; readonly p: number }[];
  readonly studentQuantile: readonly { readonly p: number; readonly degrees: number; readonly t: number }[];
  readonly normalTail: readonly { readonly z: number; readonly p: number }[];
  /** The first points of Sobol's sequence in 20 dimensions. */
  readonly sobol: readonly (readonly number[])[];
}

export const scipy: ScipyValues = JSON.parse(readFileSync('tests/goldens/statistics/scipy_values.json', 'utf8'));
