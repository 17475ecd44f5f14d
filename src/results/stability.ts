import type { Chart } from '../runtime/figures/chart.js';
import { drawSeedCurves } from '../runtime/figures/seed-curves.js';
import type { PairSummary } from '../runtime/statistics/pairs.js';
import type { Words } from '../words/word.js';
import { settingName } from './settings.js';
import type { Setting } from './sweep-table.js';

/** A unit whose nearest counterparts have a mean absolute cosine of at least this is stable. */
export const stableFrom = 0.7;

/** Agreement between the seeds of a setting. */
export interface Consistency {
  readonly setting: Setting;
  readonly seeds: readonly number[];
  /** PW-MCC: mean absolute cosine of the units of two seeds, assigned one to one. Null unless the decoder is linear. */
  readonly mcc: PairSummary | null;
  /** Linear CKA of the codes of two seeds. */
  readonly cka: PairSummary;
  /** Share of the units, over all seeds, that are stable; null unless the decoder is linear. */
  readonly stable: number | null;
  /** For each seed the mean absolute cosine of each unit with its counterparts, the greatest first. */
  readonly similarities: readonly Float64Array[];
}

export interface ConsistencyOptions {
  readonly library: Words;
  /** The results database. */
  readonly store: string;
  /** Called before each run is read, and before the units of each pair of seeds are compared. */
  readonly onProgress?: (progress: ConsistencyProgress) => void;
}

/** Where a comparison is. */
export interface ConsistencyProgress {
  /** `r12`, or `seeds 1 and 3`. */
  readonly what: string;
  /** Parts of the whole that are done, and all of them: runs and pairs. */
  readonly done: number;
  readonly of: number;
}

/** Most settings that hues can distinguish. */
const mostCurves = 6;

/** Draws how alike each unit's counterparts in other seeds are; null without a setting whose units can be compared. */
export async function consistencyChart(found: readonly Consistency[]): Promise<Chart | null> {
  const drawn = found.filter(({ similarities }) => similarities.length > 0);
  if (drawn.length === 0) return null;
  const few = drawn.length > mostCurves ? `: the first ${mostCurves} of ${drawn.length} settings` : '';
  return drawSeedCurves({
    title: `Stable and unstable features${few}`,
    xLabel: 'units of a seed, the most stable first',
    yLabel: 'mean |cosine| with other seeds',
    share: { line: stableFrom, label: 'stable' },
    groups: drawn.slice(0, mostCurves).map(({ setting, similarities }) => ({
      name: settingName(setting),
      curves: similarities.map((y) => ({ x: Array.from(y, (_, i) => i + 1), y })),
    })),
  });
}
