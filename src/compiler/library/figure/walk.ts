import { describeShape } from '../../ir/shape.js';
import { integer, layer } from '../parameter.js';
import { type FigureWord, problem } from '../word.js';

const parameters = {
  n: integer({ doc: 'Pictures in a row, and rows.', unit: 'examples', default: 20 }),
  on: layer({ doc: 'The layer with two units that is walked over.', default: 'code' }),
};

export const walk: FigureWord<typeof parameters> = {
  family: 'figure',
  name: 'walk',
  version: 1,
  doc:
    'What the decoder makes of a grid of codes in two dimensions: of a variational autoencoder at the quantiles of the ' +
    'prior, of any other over the range of the test codes.',
  source: 'Kingma and Welling, Auto-encoding variational Bayes, ICLR 2014, figure 4',
  parameters,
  example: `encoder { dense(64, activation=relu)  code: dense(2) }
  show { walk(10) }`,
  mistake: { text: 'show { walk() }', code: 'AE510' },
  oracle: 'test:tests/runtime/figures/walk.test.ts',
  needsLabels: false,
  check(_args, { on }) {
    if (!on || (on.output.length === 1 && on.output[0] === 2)) return [];
    return [
      problem('AE510', `a walk needs a code of 2 units, and this one is ${describeShape(on.output)}`, {
        argument: 'on',
      }),
    ];
  },
};
