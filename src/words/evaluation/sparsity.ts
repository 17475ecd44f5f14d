import { partParameter } from '../../compiler/library/measured-parts.js';
import { layer } from '../../compiler/library/parameter.js';
import type { ModelEvaluation } from '../../runtime/evaluation/measure.js';
import { Sparsity } from '../../runtime/evaluation/sparsity.js';

const parameters = {
  on: layer({ doc: 'The layer whose units it counts.', default: 'code' }),
  part: partParameter(),
};

export const sparsity: ModelEvaluation<typeof parameters> = {
  family: 'evaluation',
  name: 'sparsity',
  peers: ['l0', 'L0', 'dead_features', 'frac_alive'],
  version: 1,
  doc:
    'How many units of a layer are active, which is to say not 0: `sparsity.l0` of an example, on average, and `sparsity.dead`, ' +
    'the share of units that are active for no example of the measured part. Of an image each value of a channel counts.',
  source: '`l0` and dead features of SAELens; `frac_alive` of dictionary_learning is 1 minus `dead`',
  parameters,
  example: 'evaluate { sparsity(on=code) }',
  mistake: { text: 'evaluate { sparsity(on=hidden) }', code: 'AE211' },
  oracle: 'test:tests/runtime/evaluation/sparse-codes.test.ts',
  metrics: {
    l0: { doc: 'units that are not 0, of an example, mean over the examples', unit: 'units', goal: null },
    dead: { doc: 'share of units that are 0 for all examples of the part', unit: 'share', goal: 'min' },
  },
  needsLabels: false,
  check: () => [],
  measures: 'model',
  *measure({ on }, model) {
    const counted = new Sparsity();
    let done = 0;
    for (const codes of model.outputs(on, 'test')) {
      counted.add(codes);
      done += codes.rows;
      yield done / model.test;
    }
    return { l0: counted.l0, dead: counted.dead };
  },
  memory: () => 0,
};
