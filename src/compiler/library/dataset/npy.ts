import { path } from '../parameter.js';
import type { DatasetWord } from '../word.js';
import { describeFiles, plainFile } from './files.js';
import { partParameters } from './parts.js';

const parameters = {
  file: path({
    doc: 'The training examples: `[n, features]`, `[n, height, width]` or `[n, channels, height, width]`.',
  }),
  labels: path({ doc: 'Their labels, `[n]`.', default: null }),
  test_file: path({ doc: 'The test examples.', default: null }),
  test_labels: path({ doc: 'Their labels.', default: null }),
  ...partParameters(),
};

export const npy: DatasetWord<typeof parameters> = {
  family: 'dataset',
  name: 'npy',
  version: 1,
  doc: 'Arrays that NumPy saved with `numpy.save`. Bytes are divided by 255, other numbers stay as they are.',
  source: 'NumPy enhancement proposal 1, “A simple file format for NumPy arrays”',
  parameters,
  example: 'data npy("examples.npy", labels="labels.npy", test=16)',
  mistake: { text: 'data npy("no-such-file.npy")', code: 'AE701' },
  oracle: 'test:tests/runtime/datasets/npy.test.ts',
  describe: (args, file) =>
    describeFiles(
      {
        examples: { argument: 'file', request: { format: 'npy', path: args.file, role: 'examples' } },
        labels: plainFile('npy', 'labels', 'labels', args.labels),
        testExamples: plainFile('npy', 'examples', 'test_file', args.test_file),
        testLabels: plainFile('npy', 'labels', 'test_labels', args.test_labels),
      },
      args.test,
      file,
    ),
};
