import { requirePixels } from '../../compiler/library/pixels.js';
import { call } from '../python.js';
import type { Corruption } from '../word.js';
import { level, replace, replacement } from './replacement.js';

const parameters = { p: level() };

export const pepper: Corruption<typeof parameters> = {
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
  damages: 'raw values',
  draws: 'uniform',
  damage: ({ p }, values, uniforms) => replace(values, uniforms, replacement(p, 0)),
  kernel: {
    needsRaw: false,
    of: ({ p }, black) => ({ kind: 'replace', ...replacement(p, black) }),
  },
  pytorch: {
    expression: ({ p }, x, uniforms, { number }) => call('pepper_noise', [x, uniforms, number(p)]),
    definition: `
def pepper_noise(x, u, p):
    return np.where(u < np.float32(p), np.float32(0), x)`,
  },
};
