import { closed } from '../../ir/interval.js';
import { type ArgumentsOf, choice, pair, path, real } from '../parameter.js';
import type { DatasetWord, PictureChanges, UsedExamples } from '../word.js';
import { describeFiles, type Named } from './files.js';
import { partParameters, usedExamples } from './parts.js';

const parameters = {
  folder: path({ doc: 'The training examples.' }),
  test_folder: path({ doc: 'The test examples.', default: null }),
  ...partParameters(),
  size: pair({
    doc:
      'Brings every picture to this height and width while it is read: by the means of areas where it gets smaller, else by ' +
      'straight lines between pixels.',
    unit: 'pixels',
    default: null,
  }),
  color: choice({
    doc:
      'Makes every picture grey (0.299 R + 0.587 G + 0.114 B) or coloured (three equal channels). If it is left out, all are ' +
      'one or the other.',
    options: ['grey', 'rgb'],
    peers: ['color_mode'],
    default: null,
  }),
  background: real({
    doc: 'What stands behind transparent pixels, from 0 (black) to 1 (white). If it is left out, they are an error.',
    range: closed(0, 1),
    default: null,
  }),
};

/** What was said of how the pictures come out. */
function changesOf({ size, color, background }: ArgumentsOf<typeof parameters>): PictureChanges {
  return {
    ...(size !== null && { size }),
    ...(color !== null && { color }),
    ...(background !== null && { background }),
  };
}

export const images: DatasetWord<typeof parameters> = {
  family: 'dataset',
  name: 'images',
  peers: ['ImageFolder', 'folder', 'png', 'jpeg', 'jpg'],
  version: 1,
  doc:
    'A folder of PNG and JPEG files of one size, in the order of their names: grey ones have one channel, coloured ones ' +
    'three. If they lie in folders of their own, these are the classes, in the order of their names. Bytes are divided by ' +
    '255, channels of 16 bits by 65535. Photographs are turned as their camera says. Of more than 64 MiB of pixels only ' +
    'the pictures are read that are used.',
  parameters,
  example: 'data images("pictures", test=16)',
  mistake: { text: 'data images("no-such-file")', code: 'AE701' },
  oracle: 'test:tests/runtime/datasets/images.test.ts',
  describe(args, file) {
    const used = usedExamples(args, args.test_folder !== null);
    const folder = (argument: string, path: string, part: UsedExamples): Named => ({
      argument,
      request: { format: 'images', path, ...changesOf(args) },
      used: part,
    });
    return describeFiles(
      {
        examples: folder('folder', args.folder, used.train),
        labels: null,
        testExamples: args.test_folder === null ? null : folder('test_folder', args.test_folder, used.test),
        testLabels: null,
      },
      args.test,
      file,
    );
  },
};
