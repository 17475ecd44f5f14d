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
    'How long reconstructions are: the mean of `‖x̂‖ / ‖x‖` over the examples that are not 0, in raw units. Penalties on activations make it less than 1, ' +
    'and so does what the units leave out. With a `target`, x is that.',
  source: '`shrinkage` of SAELens, `l2_ratio` of dictionary_learning',
  parameters,
  example: 'evaluate { shrinkage() }',
  mistake: { text: 'evaluate { shrinkage(1) }', code: 'AE305' },
  oracle: 'test:tests/runtime/evaluation/sparse-codes.test.ts',
  metrics: {
    '': { doc: 'norm of a reconstruction over that of its example, mean over the examples', unit: null, goal: null },
  },
  needsLabels: false,
  check: () => [],
  measures: 'reconstructions',
  start() {
    const ratio = new NormRatio();
    return {
      corruption: null,
      add: ({ clean, rebuilt }) => ratio.add(clean, rebuilt),
      metrics: () => ({ '': ratio.mean }),
    };
  },
};
