import { type Box, type Decomposition, decompose, pairsOf } from './boxes.js';
import { growForest } from './forest.js';
import { type Level, levelsOf, type ParameterLevels, type ParameterValue } from './levels.js';

/** A trial with its final metric. */
export interface MeasuredTrial {
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly value: number;
}

export interface ParameterImportance {
  readonly name: string;
  /** Fraction of the variance due to this parameter alone, averaged over the others. */
  readonly share: number;
  readonly ordered: boolean;
  readonly marginal: readonly MarginalPoint[];
}

/** Mean metric at one level of a parameter, averaged over all the others. */
export interface MarginalPoint extends Level {
  readonly mean: number;
  /** Standard deviation across the trees of the forest; 0 for a grid. */
  readonly spread: number;
}

/**
 * Attribution of a metric's variance. All shares are fractions of the variance between settings, and sum to 1 with
 * `higher`.
 */
export interface Importance {
  /** `grid`: every combination of values was tried. `forest`: a random forest interpolates those that were not. */
  readonly method: 'grid' | 'forest';
  /** Most important first. */
  readonly parameters: readonly ParameterImportance[];
  /** Pairwise interactions beyond the main effects, largest first. */
  readonly pairs: readonly { readonly names: readonly [string, string]; readonly share: number }[];
  /** Interactions of three or more parameters. */
  readonly higher: number;
  /** Fraction of the variance of unseen trials that the forest predicts; null for a grid. */
  readonly explained: number | null;
  /** Variance within settings as a fraction of the total, over settings with several seeds; null if there are none. */
  readonly seeds: number | null;
  /** Trials with a finite value, and those without, which are excluded. */
  readonly trials: number;
  readonly leftOut: number;
}

/** A forest of fewer trials is meaningless. */
const FEWEST_FOR_FOREST = 10;

/**
 * Parameter importance by functional analysis of variance: decomposes the variance of the metric over all combinations
 * of values into main effects, pairwise interactions and the rest (Hooker 2007). For a complete grid the decomposition
 * is exact; otherwise it is that of a random forest (Hutter, Hoos and Leyton-Brown 2014), with each parameter
 * distributed as in the trials.
 *
 * @returns null if nothing varies, or there are too few trials
 */
export function importanceOf(trials: readonly MeasuredTrial[], names: readonly string[]): Importance | null {
  const measured = trials.filter(({ value }) => Number.isFinite(value));
  const leftOut = trials.length - measured.length;
  const parameters = names
    .map((name) =>
      levelsOf(
        name,
        measured.map(({ parameters: own }) => (Object.hasOwn(own, name) ? own[name] : undefined)),
      ),
    )
    .filter(({ levels }) => levels.length > 1);
  if (parameters.length === 0) return null;
  const values = Float64Array.from(measured, ({ value }) => value);
  const counts = { trials: measured.length, leftOut, seeds: shareOfSeeds(measured, parameters) };

  const cells = gridCells(parameters, values);
  if (cells) {
    const uniform = parameters.map(({ levels }) => new Float64Array(levels.length).fill(1 / levels.length));
    return assemble('grid', parameters, [decompose(cells, uniform)], { ...counts, explained: null });
  }
  if (measured.length < FEWEST_FOR_FOREST) return null;
  const { decompositions, explained } = growForest(parameters, values);
  return assemble('forest', parameters, decompositions, { ...counts, explained });
}

/** One box per combination of levels, with the mean over its trials; null if any combination is missing. */
function gridCells(parameters: readonly ParameterLevels[], values: Float64Array): readonly Box[] | null {
  const size = parameters.reduce((product, { levels }) => product * levels.length, 1);
  if (size > values.length || parameters.some(({ coarse }) => coarse)) return null;
  const sums = new Map<number, { sum: number; count: number; trial: number }>();
  values.forEach((value, trial) => {
    const cell = cellOf(parameters, trial);
    const known = sums.get(cell);
    sums.set(cell, { sum: (known?.sum ?? 0) + value, count: (known?.count ?? 0) + 1, trial });
  });
  if (sums.size < size) return null;
  return [...sums.values()].map(({ sum, count, trial }) => ({
    sides: Uint32Array.from(parameters, ({ ofTrial }) => (1 << (ofTrial[trial] ?? 0)) >>> 0),
    value: sum / count,
  }));
}

function cellOf(parameters: readonly ParameterLevels[], trial: number): number {
  return parameters.reduce((cell, { levels, ofTrial }) => cell * levels.length + (ofTrial[trial] ?? 0), 0);
}

function assemble(
  method: Importance['method'],
  parameters: readonly ParameterLevels[],
  found: readonly Decomposition[],
  counts: Pick<Importance, 'trials' | 'leftOut' | 'seeds' | 'explained'>,
): Importance {
  const variance = found.reduce((sum, one) => sum + one.variance, 0);
  const share = (part: (one: Decomposition) => number) =>
    variance > 0 ? found.reduce((sum, one) => sum + part(one), 0) / variance : 0;
  const alone = parameters.map((parameter, p) => ({
    name: parameter.name,
    share: share(({ mains }) => mains[p] ?? 0),
    ordered: parameter.ordered,
    marginal: parameter.levels.map((level, i) => ({
      ...level,
      ...spreadOf(found.map(({ marginals }) => marginals[p]?.[i] ?? 0)),
    })),
  }));
  const pairs = pairsOf(parameters.length).map(([a, b], i) => ({
    names: [parameters[a]?.name ?? '', parameters[b]?.name ?? ''] as const,
    share: share((one) => one.pairs[i] ?? 0),
  }));
  const rest = [...alone, ...pairs].reduce((left, one) => left - one.share, variance > 0 ? 1 : 0);
  return {
    method,
    parameters: alone.sort((a, b) => b.share - a.share),
    pairs: pairs.sort((a, b) => b.share - a.share),
    higher: Math.max(0, rest),
    ...counts,
  };
}

function spreadOf(values: readonly number[]): { readonly mean: number; readonly spread: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  return { mean, spread: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0 };
}

function shareOfSeeds(trials: readonly MeasuredTrial[], parameters: readonly ParameterLevels[]): number | null {
  const groups = new Map<string, number[]>();
  for (const { parameters: own, value } of trials) {
    const key = JSON.stringify(parameters.map(({ name }) => (Object.hasOwn(own, name) ? own[name] : null)));
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  const settings = [...groups.values()].map((values) => ({ ...spreadOf(values), count: values.length }));
  const freedom = settings.reduce((sum, { count }) => sum + count - 1, 0);
  if (freedom === 0) return null;
  const within = settings.reduce((sum, { spread, count }) => sum + spread * spread * (count - 1), 0) / freedom;
  const { spread } = spreadOf(settings.map(({ mean }) => mean));
  return within + spread * spread > 0 ? within / (within + spread * spread) : null;
}
