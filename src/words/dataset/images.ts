import { closed } from '../../compiler/ir/interval.js';
import type { FileFormat, FileRequest, UsedExamples } from '../../compiler/library/data-file.js';
import { type ArgumentsOf, choice, pair, path, real } from '../../compiler/library/parameter.js';
import { describedFile } from '../../runtime/datasets/describe.js';
import { placeIn } from '../../runtime/datasets/load.js';
import { describeImages, loadImages } from '../../runtime/datasets/picture-dataset.js';
import { pictureLook } from '../../runtime/datasets/pictures.js';
import type { Dataset } from '../word.js';
import { describeFiles, type Named } from './files.js';
import { partParameters, type Selected, selectionOf, testSelectionOf, usedExamples } from './parts.js';

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

/** Conversions of a folder's pictures; unspecified ones are absent, to keep them out of a stored recipe's key. */
interface PictureChanges {
  readonly size?: readonly [height: number, width: number];
  readonly color?: string;
  readonly background?: number;
}

/** The specified conversions. */
function changesOf({ size, color, background }: ArgumentsOf<typeof parameters>): PictureChanges {
  return {
    ...(size !== null && { size }),
    ...(color !== null && { color }),
    ...(background !== null && { background }),
  };
}

interface FolderRequest extends FileRequest, PictureChanges {}

const format: FileFormat<FolderRequest> = {
  areFolders: true,
  names: /\.(png|jpe?g)$/,
  describe: (request, used, onBytes) =>
    describedFile(used, (parts) =>
      describeImages(request.path, pictureLook(request), { ...parts, select: request.select }, onBytes),
    ),
};

export const images: Dataset<typeof parameters> = {
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
    const folder = (argument: string, path: string, part: UsedExamples, select: Selected): Named<FolderRequest> => ({
      argument,
      request: { format: 'images', path, ...select, ...changesOf(args) },
      used: part,
    });
    return describeFiles(
      {
        format,
        examples: folder('folder', args.folder, used.train, selectionOf(args, args.test_folder !== null)),
        labels: null,
        testExamples:
          args.test_folder === null ? null : folder('test_folder', args.test_folder, used.test, testSelectionOf(args)),
        testLabels: null,
      },
      args,
      file,
    );
  },
  format,
  load: (args, { placeOf, parts, options }) =>
    loadImages(
      {
        examples: placeOf(args.folder),
        testExamples: placeIn(placeOf)(args.test_folder),
        ...pictureLook(changesOf(args)),
      },
      parts,
      options.signal,
    ),
};
