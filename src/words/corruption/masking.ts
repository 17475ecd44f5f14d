import { call } from '../python.js';
import type { Corruption } from '../word.js';
import { level, replace, replacement } from './replacement.js';

const parameters = { p: level() };

export const masking: Corruption<typeof parameters> = {
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
  damages: 'what the network sees',
  draws: 'uniform',
  damage: ({ p }, values, uniforms) => replace(values, uniforms, replacement(p, 0)),
  kernel: {
    needsRaw: false,
    of: ({ p }) => ({ kind: 'replace', ...replacement(p, 0) }),
  },
  pytorch: {
    expression: ({ p }, x, uniforms, { number }) => call('masking_noise', [x, uniforms, number(p)]),
    definition: `
def masking_noise(x, u, p):
    return np.where(u < np.float32(p), np.float32(0), x)`,
  },
};
