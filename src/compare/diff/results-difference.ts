import { ownValue } from '../../compiler/ir/value.js';
import { partOf, readMetric } from '../../metrics/metric-name.js';
import { type Comparable, isLoss, partRank, usualMetric } from '../../metrics/usual-metric.js';
import type { BestEpoch, Measured } from '../../runtime/provenance/measured.js';
import {
  excludesZero,
  fewSeedsWarning,
  holm,
  holmLevels,
  intervalOf,
  mean,
  pairedPermutationTest,
  pairedTTest,
  pairsNeeded,
  rememberedQuantiles,
  summarize,
  type TTest,
  welchTTest,
} from '../../runtime/statistics/statistics.js';
import { numberText } from '../../text/number-text.js';

/** Significance level, for the objective and for the family of all other metrics. */
const alpha = 0.05;

/** Cells and metrics need the same few levels. */
const quantile = rememberedQuantiles();

/** The change of one metric over the compared seeds. */
export interface MetricDifference {
  readonly metric: string;
  /** Final value, or lowest after an epoch. */
  readonly of: 'last' | 'best';
  /** Whether this is the experiment's objective. Its p is not adjusted. */
  readonly objective: boolean;
  readonly old: Side;
  readonly new: Side;
  /** Mean of new − old; NaN if a value is not finite, and in other units. */
  readonly difference: number;
  /** Whether the sides are in different units, as a loss that itself changed: nothing is compared then. */
  readonly otherUnits: boolean;
  /**
   * Confidence interval of the difference at the level of the verdict: 95 % for the objective, wider for the others by
   * Holm's correction. Null if there is no test.
   */
  readonly interval: { readonly low: number; readonly high: number; readonly confidence: number } | null;
  /** Relative to the old mean; null if that is 0 or the difference is not finite. */
  readonly relative: number | null;
  /** p of the t test; null if there is none: for one seed, and for values that are not finite or identical. */
  readonly p: number | null;
  /** p for the objective; Holm-adjusted over all the others. */
  readonly adjustedP: number | null;
  /** p of the sign-flip permutation test, unadjusted; null if too few pairs to reach 0.05, or unpaired. */
  readonly permutationP: number | null;
  /** Whether the interval excludes 0. */
  readonly significant: boolean;
  /** Whether all values are bit-identical. */
  readonly identical: boolean;
}

export interface Side {
  readonly values: readonly number[];
  readonly mean: number;
  /** Null for fewer than two seeds. */
  readonly sd: number | null;
  /** Mean epoch of the best values; null for final ones. */
  readonly epoch: number | null;
}

export interface ResultsDifference {
  /** `rho=0.05`; empty for the experiment as written. */
  readonly params: readonly string[];
  /** Seeds of both sides; empty if they share none. */
  readonly seeds: readonly number[];
  /** The objective first. */
  readonly metrics: readonly MetricDifference[];
  /** Seeds with bit-identical weights. */
  readonly sameWeights: readonly number[];
  /** Metrics of the old side only. */
  readonly onlyOld: readonly string[];
  readonly onlyNew: readonly string[];
  /** The test that was made, and caveats about the seeds. */
  readonly words: readonly string[];
}

/**
 * Compares the results of two versions, seed by seed. The objective is tested on its own; the other metrics are one
 * family, as one of ten moves by chance.
 * @param comparable the simplest metric that means the same in both versions
 * @param otherTerms quantities of terms of the loss whose own arguments or formula changed, such as `loss.huber`
 */
