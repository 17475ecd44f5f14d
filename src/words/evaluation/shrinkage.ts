import { partParameter } from '../../compiler/library/measured-parts.js';
import type { ReconstructionEvaluation } from '../../runtime/evaluation/measure.js';
import { NormRatio } from '../../runtime/evaluation/norm-ratio.js';

const parameters = { part: partParameter() };

export const shrinkage: ReconstructionEvaluation<typeof parameters> = {
  family: 'evaluation',
  name: 'shrinkage',
  peers: ['l2_ratio', 'norm_ratio'],
  version: 1,
  doc:
    'How long reconstructions are: `Σ‖x̂‖ / Σ‖x‖` over the examples, in raw units. Penalties on activations make it less than 1, ' +
    'and so does what the units leave out. With a `target`, x is that.',
  source:
    '`shrinkage` of SAELens and `l2_ratio` of dictionary_learning, which are the mean of the quotients: examples that are almost 0 decide it',
  parameters,
  example: 'evaluate { shrinkage() }',
  mistake: { text: 'evaluate { shrinkage(1) }', code: 'AE305' },
  oracle: 'test:tests/runtime/evaluation/sparse-codes.test.ts',
  metrics: {
    '': { doc: 'mean norm of the reconstructions over that of the examples', unit: null, goal: null },
  },
  needsLabels: false,
  check: () => [],
  measures: 'reconstructions',
  start() {
    const norms = new NormRatio();
    return {
      corruption: null,
      add: ({ clean, rebuilt }) => norms.add(clean, rebuilt),
      metrics: () => ({ '': norms.ratio }),
    };
  },
};
