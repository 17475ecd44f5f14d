import { loadNamedSet } from '../../runtime/datasets/load-named-set.js';
import { NAMED_SETS } from '../../runtime/datasets/named-set.js';
import type { Dataset } from '../word.js';
import { describePublished } from './mnist.js';
import { partParameters } from './parts.js';

const parameters = partParameters();

export const fashionMnist: Dataset<typeof parameters> = {
  family: 'dataset',
  name: 'fashion_mnist',
  peers: ['FashionMNIST', 'fashion'],
  version: 1,
  doc:
    'Pictures of clothes in the format of MNIST: 60,000 training and 10,000 test images, `1×28×28`, ten classes. ' +
    'Looked for in `AEDSL_DATA`, then in the user’s cache, then downloaded; the files are checked by SHA-256.',
  source: 'Xiao, Rasul and Vollgraf, Fashion-MNIST, arXiv:1708.07747',
  parameters,
  example: 'data fashion_mnist(take=50000)',
  mistake: { text: 'data fashion_mnist(take=60001)', code: 'AE404' },
  oracle: 'test:tests/runtime/datasets/mnist.test.ts',
  describe: (args) => describePublished(NAMED_SETS.fashion_mnist, args),
  format: null,
  published: NAMED_SETS.fashion_mnist,
  async load(_args, { parts, places, options }) {
    return { dataset: await loadNamedSet(NAMED_SETS.fashion_mnist, places, options), isWhole: true, division: parts };
  },
};
