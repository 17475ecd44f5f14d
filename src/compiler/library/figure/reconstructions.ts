import { integer } from '../parameter.js';
import type { FigureWord } from '../word.js';

const parameters = {
  n: integer({ doc: 'How many.', unit: 'examples', default: 16 }),
};

export const reconstructions: FigureWord<typeof parameters> = {
  family: 'figure',
  name: 'reconstructions',
  version: 1,
  doc: 'The first `n` test examples over their reconstructions; with a corruption, the corrupted input between them.',
  parameters,
  example: 'show { reconstructions(8) }',
  mistake: { text: 'show { reconstructions(0) }', code: 'AE306' },
  oracle: 'test:tests/runtime/figures/reconstructions.test.ts',
  needsLabels: false,
  check: () => [],
};
