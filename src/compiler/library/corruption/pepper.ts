import { requirePixels } from '../pixels.js';
import type { CorruptionWord } from '../word.js';
import { level } from './level.js';

const parameters = { p: level() };

export const pepper: CorruptionWord<typeof parameters> = {
  family: 'corruption',
  name: 'pepper',
  version: 1,
  doc: 'Random values become black: each is set to 0, in raw units before `normalize`, with probability `p`.',
  parameters,
  example: 'corrupt pepper(0.3)',
  mistake: { text: 'corrupt pepper()', code: 'AE302' },
  oracle: 'test:tests/runtime/datasets/corruption.test.ts',
  check: (_args, raw) =>
    requirePixels('pepper turns pixels black: it needs', raw, 'lose values of any unit with masking()'),
};
