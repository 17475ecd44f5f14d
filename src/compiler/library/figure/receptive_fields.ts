import { layer } from '../parameter.js';
import { type FigureWord, problem } from '../word.js';

const parameters = {
  on: layer({ doc: 'A dense layer above dense layers, or the first convolution.', default: 'code' }),
};

/** Layers whose units are weighted sums of what is below. */
const weighted: readonly string[] = ['dense', 'conv2d'];

export const receptiveFields: FigureWord<typeof parameters> = {
  family: 'figure',
  name: 'receptive_fields',
  version: 1,
  doc:
    'What each unit of a deeper layer looks for, as a picture: the filters of the layer below, added up with the unit’s ' +
    'weights, down to the pixels; of a convolution its kernels.',
  source: 'Lee, Ekanadham and Ng, Sparse deep belief net model for visual area V2, NeurIPS 2007',
  parameters,
  example: `encoder { dense(64, activation=sigmoid)  code: dense(16) }
  show { receptive_fields(code) }`,
  mistake: {
    text: `encoder { dense(64, activation=relu)  z: reparameterize { mu: dense(8)  logvar: dense(8) } }
  show { receptive_fields(z) }`,
    code: 'AE510',
  },
  oracle: 'test:tests/runtime/figures/receptive_fields.test.ts',
  needsLabels: false,
  check(_args, { on }) {
    if (!on) return [];
    if (on.word === 'conv2d' && on.index > 0) {
      return [
        problem('AE510', 'the kernels of a convolution above another layer are no pictures', {
          argument: 'on',
          hint: 'show the first convolution, or a dense layer above dense layers',
        }),
      ];
    }
    if (weighted.includes(on.word)) return [];
    return [
      problem('AE510', `the units of '${on.word}' have no weights of their own to show`, {
        argument: 'on',
        hint: 'label a dense layer or a convolution and show that one',
      }),
    ];
  },
};
