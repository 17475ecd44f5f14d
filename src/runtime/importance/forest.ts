import { stream } from '../random/stream.js';
import { type Box, type Decomposition, decompose } from './boxes.js';
import type { ParameterLevels } from './levels.js';
import { growTree, predict } from './regression-tree.js';

/** Enough that the shares settle to about a hundredth. */
const TREES = 48;

/** Beyond it a tree is grown on a part of the trials, which costs the shares nothing that can be seen. */
const MOST_IN_TREE = 2000;

export interface Forest {
  /** Of each tree. */
  readonly decompositions: readonly Decomposition[];
  /**
   * Share of the variance of trials that a tree has not seen that the other trees foretell: 1 is all, 0 no better than the
   * mean. NaN when every trial was seen by every tree.
   */
  readonly explained: number;
}

/**
 * Regression trees, each on a sample drawn with replacement (Breiman 2001, with every parameter tried at every split).
 * The draws have an address of their own, so the same trials give the same forest.
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

/** Adds what a tree foretells of trials that are not in its sample. */
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
