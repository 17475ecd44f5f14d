/** Statistics of one metric's values: one per seed, or pairs with the same seeds. */
export {
  type ComparisonOptions,
  comparePaired,
  fewSeedsWarning,
  type PairedComparison,
  pairsNeeded,
  seedsForVerdict,
  smallestDifference,
  smallestP,
} from './comparison.js';
export { holm, holmLevels } from './multiple-tests.js';
export {
  type PermutationOptions,
  pairedEffectSize,
  pairedPermutationTest,
  type TestResult,
  wilcoxonSignedRank,
} from './paired-tests.js';
export {
  type BootstrapOptions,
  bootstrapInterval,
  type Interval,
  mean,
  median,
  rememberedQuantiles,
  type StudentQuantile,
  type Summary,
  seedsForWidth,
  standardDeviation,
  studentInterval,
  summarize,
} from './summary.js';
export { excludesZero, intervalOf, pairedTTest, type TTest, welchTTest } from './t-tests.js';