export function resultsDifference(
  params: readonly string[],
  before: Measured,
  after: Measured,
  {
    comparable = 'loss',
    otherTerms = [],
  }: { readonly comparable?: Comparable; readonly otherTerms?: readonly string[] } = {},
): ResultsDifference {
  const pairing = paired(before, after);
  const told = tellingMetrics(before, after);
  // If no error is shown besides the loss, the loss is the error in other units, equal on both sides.
  const objective = usualMetric(told, comparable);
  const errors = told.filter((name) => readMetric(name).quantity === comparable).map(partOf);
  const inOtherUnits = (metric: string) =>
    (comparable !== 'loss' && isLoss(metric) && errors.includes(partOf(metric))) ||
    (metric !== objective && otherTerms.includes(readMetric(metric).quantity));
  const rows = [...told]
    .sort((a, b) => Number(b === objective) - Number(a === objective))
    .flatMap((metric) => {
      const rest: MetricRow[] = [];
      const comparing = { kind: pairing.kind, otherUnits: inOtherUnits(metric) };
      const [old, now] = [endValues(before, metric), endValues(after, metric)];
      if (old && now) rest.push(row(metric, 'last', pick(old, pairing.old), pick(now, pairing.new), null, comparing));
      const [oldBest, newBest] = [bestValues(before, metric), bestValues(after, metric)];
      if (oldBest && newBest) {
        const [a, b] = [pick(oldBest, pairing.old), pick(newBest, pairing.new)];
        const values = (best: typeof a) => best.map(({ value }) => value);
        // Redundant if every last epoch was the best.
        const [last] = rest;
        if (last && same(last.old.values, values(a)) && same(last.new.values, values(b))) return rest;
        const epoch = (best: typeof a) => mean(best.map((each) => each.epoch));
        rest.push(row(metric, 'best', values(a), values(b), [epoch(a), epoch(b)], comparing));
      }
      return rest;
    });
  const metrics = judged(rows, objective);
  const names = (side: Measured) => Object.keys(side.metrics);
  return {
    params,
    seeds: pairing.seeds,
    metrics,
    sameWeights: pairing.seeds.filter((_, i) => {
      const [a, b] = [before.weights[pairing.old[i] ?? -1], after.weights[pairing.new[i] ?? -1]];
      return a !== undefined && a === b;
    }),
    onlyOld: names(before).filter((name) => !Object.hasOwn(after.metrics, name)),
    onlyNew: names(after).filter((name) => !Object.hasOwn(before.metrics, name)),
    words: [
      ...pairing.words,
      ...testWords(metrics, pairing),
      ...(comparable !== 'loss' && (objective === null || !isLoss(objective)) ? [lossWords(objective)] : []),
      ...divergedWords(rows, pairing),
    ],
  };
}

/** The change of any metric that both sides have, even one not shown because another is equivalent; null otherwise. */
export function lastDifference(
  metric: string,
  before: Measured,
  after: Measured,
): Pick<MetricDifference, 'difference' | 'relative' | 'identical'> | null {
  const pairing = paired(before, after);
  const [old, now] = [endValues(before, metric), endValues(after, metric)];
  return old && now
    ? row(metric, 'last', pick(old, pairing.old), pick(now, pairing.new), null, { kind: pairing.kind })
    : null;
}

/**
 * Final values of a metric, by seed; NaN for a diverged trial, whose last value is from an earlier epoch.
 * @returns null if it was not measured
 */
export function endValues({ seeds, metrics, diverged }: Measured, metric: string): readonly number[] | null {
  const values = ownValue(metrics, metric);
  return values?.map((value, i) => (diverged.includes(seeds[i] ?? Number.NaN) ? Number.NaN : value)) ?? null;
}

function bestValues({ seeds, best, diverged }: Measured, metric: string): readonly BestEpoch[] | null {
  const found = ownValue(best, metric);
  if (found === undefined) return null;
  return found.map((each, i) => (diverged.includes(seeds[i] ?? Number.NaN) ? { ...each, value: Number.NaN } : each));
}

interface MetricRow extends Omit<MetricDifference, 'objective' | 'interval' | 'p' | 'adjustedP' | 'significant'> {
  readonly test: TTest | null;
}

