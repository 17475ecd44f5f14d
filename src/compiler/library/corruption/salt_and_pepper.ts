import { requirePixels } from '../pixels.js';
import type { CorruptionWord } from '../word.js';
import { level } from './level.js';

const parameters = { p: level() };

export const saltAndPepper: CorruptionWord<typeof parameters> = {
  family: 'corruption',
  name: 'salt_and_pepper',
  peers: ['salt_pepper'],
  version: 1,
  doc:
    'Random values become black or white: each is hit with probability `p`, and then set to 0 or to 1, both equally ' +
    'likely, in raw units before `normalize`.',
  source: 'Vincent et al., Stacked denoising autoencoders, JMLR 11 (2010), section 4.3',
  parameters,
  example: 'corrupt salt_and_pepper(0.2)',
  mistake: { text: 'corrupt salt_and_pepper(-0.2)', code: 'AE306' },
  oracle: 'test:tests/runtime/datasets/corruption.test.ts',
  check: (_args, raw) =>
    requirePixels(
      'salt_and_pepper turns pixels black and white: it needs',
      raw,
      'lose values of any unit with masking()',
    ),
};
