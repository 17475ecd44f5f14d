import { elementCount } from '../../ir/shape.js';
import { layer } from '../parameter.js';
import { type FigureWord, problem } from '../word.js';

const parameters = {
  on: layer({ doc: 'The layer whose output is shown.', default: 'code' }),
};

export const latentScatter: FigureWord<typeof parameters> = {
  family: 'figure',
  name: 'latent_scatter',
  version: 1,
  doc:
    'The codes of the test examples as points in two dimensions, coloured by class where there are labels; of more than ' +
    'two dimensions the first two principal components.',
  parameters,
  example: 'show { latent_scatter(code) }',
  mistake: {
    text: `encoder { code: dense(1) }
  show { latent_scatter(code) }`,
    code: 'AE510',
  },
  oracle: 'test:tests/runtime/figures/latent_scatter.test.ts',
  needsLabels: false,
  check(_args, { on }) {
    if (!on || elementCount(on.output) >= 2) return [];
    return [problem('AE510', 'one dimension is no scatter', { argument: 'on' })];
  },
};