function row(
  metric: string,
  of: 'last' | 'best',
  old: readonly number[],
  now: readonly number[],
  epochs: readonly [number, number] | null,
  { kind, otherUnits = false }: Pick<Pairing, 'kind'> & { readonly otherUnits?: boolean },
): MetricRow {
  const identical = same(old, now);
  const about = {
    metric,
    of,
    old: side(old, epochs?.[0] ?? null),
    new: side(now, epochs?.[1] ?? null),
    identical,
    otherUnits,
  };
  if (otherUnits || old.length === 0 || now.length === 0 || ![...old, ...now].every(Number.isFinite)) {
    return { ...about, difference: Number.NaN, relative: null, permutationP: null, test: null };
  }
  const [from, to] = [mean(old), mean(now)];
  const test = identical ? null : kind === 'unpaired' ? welchTTest(old, now) : pairedTTest(old, now);
  const difference = test?.difference ?? to - from;
  const permutes = test?.kind === 'paired' && old.length >= pairsNeeded(alpha);
  return {
    ...about,
    difference,
    relative: from === 0 ? null : difference / Math.abs(from),
    permutationP: permutes ? (pairedPermutationTest(old, now)?.p ?? null) : null,
    test,
  };
}

/** Adds the verdicts, which agree with the intervals. */
function judged(rows: readonly MetricRow[], objective: string | null): readonly MetricDifference[] {
  const isObjective = (each: MetricRow) => each.metric === objective && each.of === 'last';
  const family = rows.flatMap((each) => (each.test === null || isObjective(each) ? [] : [each.test]));
  const ps = family.map(({ p }) => p);
  const [adjusted, levels] = [holm(ps), holmLevels(ps, alpha)];
  return rows.map(({ test, ...each }): MetricDifference => {
    const row = { ...each, objective: each.metric === objective && each.of === 'last' };
    if (test === null) return { ...row, interval: null, p: null, adjustedP: null, significant: false };
    const place = family.indexOf(test);
    const [adjustedP, level] = place < 0 ? [test.p, alpha] : [adjusted[place] ?? 1, levels[place] ?? alpha];
    const { low, high, confidence } = intervalOf(test, level, quantile);
    const significant = excludesZero({ low, high });
    return { ...row, interval: { low, high, confidence }, p: test.p, adjustedP, significant };
  });
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}

function side(values: readonly number[], epoch: number | null): Side {
  if (values.length === 0 || !values.every(Number.isFinite)) {
    return { values, mean: values.length === 1 ? (values[0] ?? Number.NaN) : Number.NaN, sd: null, epoch };
  }
  const { mean: average, sd } = summarize(values, quantile);
  return { values, mean: average, sd, epoch };
}

interface Pairing {
  /** `alone`: one seed on each side, and different ones. */
  readonly kind: 'paired' | 'unpaired' | 'alone';
  readonly seeds: readonly number[];
  /** Compared indices of each side; in pairs if paired. */
  readonly old: readonly number[];
  readonly new: readonly number[];
  /** The seeds at these indices. */
  readonly sides: { readonly old: readonly number[]; readonly new: readonly number[] };
  readonly words: readonly string[];
}

/**
 * Pairs by seed, as trials with one seed share batch order, noise and initial weights. With several seeds on both sides
 * but fewer than two pairs, all seeds are compared unpaired.
 */
function paired(before: Measured, after: Measured): Pairing {
  const seeds = before.seeds.filter((seed) => after.seeds.includes(seed));
  const sides = { old: before.seeds, new: after.seeds };
  const [first, second] = [before.seeds[0], after.seeds[0]];
  if (seeds.length === 0 && before.seeds.length === 1 && after.seeds.length === 1) {
    const words = [`seeds ${first} and ${second} are compared: part of the difference is due to the seeds`];
    return { kind: 'alone', seeds: first === undefined ? [] : [first], old: [0], new: [0], sides, words };
  }
  const all = { old: [...before.seeds.keys()], new: [...after.seeds.keys()] };
  if (seeds.length === 0 || (seeds.length === 1 && before.seeds.length > 1 && after.seeds.length > 1)) {
    return { kind: 'unpaired', seeds: [], ...all, sides, words: [] };
  }
  const left = (side: Measured) => side.seeds.filter((seed) => !seeds.includes(seed));
  const alone = [...left(before), ...left(after)];
  return {
    kind: 'paired',
    seeds,
    old: seeds.map((seed) => before.seeds.indexOf(seed)),
    new: seeds.map((seed) => after.seeds.indexOf(seed)),
    sides: { old: seeds, new: seeds },
    words: alone.length > 0 ? [`seeds on one side only are left out: ${alone.join(', ')}`] : [],
  };
}

