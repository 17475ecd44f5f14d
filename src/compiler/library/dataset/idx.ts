import { path } from '../parameter.js';
import type { DatasetWord } from '../word.js';
import { describeFiles, plainExamples, plainLabels } from './files.js';
import { givenRange, partParameters, rangeParameter } from './parts.js';

const parameters = {
  images: path({ doc: 'The training examples, gzipped or not.' }),
  labels: path({ doc: 'Their labels.', default: null }),
  test_images: path({ doc: 'The test examples.', default: null }),
  test_labels: path({ doc: 'Their labels.', default: null }),
  ...partParameters(),
  ...rangeParameter(),
};

export const idx: DatasetWord<typeof parameters> = {
  family: 'dataset',
  name: 'idx',
  version: 1,
  doc: 'Files in the format of MNIST. Bytes are divided by 255, other numbers stay as they are unless `range` says what they lie between; images have one channel.',
  source: 'http://yann.lecun.com/exdb/mnist/, “the IDX file format”',
  parameters,
  example: 'data idx("images.idx3-ubyte", labels="labels.idx1-ubyte", test=16)',
  mistake: { text: 'data idx("no-such-file.idx3-ubyte")', code: 'AE701' },
  oracle: 'test:tests/runtime/datasets/idx.test.ts',
  describe(args, file) {
    const range = givenRange(args.range);
    if (!range.ok) return range;
    return describeFiles(
      {
        examples: plainExamples('idx', 'images', args.images, range.value),
        labels: plainLabels('idx', 'labels', args.labels),
        testExamples:
          args.test_images === null ? null : plainExamples('idx', 'test_images', args.test_images, range.value),
        testLabels: plainLabels('idx', 'test_labels', args.test_labels),
      },
      args.test,
      file,
    );
  },
};
