import { partParameter } from '../../compiler/library/measured-parts.js';
import { ExplainedVariance } from '../../runtime/evaluation/explained-variance.js';
import type { ReconstructionEvaluation } from '../../runtime/evaluation/measure.js';

const parameters = { part: partParameter() };

export const fve: ReconstructionEvaluation<typeof parameters> = {
  family: 'evaluation',
  name: 'fve',
  peers: ['explained_variance', 'variance_explained', 'frac_variance_explained', 'r2', 'r2_score'],
  version: 1,
  doc:
    'Fraction of variance explained: `1 - Σ‖x - x̂‖² / Σ‖x - x̄‖²`, with x̄ the mean of the measured part, all in raw units; 1 for ' +
    'exact reconstructions, 0 for what the mean does. With a `target`, x is that.',
  source: 'scikit-learn’s `r2_score(multioutput="variance_weighted")`',
  parameters,
  example: 'evaluate { fve() }',
  mistake: { text: 'evaluate { fve(1) }', code: 'AE305' },
  oracle: 'test:tests/runtime/evaluation/sparse-codes.test.ts',
  metrics: {
    '': { doc: 'fraction of the variance that the reconstructions explain, in raw units', unit: 'share', goal: 'max' },
  },
  needsLabels: false,
  check: () => [],
  measures: 'reconstructions',
  start() {
    const explained = new ExplainedVariance();
    return {
      corruption: null,
      add: ({ clean, rebuilt }) => explained.add(clean, rebuilt),
      metrics: () => ({ '': explained.fraction }),
    };
  },
};
