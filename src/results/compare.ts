import { ownValue } from '../compiler/ir/value.js';
import { largest } from '../numerics/extremes.js';
import { UsageError } from '../project/usage-error.js';
import { labelOf } from '../runtime/importance/levels.js';
import {
  bootstrapInterval,
  comparePaired,
  excludesZero,
  fewSeedsWarning,
  holm,
  holmLevels,
  intervalOf,
  mean,
  type PairedComparison,
  rememberedQuantiles,
  type Summary,
  seedsForWidth,
  summarize,
} from '../runtime/statistics/statistics.js';
import type { Store } from '../runtime/store/store.js';
import { numberText, spreadText } from '../text/number-text.js';
import { rankedSettings, settingName } from './settings.js';
import type { Setting, TrialTable } from './sweep-table.js';

export type IntervalMethod = 'student' | 'bootstrap';

/** A setting summarised over its seeds. */
export interface SettingSummary {
  readonly setting: Setting;
  /** The table's metric over the seeds that count, with a 95 % interval. */
  readonly summary: Summary;
  /** Means of the table's other metrics, as far as recorded. */
  readonly also: Readonly<Record<string, number>>;
  readonly best: boolean;
  /** Seeds needed for an interval of the requested width; null if no width was requested or there is one seed. */
  readonly seedsNeeded: number | null;
}

/** `0.052 ± 0.003`; `-` without a value. */
export function meanText({ summary: { mean, sd } }: SettingSummary): string {
  if (Number.isNaN(mean)) return '-';
  return sd === null ? numberText(mean) : spreadText(mean, sd);
}

/** `3 of 5`: the seeds that count, of those asked for. */
export function countedSeeds({ setting, summary }: SettingSummary): string {
  const asked = new Set(setting.trials.map(({ seed }) => seed)).size;
  return summary.count === asked ? String(asked) : `${summary.count} of ${asked}`;
}

export interface SummaryOptions {
  /** Student's by default. */
  readonly interval?: IntervalMethod;
  /** Width of the whole interval. */
  readonly width?: number | null;
}

export function summarizeSettings(
  store: Store,
  settings: readonly Setting[],
  { also, best }: TrialTable,
  { interval = 'student', width = null }: SummaryOptions = {},
): readonly SettingSummary[] {
  const quantile = rememberedQuantiles();
  const runIds = settings.flatMap(({ replicates }) => replicates.flatMap(({ runId }) => runId ?? []));
  const finals = store.trials.finals(runIds, also);
  return settings.map((setting) => {
    const values = setting.replicates.map(({ value }) => value);
    const summary = summarize(values, quantile);
    const metrics = setting.replicates.map(({ runId }) => finals.get(runId ?? '') ?? {});
    return {
      setting,
      summary: interval === 'bootstrap' ? { ...summary, interval: bootstrapInterval(values) } : summary,
      also: meansOf(metrics, also),
      best: setting === best,
      seedsNeeded: width === null ? null : seedsForWidth(values, width, 0.95, quantile),
    };
  });
}

/** Skips metrics without a finite value. */
function meansOf(
  metrics: readonly Readonly<Record<string, number>>[],
  names: readonly string[],
): Readonly<Record<string, number>> {
  const means = names.flatMap((name) => {
    const found = metrics.flatMap((own) => ownValue(own, name) ?? []).filter(Number.isFinite);
    return found.length > 0 ? [[name, mean(found)] as const] : [];
  });
  return Object.fromEntries(means);
}

/** A setting compared with another, seed by seed. */
export interface ComparedSetting {
  readonly setting: Setting;
  /**
   * Over the seeds that both have; null if they share none. The interval of the difference is at the level of the
   * verdict: as wide as Holm's correction demands.
   */
  readonly comparison: PairedComparison | null;
  /** Seeds in which the setting beats the baseline. */
  readonly wins: number;
  /** p of the paired t test, Holm-adjusted over all comparisons of the table. */
  readonly p: number | null;
  /** Whether the interval of the difference excludes 0. */
  readonly significant: boolean;
}

export interface Comparison {
  readonly baseline: Setting;
  /** Best first, without the baseline. */
  readonly others: readonly ComparedSetting[];
  /** Number of comparisons that p is adjusted for. */
  readonly family: number;
  /** Warning about what so few seeds can show; null if there are enough. */
  readonly warning: string | null;
}

/** Family-wise significance level of a table. */
const alpha = 0.05;

