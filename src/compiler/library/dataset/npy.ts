import { path, text } from '../parameter.js';
import type { DatasetWord } from '../word.js';
import { describeFiles, plainExamples, plainLabels } from './files.js';
import { givenRange, layoutParameter, partParameters, rangeParameter, usedExamples } from './parts.js';

const parameters = {
  file: path({
    doc: 'The training examples: `[n, features]`, `[n, height, width]` or `[n, channels, height, width]`.',
  }),
  labels: path({ doc: 'Their labels, `[n]`.', default: null }),
  test_file: path({ doc: 'The test examples.', default: null }),
  test_labels: path({ doc: 'Their labels.', default: null }),
  ...partParameters(),
  ...rangeParameter(),
  ...layoutParameter(),
  array: text({
    doc: 'The training examples in a `.npz` file; the only array if it is left out.',
    default: null,
  }),
  labels_array: text({ doc: 'Their labels in a `.npz` file: that of `labels`, or of `file`.', default: null }),
  test_array: text({ doc: 'The test examples in a `.npz` file: that of `test_file`, or of `file`.', default: null }),
  test_labels_array: text({
    doc: 'Their labels in a `.npz` file: that of `test_labels`, or of `file`.',
    default: null,
  }),
};

export const npy: DatasetWord<typeof parameters> = {
  family: 'dataset',
  name: 'npy',
  version: 1,
  doc:
    'Arrays that NumPy saved with `numpy.save` or `numpy.savez`. Bytes are divided by 255, other numbers stay as they are ' +
    'unless `range` says what they lie between. Of more than 256 MiB only the examples are read that are used.',
  source: 'NumPy enhancement proposal 1, “A simple file format for NumPy arrays”',
  parameters,
  example: 'data npy("examples.npy", labels="labels.npy", test=16)',
  mistake: { text: 'data npy("no-such-file.npy")', code: 'AE701' },
  oracle: 'test:tests/runtime/datasets/npy.test.ts',
  describe(args, file) {
    const range = givenRange(args.range);
    if (!range.ok) return range;
    const inArchive = (path: string | null, array: string | null) => path ?? (array === null ? null : args.file);
    const testFile = inArchive(args.test_file, args.test_array);
    const used = usedExamples(args, testFile !== null);
    const details = { range: range.value, layout: args.layout };
    const test = { ...details, array: args.test_array, used: used.test };
    return describeFiles(
      {
        examples: plainExamples('npy', 'file', args.file, { ...details, array: args.array, used: used.train }),
        labels: plainLabels('npy', 'labels', inArchive(args.labels, args.labels_array), args.labels_array),
        testExamples: testFile === null ? null : plainExamples('npy', 'test_file', testFile, test),
        testLabels: plainLabels(
          'npy',
          'test_labels',
          inArchive(args.test_labels, args.test_labels_array),
          args.test_labels_array,
        ),
      },
      args.test,
      file,
    );
  },
};
