import type { CorruptionWord } from '../word.js';
import { level } from './level.js';

const parameters = { p: level() };

export const masking: CorruptionWord<typeof parameters> = {
  family: 'corruption',
  name: 'masking',
  peers: ['mask', 'dropout'],
  version: 1,
  doc: 'Random values are lost: each is set to 0 as the network sees it, after `normalize`, with probability `p`.',
  source: 'Vincent et al., Extracting and composing robust features with denoising autoencoders, ICML 2008',
  parameters,
  example: 'corrupt masking(0.3)',
  mistake: { text: 'corrupt masking(p=true)', code: 'AE305' },
  oracle: 'golden:dae-masking',
  check: () => [],
};