/**
 * Compares every setting with the baseline. Trials with the same seed share the order of batches, their noise and, if
 * shapes agree, their initial weights; so differences are taken seed by seed.
 *
 * The best setting is chosen by the same values that are tested, which favours it. Choosing it amounts to comparing
 * all pairs, so p is adjusted for that many tests if the baseline is the best.
 */
export function compareSettings(table: TrialTable, baseline: Setting): Comparison {
  const sign = table.choice.goal === 'min' ? 1 : -1;
  const before = new Map(baseline.replicates.map(({ seed, value }) => [seed, value]));
  const ranked = rankedSettings(table);
  const others = ranked.filter((setting) => setting !== baseline);
  const quantile = rememberedQuantiles();
  const paired = others.map((setting) => {
    const pairs = setting.replicates.flatMap(({ seed, value }) => {
      const other = before.get(seed);
      return other === undefined ? [] : [[other, value] as const];
    });
    const comparison =
      pairs.length === 0
        ? null
        : comparePaired(
            pairs.map(([old]) => old),
            pairs.map(([, now]) => now),
            { alpha, quantile },
          );
    return { setting, comparison, wins: pairs.filter(([old, now]) => (now - old) * sign < 0).length };
  });
  const tests = paired.flatMap(({ comparison }) => comparison?.test ?? []);
  const measured = ranked.filter(({ replicates }) => replicates.length > 1).length;
  const family = baseline === table.best ? Math.max(tests.length, (measured * (measured - 1)) / 2) : tests.length;
  const ps = tests.map(({ p }) => p);
  const [corrected, levels] = [holm(ps, family), holmLevels(ps, alpha, family)];
  const compared = paired.map(({ setting, comparison, wins }): ComparedSetting => {
    const test = comparison?.test ?? null;
    if (comparison === null || test === null) return { setting, comparison, wins, p: null, significant: false };
    const place = tests.indexOf(test);
    const interval = intervalOf(test, levels[place] ?? alpha, quantile);
    return {
      setting,
      comparison: { ...comparison, difference: { ...comparison.difference, interval } },
      wins,
      p: corrected[place] ?? null,
      significant: excludesZero(interval),
    };
  });
  const most = largest(
    paired.map(({ comparison }) => comparison?.pairs ?? 0),
    0,
  );
  return { baseline, others: compared, family, warning: most === 0 ? null : fewSeedsWarning(most, alpha) };
}

/**
 * Says whether the seeds distinguish the best setting from the others: among equals, one always comes out best.
 * @returns null if there is nothing to compare it with
 */
export function describeBest(table: TrialTable): string | null {
  const { best } = table;
  const rivals = table.settings.filter(({ replicates }) => replicates.length > 0).length - 1;
  if (best === null || rivals < 1) return null;
  const { others } = compareSettings(table, best);
  const named = rivals === 1 ? 'the other setting' : `the ${rivals} other settings`;
  const how = `paired t test${rivals === 1 ? '' : ', Holm-adjusted for all pairs'}`;
  if (others.every(({ p }) => p === null)) return `one seed each cannot distinguish it from ${named}`;
  const told = others.filter(({ significant }) => significant).length;
  if (told === rivals) return `its seeds distinguish it from ${named} (${how})`;
  const which = told === 0 ? named : `${rivals - told} of ${named}`;
  return `its seeds do not distinguish it from ${which} (${how})`;
}

/**
 * Finds a setting by one of its runs (`r12`), by parameters (`rho=0.05`), `best`, or `first`.
 *
 * @throws UsageError if none or several match
 */
export function findSetting(table: TrialTable, name: string): Setting {
  const found = matching(table, name);
  const [only] = found;
  if (only && found.length === 1) return only;
  const known = table.settings.slice(0, 6).map(settingName).join(' · ');
  throw new UsageError(
    found.length === 0 ? `there is no setting '${name}'` : `'${name}' matches ${found.length} settings`,
    `name a run of it, or its parameters: ${known}`,
  );
}

function matching({ settings, best }: TrialTable, name: string): readonly Setting[] {
  if (name === 'best') return best ? [best] : [];
  if (name === 'first') return settings.slice(0, 1);
  if (/^r?\d+$/.test(name)) {
    const id = name.startsWith('r') ? name : `r${name}`;
    return settings.filter(({ trials }) => trials.some(({ runId }) => runId === id));
  }
  const wanted = name.split(/,(?=\s*\w+=)/).map((part) => part.trim());
  return settings.filter(({ parameters }) => {
    const own = Object.entries(parameters).map(([parameter, value]) => `${parameter}=${labelOf(value)}`);
    return wanted.every((part) => own.includes(part));
  });
}
