import { ownValue } from '../compiler/ir/value.js';
import { largest } from '../numerics/extremes.js';
import { UsageError } from '../project/params.js';
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
import { rankedSettings, settingName } from './settings.js';
import type { Setting, TrialTable } from './sweep-table.js';

export type IntervalMethod = 'student' | 'bootstrap';

/** A setting with what its seeds come to. */
export interface SettingSummary {
  readonly setting: Setting;
  /** Of the table's metric, over the seeds that count; the interval is of 95 % confidence. */
  readonly summary: Summary;
  /** Means of the table's other metrics; of those that its runs have. */
  readonly also: Readonly<Record<string, number>>;
  readonly best: boolean;
  /** How many seeds an interval of the width asked for would need; null where that was not asked, or there is one seed. */
  readonly seedsNeeded: number | null;
}

export interface SummaryOptions {
  /** Student's by default. */
  readonly interval?: IntervalMethod;
  /** Of the whole interval. */
  readonly width?: number | null;
}

/** Settings of the table, each with what its seeds come to. */
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

/** Of those that any seed has a finite value of. */
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

/** A setting against another one, seed by seed. */
export interface ComparedSetting {
  readonly setting: Setting;
  /**
   * Of the seeds that both have; null where they have none in common. The interval of its difference is at the level of the
   * verdict: as wide as Holm's correction demands.
   */
  readonly comparison: PairedComparison | null;
  /** Seeds in which the setting is better than the one it is held against. */
  readonly wins: number;
  /** p of the paired t test, corrected for all the comparisons of the table by Holm's method. */
  readonly p: number | null;
  /** Whether the interval of the difference excludes 0. */
  readonly significant: boolean;
}

export interface Comparison {
  readonly baseline: Setting;
  /** The baseline is not among them; best first. */
  readonly others: readonly ComparedSetting[];
  /** How many comparisons p is corrected for. */
  readonly family: number;
  /** What so few seeds can tell; null where there are enough. */
  readonly warning: string | null;
}

/** The level of the verdicts of a table, all of them together. */
const alpha = 0.05;

/**
 * Every setting against the baseline. Trials of one seed share the order of their batches, their noise, and where shapes
 * agree their initial weights, so differences are taken seed by seed.
 *
 * Which setting is the best is read off the same values that are tested, so whatever is held against it looks worse than it
 * is. Choosing it amounts to comparing all pairs, and that many tests are corrected for when the baseline is the best.
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
 * Whether the seeds tell the best setting from the others, in a sentence: with as many settings as seeds, one of them is
 * always the best.
 * @returns null where nothing is there to tell it from
 */
export function describeBest(table: TrialTable): string | null {
  const { best } = table;
  const rivals = table.settings.filter(({ replicates }) => replicates.length > 0).length - 1;
  if (best === null || rivals < 1) return null;
  const { others } = compareSettings(table, best);
  const named = rivals === 1 ? 'the other setting' : `the ${rivals} other settings`;
  const how = `paired t test${rivals === 1 ? '' : ', Holm-adjusted for all pairs'}`;
  if (others.every(({ p }) => p === null)) return `one seed each does not tell it from ${named}`;
  const told = others.filter(({ significant }) => significant).length;
  if (told === rivals) return `its seeds tell it from ${named} (${how})`;
  const which = told === 0 ? named : `${rivals - told} of ${named}`;
  return `its seeds do not tell it from ${which} (${how})`;
}

/**
 * The setting that a person names: by a run of it (`r12`), by its parameters (`rho=0.05`), `best`, or `first`.
 *
 * @throws UsageError when none is meant, or several are
 */
export function findSetting(table: TrialTable, name: string): Setting {
  const found = matching(table, name);
  const [only] = found;
  if (only && found.length === 1) return only;
  const known = table.settings.slice(0, 6).map(settingName).join(' · ');
  throw new UsageError(
    found.length === 0 ? `no setting is '${name}'` : `'${name}' is ${found.length} settings`,
    `name it by a run, or by its parameters: ${known}`,
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
