import { elementCount } from '../../ir/shape.js';
import { integer } from '../parameter.js';
import { type EvaluationWord, problem } from '../word.js';

const parameters = {
  components: integer({
    doc: 'Their number; the size of the code if it is left out, or that of the input if the code is larger.',
    default: null,
  }),
};

export const pca: EvaluationWord<typeof parameters> = {
  family: 'evaluation',
  name: 'pca',
  peers: ['PCA'],
  version: 1,
  doc:
    'The baseline: squared error per test image of principal component analysis of the same dimension, fitted on the ' +
    'training part, in the unit of `sse`. On MNIST with 30 components it is 13.87.',
  source: 'Hinton and Salakhutdinov, Science 313 (2006), supporting text',
  parameters,
  example: 'evaluate { pca() }',
  mistake: { text: 'evaluate { pca(components=785) }', code: 'AE306' },
  oracle: 'test:tests/runtime/evaluation/pca.test.ts',
  needsLabels: false,
  check({ components }, { input }) {
    const size = elementCount(input);
    if (components === null || components <= size) return [];
    return [
      problem('AE306', `the input has ${size} values, and so at most as many components`, { argument: 'components' }),
    ];
  },
};
