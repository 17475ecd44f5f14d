import { type ArgumentsOf, path, text } from '../../compiler/library/parameter.js';
import { loadArrays, numpyArrays } from '../../runtime/datasets/array-dataset.js';
import { constantsFormat } from '../../runtime/datasets/constants.js';
import { placeIn } from '../../runtime/datasets/load.js';
import type { Dataset } from '../word.js';
import { arrayFormat, plainExamples, plainLabels } from './arrays.js';
import { describeFiles } from './files.js';
import {
  checkedRange,
  givenRange,
  layoutParameter,
  partParameters,
  rangeParameter,
  selectionOf,
  testSelectionOf,
  usedExamples,
  usedOfUnlabelled,
} from './parts.js';

const parameters = {
  file: path({
    doc:
      'The training examples: `[n, features]`, `[n, height, width]` or `[n, channels, height, width]`; `"acts/*.npy"` for ' +
      'several files, one after the other.',
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

const format = arrayFormat(numpyArrays, /\.np[yz]$/);

/** The files that the other arrays are in: an array without a file is in that of the examples. */
function filesOf(args: ArgumentsOf<typeof parameters>) {
  const inArchive = (path: string | null, array: string | null) => path ?? (array === null ? null : args.file);
  return {
    labelFile: inArchive(args.labels, args.labels_array),
    testFile: inArchive(args.test_file, args.test_array),
    testLabelFile: inArchive(args.test_labels, args.test_labels_array),
  };
}

export const npy: Dataset<typeof parameters> = {
  family: 'dataset',
  name: 'npy',
  peers: ['load', 'numpy', 'npz'],
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
    const { labelFile, testFile, testLabelFile } = filesOf(args);
    const used = usedOfUnlabelled(args, testFile !== null);
    const divided = usedExamples(args, testFile !== null);
    const details = { range: range.value, layout: args.layout };
    const test = { ...details, array: args.test_array, used: used.test };
    return describeFiles(
      {
        format,
        examples: plainExamples('npy', 'file', args.file, { ...details, array: args.array, used: used.train }),
        labels: plainLabels('npy', 'labels', labelFile, {
          ...selectionOf(args, testFile !== null),
          used: divided.train,
          array: args.labels_array,
        }),
        testExamples: testFile === null ? null : plainExamples('npy', 'test_file', testFile, test),
        testLabels: plainLabels('npy', 'test_labels', testLabelFile, {
          ...testSelectionOf(args),
          used: divided.test,
          array: args.test_labels_array,
        }),
      },
      args,
      file,
    );
  },
  format,
  constants: constantsFormat(numpyArrays, /\.npy$/),
  load(args, { placeOf, options: { precision, mostInMemory }, parts }) {
    const place = placeIn(placeOf);
    const { labelFile, testFile, testLabelFile } = filesOf(args);
    const files = {
      range: checkedRange(args.range),
      precision,
      mostInMemory,
      layout: args.layout,
      arrays: {
        examples: args.array,
        labels: args.labels_array,
        testExamples: args.test_array,
        testLabels: args.test_labels_array,
      },
      examples: placeOf(args.file),
      labels: place(labelFile),
      testExamples: place(testFile),
      testLabels: place(testLabelFile),
    };
    return loadArrays(numpyArrays, files, parts);
  },
};
