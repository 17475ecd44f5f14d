import { layer } from '../../compiler/library/parameter.js';
import { problem } from '../../compiler/library/word.js';
import type { DrawnFigure } from '../../runtime/figures/figure.js';

const parameters = {
  on: layer({ doc: 'A dense layer, a convolution or a pool, above such layers.', default: 'code' }),
};

export const receptiveFields: DrawnFigure<typeof parameters> = {
  family: 'figure',
  name: 'receptive_fields',
  version: 1,
  doc:
    'What each unit of a deeper layer looks for, as a picture: the filters of the layer below, added up with the unit’s ' +
    'weights, down to the pixels; of the first convolution its kernels, of a later one the unit in the middle of each map. ' +
    'Of large layers the first units, as many as are drawn in half a minute.',
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
    if (!on || on.mixing !== null) return [];
    return [
      problem('AE510', `the units of '${on.word}' have no weights of their own to show`, {
        argument: 'on',
        hint: 'label a dense layer, a convolution or a pool, and show that one',
      }),
    ];
  },
  tiles: { paper: 'black', grouped: false },
  async draw({ on }, { experiment, mixing }) {
    const { layers, obstacle } = mixing(on);
    if (layers === null) {
      const { drawNotice } = await import('../../runtime/figures/notice.js');
      return drawNotice(`receptive fields are not added up through '${obstacle}'`);
    }
    const [lowest, ...others] = layers;
    if (others.length === 0 && lowest?.kind === 'convolution') {
      const { drawFilters } = await import('../../runtime/figures/filters.js');
      const [channels = 0] = lowest.input;
      return drawFilters({
        weights: lowest.weights,
        units: lowest.output[0] ?? 0,
        shape: [channels, ...lowest.kernel],
      });
    }
    const { drawReceptiveFields } = await import('../../runtime/figures/receptive_fields.js');
    return drawReceptiveFields({ layers, shape: experiment.data.shape });
  },
};
