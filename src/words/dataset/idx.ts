import type { UsedExamples } from '../../compiler/library/data-file.js';
import { path } from '../../compiler/library/parameter.js';
import { idxArrays, loadArrays } from '../../runtime/datasets/array-dataset.js';
import { placeIn } from '../../runtime/datasets/load.js';
import type { Dataset } from '../word.js';
import { arrayFormat, plainExamples, plainLabels } from './arrays.js';
import { describeFiles } from './files.js';
import {
  checkedRange,
  givenRange,
  partParameters,
  rangeParameter,
  selectionOf,
  testSelectionOf,
  usedExamples,
  usedOfUnlabelled,
} from './parts.js';

const parameters = {
  images: path({ doc: 'The training examples, gzipped or not.' }),
  labels: path({ doc: 'Their labels.', default: null }),
  test_images: path({ doc: 'The test examples.', default: null }),
  test_labels: path({ doc: 'Their labels.', default: null }),
  ...partParameters(),
  ...rangeParameter(),
};

const format = arrayFormat(idxArrays, /(ubyte|\.idx|idx\d)$/);

export const idx: Dataset<typeof parameters> = {
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
    const used = usedOfUnlabelled(args, args.test_images !== null);
    const divided = usedExamples(args, args.test_images !== null);
    const examples = (argument: string, path: string, part: UsedExamples | undefined) =>
      plainExamples('idx', argument, path, { range: range.value, used: part });
    return describeFiles(
      {
        format,
        examples: examples('images', args.images, used.train),
        labels: plainLabels('idx', 'labels', args.labels, {
          ...selectionOf(args, args.test_images !== null),
          used: divided.train,
        }),
        testExamples: args.test_images === null ? null : examples('test_images', args.test_images, used.test),
        testLabels: plainLabels('idx', 'test_labels', args.test_labels, {
          ...testSelectionOf(args),
          used: divided.test,
        }),
      },
      args,
      file,
    );
  },
  format,
  load: (
    { images, labels, test_images, test_labels, range },
    { placeOf, options: { precision, mostInMemory }, parts },
  ) => {
    const place = placeIn(placeOf);
    const files = {
      range: checkedRange(range),
      precision,
      mostInMemory,
      examples: placeOf(images),
      labels: place(labels),
      testExamples: place(test_images),
      testLabels: place(test_labels),
    };
    return loadArrays(idxArrays, files, parts);
  },
};
