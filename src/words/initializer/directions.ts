import { open } from '../../compiler/ir/interval.js';
import { real } from '../../compiler/library/parameter.js';
import type { InitializerWord } from '../../compiler/library/word.js';

const parameters = {
  norm: real({
    peers: ['decoder_init_norm'],
    doc: 'Norm of each unit’s incoming weights.',
    default: 1,
    range: open(0, Number.POSITIVE_INFINITY),
  }),
};

export const directions: InitializerWord<typeof parameters> = {
  family: 'initializer',
  name: 'directions',
  peers: ['unit', 'unit_vectors', 'sphere', 'unit_norm'],
  version: 1,
  doc:
    'Random directions, uniform on the sphere: the incoming weights of each unit have the norm `norm`. With ' +
    '`init=transposed(code)` in the decoder, its columns are the same directions. The bias starts at zero.',
  source: 'Gao et al., Scaling and evaluating sparse autoencoders, 2024, appendix A.1',
  parameters,
  example: `encoder { code: dense(64, activation=topk(8), init=directions()) }
  decoder { dense(input.size, init=transposed(code)) }`,
  mistake: { text: 'encoder { code: dense(32, init=directions(norm=0)) }', code: 'AE306' },
  oracle: 'test:tests/compiler/library/initializer.test.ts',
  initial: ({ norm }) => ({ kind: 'directions', norm }),
};
