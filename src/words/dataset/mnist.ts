import { loadNamedSet } from '../../runtime/datasets/load-named-set.js';
import { NAMED_SETS, type NamedSet } from '../../runtime/datasets/named-set.js';
import type { Dataset } from '../word.js';
import { type ClassArguments, describeCounted } from './classes.js';
import { partParameters } from './parts.js';

const parameters = partParameters();

/** Describes a published set: its numbers of examples are known without its files. */
export function describePublished({ shape, examples, classNames }: NamedSet, given: ClassArguments) {
  return describeCounted({ shape, ...examples, names: classNames }, given);
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
  describe: (args) => describePublished(NAMED_SETS.mnist, args),
  format: null,
  published: NAMED_SETS.mnist,
  async load(_args, { parts, places, options }) {
    return { dataset: await loadNamedSet(NAMED_SETS.mnist, places, options), isWhole: true, division: parts };
  },
};
