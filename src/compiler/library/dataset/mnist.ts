import type { DatasetWord } from '../word.js';
import { describeAsMnist } from './named.js';
import { partParameters } from './parts.js';

const parameters = partParameters();

export const mnist: DatasetWord<typeof parameters> = {
  family: 'dataset',
  name: 'mnist',
  peers: ['MNIST'],
  version: 1,
  doc:
    'Handwritten digits: 60,000 training and 10,000 test images, `1×28×28`, ten classes. Looked for in `AEDSL_DATA`, ' +
    'then in the user’s cache, then downloaded; the files are checked by SHA-256.',
  source: 'LeCun, Cortes and Burges, The MNIST database of handwritten digits',
  parameters,
  example: 'data mnist(take=50000, validation=10000)',
  mistake: { text: 'data mnist(take=50000, validation=20000)', code: 'AE404' },
  oracle: 'test:tests/runtime/datasets/mnist.test.ts',
  describe: describeAsMnist,
};
