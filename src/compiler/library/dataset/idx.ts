import { path } from '../parameter.js';
import type { DatasetWord, UsedExamples } from '../word.js';
import { describeFiles, plainExamples, plainLabels } from './files.js';
import { givenRange, partParameters, rangeParameter, usedExamples } from './parts.js';

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
    const used = usedExamples(args, args.test_images !== null);
    const examples = (argument: string, path: string, part: UsedExamples) =>
      plainExamples('idx', argument, path, { range: range.value, used: part });
    return describeFiles(
      {
        examples: examples('images', args.images, used.train),
        labels: plainLabels('idx', 'labels', args.labels),
        testExamples: args.test_images === null ? null : examples('test_images', args.test_images, used.test),
        testLabels: plainLabels('idx', 'test_labels', args.test_labels),
      },
      args.test,
      file,
    );
  },
};
