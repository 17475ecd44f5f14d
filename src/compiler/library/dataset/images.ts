import { path } from '../parameter.js';
import type { DatasetWord } from '../word.js';
import { describeFiles } from './files.js';
import { partParameters } from './parts.js';

const parameters = {
  folder: path({ doc: 'The training examples.' }),
  test_folder: path({ doc: 'The test examples.', default: null }),
  ...partParameters(),
};

export const images: DatasetWord<typeof parameters> = {
  family: 'dataset',
  name: 'images',
  peers: ['ImageFolder', 'folder', 'png'],
  version: 1,
  doc:
    'A folder of PNG files of one size, in the order of their names: grey ones have one channel, coloured ones three. If ' +
    'they lie in folders of their own, these are the classes, in the order of their names. Bytes are divided by 255.',
  parameters,
  example: 'data images("pictures", test=16)',
  mistake: { text: 'data images("no-such-file")', code: 'AE701' },
  oracle: 'test:tests/runtime/datasets/images.test.ts',
  describe: (args, file) =>
    describeFiles(
      {
        examples: { argument: 'folder', request: { format: 'images', path: args.folder } },
        labels: null,
        testExamples:
          args.test_folder === null
            ? null
            : { argument: 'test_folder', request: { format: 'images', path: args.test_folder } },
        testLabels: null,
      },
      args.test,
      file,
    ),
};
