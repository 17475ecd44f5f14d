import type { Box } from './boxes.js';
import type { ParameterLevels } from './levels.js';

/** Fewest trials per leaf; with fewer, the tree fits the noise of single seeds. */
const FEWEST_IN_LEAF = 3;

interface Node {
  readonly sides: Uint32Array;
  readonly trials: readonly number[];
}

interface Split {
  readonly parameter: number;
  /** Bit set of the levels on the lower side. */
  readonly lower: number;
  /** Reduction of the sum of squares. */
  readonly gain: number;
}

/** Sums over a node's trials at one level of a parameter. */
interface LevelSum {
  readonly level: number;
  readonly count: number;
  readonly sum: number;
}

/**
 * Grows a regression tree (Breiman and others 1984) by greedy splits on the sum of squares. Ordered levels are split at
 * a threshold; names are first sorted by their means, which is optimal for squares.
 *
 * @param sample indices of trials, possibly repeated
 * @returns the leaves, which partition the space of all combinations of levels
 */
export function growTree(
  parameters: readonly ParameterLevels[],
  values: ArrayLike<number>,
  sample: readonly number[],
): readonly Box[] {
  const leaves: Box[] = [];
  const whole = Uint32Array.from(parameters, ({ levels }) => fullSide(levels.length));
  const open: Node[] = [{ sides: whole, trials: sample }];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const { sides, trials } = node;
    const split = bestSplit(parameters, values, trials, sides);
    if (split === null) {
      leaves.push({ sides, value: trials.reduce((sum, trial) => sum + (values[trial] ?? 0), 0) / trials.length });
      continue;
    }
    const { parameter, lower } = split;
    const levels = parameters[parameter]?.ofTrial;
    const isLower = (trial: number) => ((lower >>> (levels?.[trial] ?? 0)) & 1) === 1;
    open.push(
      { sides: withSide(sides, parameter, lower), trials: trials.filter(isLower) },
      { sides: withSide(sides, parameter, ~lower), trials: trials.filter((trial) => !isLower(trial)) },
    );
  }
  return leaves;
}

/** Value of the leaf that a trial falls into. */
export function predict(leaves: readonly Box[], parameters: readonly ParameterLevels[], trial: number): number {
  const leaf = leaves.find(({ sides }) =>
    parameters.every(({ ofTrial }, p) => (((sides[p] ?? 0) >>> (ofTrial[trial] ?? 0)) & 1) === 1),
  );
  return leaf?.value ?? Number.NaN;
}

/** First of the best splits; null if none leaves enough trials on both sides or reduces the sum of squares. */
function bestSplit(
  parameters: readonly ParameterLevels[],
  values: ArrayLike<number>,
  trials: readonly number[],
  sides: Uint32Array,
): Split | null {
  let best: Split | null = null;
  parameters.forEach((levels, parameter) => {
    const sums = levelSums(levels, values, trials);
    const inOrder = levels.ordered
      ? sums
      : [...sums].sort((a, b) => a.sum / a.count - b.sum / b.count || a.level - b.level);
    const total = inOrder.reduce((sum, level) => sum + level.sum, 0);
    let count = 0;
    let sum = 0;
    for (let i = 0; i + 1 < inOrder.length; i++) {
      count += inOrder[i]?.count ?? 0;
      sum += inOrder[i]?.sum ?? 0;
      const others = trials.length - count;
      if (count < FEWEST_IN_LEAF || others < FEWEST_IN_LEAF) continue;
      const gain = (sum * sum) / count + ((total - sum) * (total - sum)) / others - (total * total) / trials.length;
      // Ignore gains that are rounding errors.
      if (gain <= (best?.gain ?? 1e-12 * Math.abs(total * total))) continue;
      const below = inOrder.slice(0, i + 1).map(({ level }) => level);
      const above = inOrder.slice(i + 1).map(({ level }) => level);
      best = {
        parameter,
        lower: levels.ordered ? upTo(below, above) : sideOf(below, above, sides[parameter] ?? 0),
        gain,
      };
    }
  });
  return best;
}

/** Sums by level, for levels that occur in the node. */
function levelSums(
  { levels, ofTrial }: ParameterLevels,
  values: ArrayLike<number>,
  trials: readonly number[],
): LevelSum[] {
  const counts = new Uint32Array(levels.length);
  const sums = new Float64Array(levels.length);
  for (const trial of trials) {
    const level = ofTrial[trial] ?? 0;
    counts[level] = (counts[level] ?? 0) + 1;
    sums[level] = (sums[level] ?? 0) + (values[trial] ?? 0);
  }
  return [...counts].flatMap((count, level) => (count > 0 ? [{ level, count, sum: sums[level] ?? 0 }] : []));
}

/** Levels without trials in the node go to the nearer side. */
function upTo(below: readonly number[], above: readonly number[]): number {
  const cut = Math.floor(((below.at(-1) ?? 0) + (above[0] ?? 0)) / 2);
  return fullSide(cut + 1);
}

/** Names without trials in the node go with the majority: to the side with more names. */
function sideOf(below: readonly number[], above: readonly number[], side: number): number {
  const bits = (levels: readonly number[]) => levels.reduce((set, level) => set | (1 << level), 0);
  const lower = bits(below);
  return (below.length >= above.length ? lower | (side & ~bits(above)) : lower) >>> 0;
}

function withSide(sides: Uint32Array, parameter: number, levels: number): Uint32Array {
  const narrowed = sides.slice();
  narrowed[parameter] = (narrowed[parameter] ?? 0) & levels;
  return narrowed;
}

/** The lowest `count` levels. */
function fullSide(count: number): number {
  return count >= 32 ? 0xffffffff : (1 << count) - 1;
}
