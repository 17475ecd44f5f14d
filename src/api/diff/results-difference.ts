import { ownValue } from '../../compiler/ir/value.js';
import type { Measured } from '../../runtime/provenance/measured.js';
import { comparePaired, fewSeedsWarning, holm, mean, summarize } from '../../runtime/statistics/statistics.js';

/** Differences of this adjusted p or more are `~`. */
const alpha = 0.05;

/** What happened to one metric, over the seeds that both sides have. */
export interface MetricDifference {
  readonly metric: string;
  /** At the end, or the least after an epoch. */
  readonly of: 'last' | 'best';
  readonly old: Side;
  readonly new: Side;
  /** Mean of new − old; NaN where a value is not finite. */
  readonly difference: number;
  /** 95 % interval of it (Student); null for fewer than two seeds. */
  readonly interval: { readonly low: number; readonly high: number } | null;
  /** Of the old mean; null where that is 0 or the difference is not finite. */
  readonly relative: number | null;
  /** Of a paired permutation test; null where there is none. */
  readonly p: number | null;
  /** After Holm's correction for all metrics of the experiment. */
  readonly adjustedP: number | null;
  readonly significant: boolean;
  /** Whether every value is the same to the last bit. */
  readonly identical: boolean;
}

export interface Side {
  readonly values: readonly number[];
  readonly mean: number;
  /** Null for fewer than two seeds. */
  readonly sd: number | null;
  /** Mean epoch of the best values; null for the last. */
  readonly epoch: number | null;
}

export interface ResultsDifference {
  /** `rho=0.05`; empty for the experiment as it is written. */
  readonly params: readonly string[];
  /** Both sides have them. */
  readonly seeds: readonly number[];
  readonly metrics: readonly MetricDifference[];
  /** Seeds whose weights are the same to the last bit. */
  readonly sameWeights: readonly number[];
  /** Metrics that one side alone has. */
  readonly onlyOld: readonly string[];
  readonly onlyNew: readonly string[];
  /** Honest words about the seeds. */
  readonly words: readonly string[];
}

/** Compares what two versions of an experiment gave, seed by seed. */
export function resultsDifference(params: readonly string[], before: Measured, after: Measured): ResultsDifference {
  const pairing = paired(before, after);
  const told = tellingMetrics(before, after);
  const rows = told.flatMap((metric) => {
    const rest: MetricRow[] = [];
    const [old, now] = [ownValue(before.metrics, metric), ownValue(after.metrics, metric)];
    if (old && now) rest.push(row(metric, 'last', pick(old, pairing.old), pick(now, pairing.new), null));
    const [oldBest, newBest] = [ownValue(before.best, metric), ownValue(after.best, metric)];
    if (oldBest && newBest) {
      const [a, b] = [pick(oldBest, pairing.old), pick(newBest, pairing.new)];
      const values = (best: typeof a) => best.map(({ value }) => value);
      // Where every last epoch was the best one there is nothing more to say.
      const [last] = rest;
      if (last && same(last.old.values, values(a)) && same(last.new.values, values(b))) return rest;
      const epoch = (best: typeof a) => mean(best.map((each) => each.epoch));
      rest.push(row(metric, 'best', values(a), values(b), [epoch(a), epoch(b)]));
    }
    return rest;
  });
  const tested = rows.filter(({ identical, p }) => !identical && p !== null);
  const adjusted = holm(tested.map(({ p }) => p ?? 1));
  const metrics = rows.map((each): MetricDifference => {
    const adjustedP = tested.includes(each) ? (adjusted[tested.indexOf(each)] ?? null) : null;
    return { ...each, adjustedP, significant: adjustedP !== null && adjustedP < alpha };
  });
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
      ...(rows.every(({ identical }) => identical) ? [] : few(pairing.seeds.length, tested.length)),
    ],
  };
}

/** Of any metric that both sides have, also of one that is not shown because another says the same; else null. */
export function lastDifference(
  metric: string,
  before: Measured,
  after: Measured,
): Pick<MetricDifference, 'difference' | 'relative' | 'identical'> | null {
  const pairing = paired(before, after);
  const [old, now] = [ownValue(before.metrics, metric), ownValue(after.metrics, metric)];
  return old && now ? row(metric, 'last', pick(old, pairing.old), pick(now, pairing.new), null) : null;
}

