import { requirePixels } from '../../compiler/library/pixels.js';
import { call } from '../python.js';
import type { Corruption } from '../word.js';
import { level, replace, replacement } from './replacement.js';

const parameters = { p: level() };

export const salt: Corruption<typeof parameters> = {
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
  damages: 'raw values',
  draws: 'uniform',
  damage: ({ p }, values, uniforms) => replace(values, uniforms, replacement(p, 1)),
  kernel: {
    needsRaw: false,
    of: ({ p }, _black, white) => ({ kind: 'replace', ...replacement(p, white) }),
  },
  pytorch: {
    expression: ({ p }, x, uniforms, { number }) => call('salt_noise', [x, uniforms, number(p)]),
    definition: `
def salt_noise(x, u, p):
    return np.where(u < np.float32(p), np.float32(1), x)`,
  },
};
