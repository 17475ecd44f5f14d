import { requirePixels } from '../pixels.js';
import type { CorruptionWord } from '../word.js';
import { level } from './level.js';

const parameters = { p: level() };

export const salt: CorruptionWord<typeof parameters> = {
  family: 'corruption',
  name: 'salt',
  version: 1,
  doc: 'Random values become white: each is set to 1, in raw units before `normalize`, with probability `p`.',
  source: 'Vincent et al., Extracting and composing robust features with denoising autoencoders, ICML 2008',
  parameters,
  example: 'corrupt salt(0.3)',
  mistake: { text: 'corrupt salt(1.5)', code: 'AE306' },
  oracle: 'golden:dae-salt',
  check: (_args, raw) =>
    requirePixels('salt turns pixels white: it needs', raw, 'lose values of any unit with masking()'),
};
