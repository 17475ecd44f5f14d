import { partParameter } from '../../compiler/library/measured-parts.js';
import { requirePixels } from '../../compiler/library/pixels.js';
import type { ReconstructionEvaluation } from '../../runtime/evaluation/measure.js';
import { peakSignalToNoise } from '../../runtime/evaluation/psnr.js';
import { meanMeasure } from './mean.js';

const parameters = { part: partParameter() };

export const psnr: ReconstructionEvaluation<typeof parameters> = {
  family: 'evaluation',
  name: 'psnr',
  version: 1,
  doc:
    'Peak signal-to-noise ratio of the reconstructions in decibels, `-10 log₁₀(mse)` with pixels in [0, 1], of each test ' +
    'image (100 at most), then the mean. Data with other raw values need `range=`.',
  parameters,
  example: 'evaluate { psnr() }',
  mistake: { text: 'evaluate { psnr(1) }', code: 'AE305' },
  oracle: 'test:tests/runtime/evaluation/psnr.test.ts',
  metrics: {
    '': { doc: 'peak signal-to-noise ratio, mean over the examples', unit: 'dB', goal: 'max' },
  },
  needsLabels: false,
  check: (_args, { raw }) => requirePixels('psnr compares', raw),
  measures: 'reconstructions',
  start: () => meanMeasure(({ clean, rebuilt }) => peakSignalToNoise(clean, rebuilt)),
};
