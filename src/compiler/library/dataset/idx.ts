import { path } from '../parameter.js';
import type { DatasetWord } from '../word.js';
import { describeFiles, plainFile } from './files.js';
import { partParameters } from './parts.js';

const parameters = {
  images: path({ doc: 'The training examples, gzipped or not.' }),
  labels: path({ doc: 'Their labels.', default: null }),
  test_images: path({ doc: 'The test examples.', default: null }),
  test_labels: path({ doc: 'Their labels.', default: null }),
  ...partParameters(),
};

export const idx: DatasetWord<typeof parameters> = {
  family: 'dataset',
  name: 'idx',
  version: 1,
  doc: 'Files in the format of MNIST. Bytes are divided by 255; images have one channel.',
  source: 'http://yann.lecun.com/exdb/mnist/, “the IDX file format”',
  parameters,
  example: 'data idx("images.idx3-ubyte", labels="labels.idx1-ubyte", test=16)',
  mistake: { text: 'data idx("no-such-file.idx3-ubyte")', code: 'AE701' },
  oracle: 'test:tests/runtime/datasets/idx.test.ts',
  describe: (args, file) =>
    describeFiles(
      {
        examples: { argument: 'images', request: { format: 'idx', path: args.images, role: 'examples' } },
        labels: plainFile('idx', 'labels', 'labels', args.labels),
        testExamples: plainFile('idx', 'examples', 'test_images', args.test_images),
        testLabels: plainFile('idx', 'labels', 'test_labels', args.test_labels),
      },
      args.test,
      file,
    ),
};