type MetricRow = Omit<MetricDifference, 'adjustedP' | 'significant'>;

function row(
  metric: string,
  of: 'last' | 'best',
  old: readonly number[],
  now: readonly number[],
  epochs: readonly [number, number] | null,
): MetricRow {
  const identical = same(old, now);
  const [before, after] = [side(old, epochs?.[0] ?? null), side(now, epochs?.[1] ?? null)];
  if (old.length === 0 || ![...old, ...now].every(Number.isFinite)) {
    const nothing = { difference: Number.NaN, interval: null, relative: null, p: null };
    return { metric, of, old: before, new: after, ...nothing, identical };
  }
  const compared = comparePaired(old, now);
  return {
    metric,
    of,
    old: before,
    new: after,
    difference: compared.difference.mean,
    interval: compared.difference.interval,
    relative: compared.relative,
    p: old.length > 1 ? compared.p : null,
    identical,
  };
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}

function side(values: readonly number[], epoch: number | null): Side {
  if (values.length === 0 || !values.every(Number.isFinite)) {
    return { values, mean: values.length === 1 ? (values[0] ?? Number.NaN) : Number.NaN, sd: null, epoch };
  }
  const { mean: average, sd } = summarize(values);
  return { values, mean: average, sd, epoch };
}

interface Pairing {
  readonly seeds: readonly number[];
  /** Indices of the pairs on each side. */
  readonly old: readonly number[];
  readonly new: readonly number[];
  readonly words: readonly string[];
}

/** By seed: trials with one seed share batch order, noise and initial weights. */
function paired(before: Measured, after: Measured): Pairing {
  const seeds = before.seeds.filter((seed) => after.seeds.includes(seed));
  const [first, second] = [before.seeds[0], after.seeds[0]];
  if (seeds.length === 0 && before.seeds.length === 1 && after.seeds.length === 1) {
    const words = [`seeds ${first} and ${second} are compared: part of the difference is the seed's`];
    return { seeds: first === undefined ? [] : [first], old: [0], new: [0], words };
  }
  const left = (side: Measured) => side.seeds.filter((seed) => !seeds.includes(seed));
  const alone = [...left(before), ...left(after)];
  return {
    seeds,
    old: seeds.map((seed) => before.seeds.indexOf(seed)),
    new: seeds.map((seed) => after.seeds.indexOf(seed)),
    words: alone.length > 0 ? [`seeds that one side alone has are left out: ${alone.join(', ')}`] : [],
  };
}

function pick<T>(values: readonly T[], indices: readonly number[]): readonly T[] {
  return indices.flatMap((index) => {
    const value = values[index];
    return value === undefined ? [] : [value];
  });
}

function few(seeds: number, tests: number): readonly string[] {
  if (seeds === 0) return [];
  if (seeds === 1) return ['1 seed: this cannot be told from noise; 6 seeds or more can'];
  return [fewSeedsWarning(seeds, alpha, Math.max(1, tests)) ?? []].flat();
}

/**
 * Each of them once, so that the correction for many metrics does not count one thing twice: `sse` is `mse` times the size
 * of the input, and a term that is all of the loss is the loss, in other units.
 */
function tellingMetrics(before: Measured, after: Measured): readonly string[] {
  const names = Object.keys(before.metrics).filter((name) => Object.hasOwn(after.metrics, name));
  const order = ['test.', 'validation.', 'train.'];
  const rank = (name: string) =>
    order.findIndex((part) => name.startsWith(part)) + order.length * Number(!/^(test|validation|train)\./.test(name));
  const values = (name: string) => [before, after].flatMap((side) => ownValue(side.metrics, name) ?? []);
  const proportional = (a: string, b: string) => {
    const ratios = values(a).map((value, i) => value / (values(b)[i] ?? Number.NaN));
    return ratios.every((ratio) => Math.abs(ratio / (ratios[0] ?? Number.NaN) - 1) < 1e-5);
  };
  return names
    .filter((name) => {
      const [part = '', ...rest] = name.split('.');
      const metric = rest.join('.');
      if (metric === 'mse' && names.includes(`${part}.sse`)) return false;
      return metric === 'loss' || !names.includes(`${part}.loss`) || !proportional(name, `${part}.loss`);
    })
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}
