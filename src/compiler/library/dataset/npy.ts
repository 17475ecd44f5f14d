import { path } from '../parameter.js';
import type { DatasetWord } from '../word.js';
import { describeFiles, plainExamples, plainLabels } from './files.js';
import { givenRange, partParameters, rangeParameter } from './parts.js';

const parameters = {
  file: path({
    doc: 'The training examples: `[n, features]`, `[n, height, width]` or `[n, channels, height, width]`.',
  }),
  labels: path({ doc: 'Their labels, `[n]`.', default: null }),
  test_file: path({ doc: 'The test examples.', default: null }),
  test_labels: path({ doc: 'Their labels.', default: null }),
  ...partParameters(),
  ...rangeParameter(),
};

export const npy: DatasetWord<typeof parameters> = {
  family: 'dataset',
  name: 'npy',
  version: 1,
  doc: 'Arrays that NumPy saved with `numpy.save`. Bytes are divided by 255, other numbers stay as they are unless `range` says what they lie between.',
  source: 'NumPy enhancement proposal 1, “A simple file format for NumPy arrays”',
  parameters,
  example: 'data npy("examples.npy", labels="labels.npy", test=16)',
  mistake: { text: 'data npy("no-such-file.npy")', code: 'AE701' },
  oracle: 'test:tests/runtime/datasets/npy.test.ts',
  describe(args, file) {
    const range = givenRange(args.range);
    if (!range.ok) return range;
    return describeFiles(
      {
        examples: plainExamples('npy', 'file', args.file, range.value),
        labels: plainLabels('npy', 'labels', args.labels),
        testExamples: args.test_file === null ? null : plainExamples('npy', 'test_file', args.test_file, range.value),
        testLabels: plainLabels('npy', 'test_labels', args.test_labels),
      },
      args.test,
      file,
    );
  },
};
