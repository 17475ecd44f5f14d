import { requirePixels } from '../../compiler/library/pixels.js';
import { call } from '../python.js';
import type { Corruption } from '../word.js';
import { level, replace, replacement } from './replacement.js';

const parameters = { p: level() };

export const saltAndPepper: Corruption<typeof parameters> = {
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
  damages: 'raw values',
  draws: 'uniform',
  damage: ({ p }, values, uniforms) => replace(values, uniforms, replacement(p, 0, 1)),
  kernel: {
    needsRaw: false,
    of: ({ p }, black, white) => ({ kind: 'replace', ...replacement(p, black, white) }),
  },
  pytorch: {
    expression: ({ p }, x, uniforms, { number }) => call('salt_and_pepper_noise', [x, uniforms, number(p)]),
    definition: `
def salt_and_pepper_noise(x, u, p):
    p = np.float32(p)
    return np.where(u < p, np.where(u < p / np.float32(2), np.float32(0), np.float32(1)), x)`,
  },
};
