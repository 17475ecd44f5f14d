import { ownValue } from '../compiler/ir/value.js';
import { labelOf } from '../runtime/importance/levels.js';
import {
  bootstrapInterval,
  comparePaired,
  fewSeedsWarning,
  holm,
  mean,
  type PairedComparison,
  rememberedQuantiles,
  type Summary,
  seedsForWidth,
  summarize,
} from '../runtime/statistics/statistics.js';
import type { Store } from '../runtime/store/store.js';
import { UsageError } from './params.js';
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
  /** Of the seeds that both have; null where they have none in common. */
  readonly comparison: PairedComparison | null;
  /** Seeds in which the setting is better than the one it is held against. */
  readonly wins: number;
  /** p of the paired permutation test, corrected for all the comparisons of the table by Holm's method. */
  readonly p: number | null;
}

export interface Comparison {
  readonly baseline: Setting;
  /** The baseline is not among them; best first. */
  readonly others: readonly ComparedSetting[];
  /** Why no difference could be significant; null where that is not so. */
  readonly warning: string | null;
}

/**
 * Every setting against the baseline. Trials of one seed share the order of their batches, their noise, and where shapes
 * agree their initial weights, so differences are taken seed by seed.
 */
export function compareSettings(table: TrialTable, baseline: Setting): Comparison {
  const sign = table.choice.goal === 'min' ? 1 : -1;
  const before = new Map(baseline.replicates.map(({ seed, value }) => [seed, value]));
  const others = rankedSettings(table).filter((setting) => setting !== baseline);
  const quantile = rememberedQuantiles();
  const paired = others.map((setting) => {
    const pairs = setting.replicates.flatMap(({ seed, value }) => {
      const other = before.get(seed);
      return other === undefined ? [] : [[other, value] as const];
    });
    const options = { tests: Math.max(1, others.length), quantile };
    const comparison =
      pairs.length === 0
        ? null
        : comparePaired(
            pairs.map(([old]) => old),
            pairs.map(([, now]) => now),
            options,
          );
    return { setting, comparison, wins: pairs.filter(([old, now]) => (now - old) * sign < 0).length };
  });
  const tested = paired.flatMap(({ comparison }) => comparison?.p ?? []);
  const corrected = holm(tested);
  let next = 0;
  const compared = paired.map((one): ComparedSetting => {
    const p = one.comparison?.p ?? null;
    return { ...one, p: p === null ? null : (corrected[next++] ?? null) };
  });
  const most = Math.max(0, ...paired.map(({ comparison }) => comparison?.pairs ?? 0));
  return {
    baseline,
    others: compared,
    warning: most === 0 ? null : fewSeedsWarning(most, 0.05, Math.max(1, tested.length)),
  };
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
