import { requirePixels } from '../pixels.js';
import type { EvaluationWord } from '../word.js';

const parameters = {};

export const psnr: EvaluationWord<typeof parameters> = {
  family: 'evaluation',
  name: 'psnr',
  version: 1,
  doc:
    'Peak signal-to-noise ratio of the reconstructions in decibels, `-10 log₁₀(mse)` with pixels in [0, 1], of each test ' +
    'image (100 at most), then the mean. Data with other raw values need `range=`.',
  parameters,
  example: 'evaluate { psnr() }',
  mistake: { text: 'evaluate { psnr(1) }', code: 'AE304' },
  oracle: 'test:tests/runtime/evaluation/psnr.test.ts',
  metrics: {
    '': { doc: 'peak signal-to-noise ratio, mean over the examples', unit: 'dB', goal: 'max', digits: 4 },
  },
  needsLabels: false,
  check: (_args, { raw }) => requirePixels('psnr compares', raw),
};
