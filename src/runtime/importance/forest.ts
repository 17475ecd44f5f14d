import { stream } from '../random/stream.js';
import { type Box, type Decomposition, decompose } from './boxes.js';
import type { ParameterLevels } from './levels.js';
import { growTree, predict } from './regression-tree.js';

/** Enough for the shares to converge to about a hundredth. */
const TREES = 48;

/** Most trials per tree; larger samples don't visibly improve the shares. */
const MOST_IN_TREE = 2000;

export interface Forest {
  /** One per tree. */
  readonly decompositions: readonly Decomposition[];
  /**
   * Out-of-bag R²: the fraction of the variance of unseen trials that the trees predict. 1 is all, 0 no better than the
   * mean. NaN if every tree saw every trial.
   */
  readonly explained: number;
}

/**
 * A random forest of regression trees on bootstrap samples (Breiman 2001, with every parameter tried at every split).
 * The draws have an address of their own, so equal trials give equal forests.
 */
export function growForest(parameters: readonly ParameterLevels[], values: Float64Array): Forest {
  const { length } = values;
  const draws = stream({ seed: 'evaluation', path: 'importance', purpose: 'bootstrap' });
  const shares = parameters.map((parameter) => parameter.shares);
  const sums = new Float64Array(length);
  const counts = new Uint32Array(length);
  const decompositions = Array.from({ length: TREES }, (_, tree) => {
    const sample = new Uint32Array(Math.min(length, MOST_IN_TREE));
    draws.integers(sample, length, tree);
    const leaves = growTree(parameters, values, [...sample]);
    addUnseen(leaves, parameters, sample, sums, counts);
    return decompose(leaves, shares);
  });
  return { decompositions, explained: explainedShare(values, sums, counts) };
}

/** Adds a tree's predictions for its out-of-bag trials. */
function addUnseen(
  leaves: readonly Box[],
  parameters: readonly ParameterLevels[],
  sample: Uint32Array,
  sums: Float64Array,
  counts: Uint32Array,
): void {
  const seen = new Set(sample);
  let asked = 0;
  for (let trial = 0; trial < sums.length && asked < MOST_IN_TREE; trial++) {
    if (seen.has(trial)) continue;
    asked += 1;
    sums[trial] = (sums[trial] ?? 0) + predict(leaves, parameters, trial);
    counts[trial] = (counts[trial] ?? 0) + 1;
  }
}

function explainedShare(values: Float64Array, sums: Float64Array, counts: Uint32Array): number {
  const asked = [...counts.keys()].filter((trial) => (counts[trial] ?? 0) > 0);
  const mean = asked.reduce((sum, trial) => sum + (values[trial] ?? 0), 0) / asked.length;
  let error = 0;
  let total = 0;
  for (const trial of asked) {
    const value = values[trial] ?? 0;
    const foretold = (sums[trial] ?? 0) / (counts[trial] ?? 1);
    error += (foretold - value) * (foretold - value);
    total += (value - mean) * (value - mean);
  }
  return 1 - error / total;
}