function pick<T>(values: readonly T[], indices: readonly number[]): readonly T[] {
  return indices.flatMap((index) => {
    const value = values[index];
    return value === undefined ? [] : [value];
  });
}

/**
 * `paired t test over 5 seeds; other metrics Holm-adjusted`, and what so few seeds can show if nothing was significant.
 */
function testWords(metrics: readonly MetricDifference[], { kind, sides }: Pairing): readonly string[] {
  if (metrics.every(({ identical, difference }) => identical || !Number.isFinite(difference))) return [];
  const [old, now] = [sides.old.length, sides.new.length];
  const few = Math.min(old, now);
  if (few === 0) return [];
  const objective = metrics.find((each) => each.objective && each.p !== null);
  const family = metrics.filter((each) => each.p !== null && each !== objective).length;
  const warning = objective?.significant ? null : fewSeedsWarning(few, alpha);
  const words = warning === null ? [] : [warning];
  if (objective === undefined && family === 0) return words;
  const test = kind === 'unpaired' ? `Welch's t test of ${old} and ${now} seeds` : `paired t test over ${old} seeds`;
  const others = family === 0 ? [] : [`${objective ? 'other metrics' : 'metrics'} Holm-adjusted`];
  const permutation =
    objective === undefined || objective.permutationP === null
      ? []
      : [`permutation test of ${objective.metric}: p=${numberText(objective.permutationP, 2)}`];
  return [[test, ...others, ...permutation].join('; '), ...words];
}

function lossWords(objective: string | null): string {
  const instead = objective === null ? '' : `; ${objective} is the objective`;
  return `the loss itself changed, so its values are in other units${instead}`;
}

/** Reports seeds that diverged: leaving them out would select those that went well. */
function divergedWords(rows: readonly MetricRow[], { sides }: Pairing): readonly string[] {
  return (['old', 'new'] as const).flatMap((which) => {
    const seeds = sides[which].filter((_, i) =>
      rows.some((each) => each[which].values.length > i && !Number.isFinite(each[which].values[i])),
    );
    if (seeds.length === 0) return [];
    const named = `${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}`;
    return [`${which}: not finite with ${named}; not tested`];
  });
}

/**
 * Drops equivalent metrics, so that nothing counts twice: `sse` is `mse` times the input size, and a term that is the
 * whole loss is the loss.
 */
function tellingMetrics(before: Measured, after: Measured): readonly string[] {
  // If two metrics are equivalent, keep the first of these.
  const plainness = ['loss', 'sse'];
  const plain = (name: string) => {
    const place = plainness.indexOf(readMetric(name).quantity);
    return place < 0 ? plainness.length : place;
  };
  const values = (name: string) => [before, after].flatMap((side) => ownValue(side.metrics, name) ?? []);
  return Object.keys(before.metrics)
    .filter((name) => Object.hasOwn(after.metrics, name))
    .sort((a, b) => partRank(a) - partRank(b) || plain(a) - plain(b) || (a < b ? -1 : 1))
    .filter(
      (name, i, all) =>
        partOf(name) === null ||
        !all.slice(0, i).some((other) => partOf(other) === partOf(name) && proportional(values(name), values(other))),
    )
    .sort((a, b) => partRank(a) - partRank(b) || (a < b ? -1 : 1));
}

/** Whether one is a positive multiple of the other, within the precision of float32 sums. Constants do not count. */
function proportional(a: readonly number[], b: readonly number[]): boolean {
  const reference = b.findIndex((value) => Number.isFinite(value) && value !== 0);
  const ratio = (a[reference] ?? Number.NaN) / (b[reference] ?? Number.NaN);
  if (!(ratio > 0) || new Set(b).size < 2) return false;
  return a.every((value, i) => {
    const expected = (b[i] ?? Number.NaN) * ratio;
    if (!Number.isFinite(value) || !Number.isFinite(expected)) return Object.is(value, b[i]);
    return Math.abs(value - expected) <= 1e-5 * Math.max(Math.abs(value), Math.abs(expected));
  });
}
