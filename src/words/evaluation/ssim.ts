import { describeShape } from '../../compiler/ir/shape.js';
import { partParameter } from '../../compiler/library/measured-parts.js';
import { requirePixels } from '../../compiler/library/pixels.js';
import { problem } from '../../compiler/library/word.js';
import type { ReconstructionEvaluation } from '../../runtime/evaluation/measure.js';
import { structuralSimilarity } from '../../runtime/evaluation/ssim.js';
import { meanMeasure } from './mean.js';

const parameters = { part: partParameter() };

/** The window of Wang et al. */
const window = 11;

export const ssim: ReconstructionEvaluation<typeof parameters> = {
  family: 'evaluation',
  name: 'ssim',
  version: 1,
  doc:
    'Structural similarity of reconstruction and original, at most 1: Gaussian windows of 11×11 with σ = 1.5, ' +
    '`K₁ = 0.01`, `K₂ = 0.03`, pixels in [0, 1]; mean over windows, channels and test images.',
  source: 'Wang, Bovik, Sheikh and Simoncelli, Image quality assessment, IEEE TIP 13 (2004)',
  parameters,
  example: 'evaluate { ssim() }',
  mistake: { text: 'data digits(take=256, test=64) { center_crop(10) }  evaluate { ssim() }', code: 'AE510' },
  oracle: 'test:tests/runtime/evaluation/ssim.test.ts',
  metrics: {
    '': {
      doc: 'structural similarity, mean over the examples (Wang et al. 2004)',
      unit: null,
      goal: 'max',
    },
  },
  needsLabels: false,
  check(_args, { input, target, raw }) {
    const compared = target ?? input;
    const [, height, width] = compared;
    if (height !== undefined && width !== undefined && height >= window && width >= window) {
      return requirePixels('ssim compares', raw);
    }
    return [
      problem(
        'AE510',
        `ssim needs images of ${window}×${window} at least, and ${target ? 'the target' : 'the data'} is ${describeShape(compared)}`,
      ),
    ];
  },
  measures: 'reconstructions',
  start: (_args, shape) =>
    meanMeasure(({ clean, rebuilt }) =>
      structuralSimilarity({ original: clean.values, rebuilt: rebuilt.values, count: clean.rows, shape }),
    ),
};
