import { layer } from '../parameter.js';
import type { LossWord } from '../word.js';
import { activityReduction } from './reduction.js';

const parameters = {
  on: layer({ doc: 'The layer whose activations it looks at.', default: 'code' }),
  reduction: activityReduction(),
};

export const l2: LossWord<typeof parameters> = {
  family: 'loss',
  name: 'l2',
  version: 1,
  doc:
    'Squared activations, `Σ h²` over the units of an example, averaged over the batch: it keeps codes near the ' +
    'origin. Its weight is a factor in front. (For a penalty on weights there is `weight_decay`.)',
  source: 'Ghosh et al., From variational to deterministic autoencoders, ICLR 2020, equation 5 without its ½',
  parameters,
  example: 'loss mse() + 0.001 * l2(on=code)',
  mistake: { text: 'loss mse() + 0.001 * l2(on=code, reduction=max)', code: 'AE305' },
  oracle: 'test:tests/runtime/lowering/activity.test.ts',
  role: 'penalty',
  weight: null,
  check: () => [],
};
