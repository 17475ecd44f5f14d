import { halfOpen } from '../../ir/interval.js';
import { scheduled } from '../parameter.js';
import type { CorruptionWord } from '../word.js';

const parameters = {
  sigma: scheduled({
    peers: ['std', 'stddev', 'sd'],
    doc: 'Standard deviation of the noise.',
    unit: 'raw units',
    range: halfOpen(0, Number.POSITIVE_INFINITY),
  }),
};

export const gaussian: CorruptionWord<typeof parameters> = {
  family: 'corruption',
  name: 'gaussian',
  peers: ['GaussianNoise', 'noise', 'normal', 'gaussian_noise'],
  version: 1,
  doc: 'Adds noise from N(0, sigma²) to every value, in raw units before `normalize`; nothing is cut off at 0 or 1.',
  source: 'Vincent et al., Stacked denoising autoencoders, JMLR 11 (2010), section 3.3',
  parameters,
  example: 'corrupt gaussian(0.2)',
  mistake: { text: 'corrupt gaussian(-1)', code: 'AE306' },
  oracle: 'test:tests/runtime/datasets/corruption.test.ts',
};
