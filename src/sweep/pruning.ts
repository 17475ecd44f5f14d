/** How trials that do badly are ended before their last epoch. Costs are compared: the less, the better. */
export type PruningRule =
  /** Synchronous successive halving (Jamieson and Talwalkar 2016): the best `ceil(n / reduction)` of n go on. */
  | { readonly kind: 'halving'; readonly reduction: number }
  /** Asynchronous successive halving (Li et al. 2020): as halving, among those that are there already. */
  | { readonly kind: 'asha'; readonly reduction: number }
  /** The median rule (Golovin et al. 2017): what is worse than the median ends. */
  | { readonly kind: 'median' };

export interface Pruning {
  readonly rule: PruningRule;
  /** Epochs of the last stage after which trials are compared, ascending. */
  readonly rungs: readonly number[];
}

/** A trial's standing at a rung. */
export interface Standing {
  readonly trial: number;
  /** The objective, turned so that less is better; infinite for a trial that failed, diverged or has none. */
  readonly cost: number;
}

export interface Decision {
  readonly kept: readonly number[];
  readonly pruned: readonly number[];
}

/** Decides a rung that all of its trials have reached. Ties go to the trial with the lower number. */
export function decideTogether(rule: Exclude<PruningRule, { kind: 'asha' }>, standings: readonly Standing[]): Decision {
  const ranked = [...standings].sort(byCost);
  switch (rule.kind) {
    case 'halving': {
      const count = Math.ceil(ranked.length / rule.reduction);
      return divided(ranked, (_, rank) => rank < count);
    }
    case 'median': {
      const median = medianOf(ranked.map(({ cost }) => cost));
      return divided(ranked, ({ cost }) => cost <= median);
    }
  }
}

/** Whether a trial continues past a rung, judged by the trials that reached it before. */
export function decideAlone(reduction: number, before: readonly Standing[], arrived: Standing): boolean {
  const ranked = [...before, arrived].sort(byCost);
  return ranked.findIndex(({ trial }) => trial === arrived.trial) < Math.ceil(ranked.length / reduction);
}

function byCost(a: Standing, b: Standing): number {
  if (a.cost === b.cost) return a.trial - b.trial;
  return a.cost < b.cost ? -1 : 1;
}

function divided(ranked: readonly Standing[], keeps: (standing: Standing, rank: number) => boolean): Decision {
  const numbers = (wanted: boolean) =>
    ranked
      .filter((standing, rank) => keeps(standing, rank) === wanted)
      .map(({ trial }) => trial)
      .sort((a, b) => a - b);
  return { kept: numbers(true), pruned: numbers(false) };
}

/** The lower median of ascending numbers, so that at least half of the trials continue. */
function medianOf(ascending: readonly number[]): number {
  const lower = ascending[Math.floor((ascending.length - 1) / 2)] ?? 0;
  const upper = ascending[Math.floor(ascending.length / 2)] ?? 0;
  return Number.isFinite(upper) ? (lower + upper) / 2 : lower;
}
