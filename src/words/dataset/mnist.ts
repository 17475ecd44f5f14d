import { closed } from '../../compiler/ir/interval.js';
import { type DatasetDescription, ok, type Result } from '../../compiler/library/word.js';
import { loadNamedSet } from '../../runtime/datasets/load-named-set.js';
import { NAMED_SETS } from '../../runtime/datasets/named-set.js';
import type { Dataset } from '../word.js';
import { partParameters } from './parts.js';

const parameters = partParameters();

/** Describes MNIST and its drop-in replacements: 60,000 + 10,000 grey images of 28×28 in ten classes. */
export function describeAsMnist(): Result<DatasetDescription> {
  return ok({ shape: [1, 28, 28], train: 60_000, test: 10_000, range: closed(0, 1), classes: 10 });
}

export const mnist: Dataset<typeof parameters> = {
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
  format: null,
  published: NAMED_SETS.mnist,
  async load(_args, { parts, places, options }) {
    return { dataset: await loadNamedSet(NAMED_SETS.mnist, places, options), isWhole: true, division: parts };
  },
};
