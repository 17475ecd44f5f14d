import { statSync } from 'node:fs';
import { type ArrayDescription, describedLabels } from './array-description.js';
import { labelsAt } from './class-labels.js';
import { mostPicturesReadWhole } from './data-limits.js';
import { datasetOf, type ReadSet } from './dataset-of-parts.js';
import { checkImages, type ImageFolder, listImages, readImages, sizeOfFirst } from './images.js';
import type { PictureLook } from './pictures.js';
import { EVERYTHING, neededExamples, type SplitRequest } from './split.js';

const asStored: PictureLook = { size: null, color: null, background: null };

/** Folders of images, by path. */
export interface ImageFolders extends Partial<PictureLook> {
  readonly examples: string;
  readonly testExamples: string | null;
}

/**
 * Loads a data set from folders of pictures. If they take more than `mostPicturesReadWhole`, reads only those the split
 * uses.
 *
 * @throws DatasetError as `listImages` and `readImages`; mismatch
 */
export async function loadImages(
  { examples, testExamples, size = null, color = null, background = null }: ImageFolders,
  parts: SplitRequest = EVERYTHING,
  signal?: AbortSignal,
): Promise<ReadSet> {
  const look = { size, color, background };
  const list = listImages(examples);
  const tests = testExamples === null ? null : listImages(testExamples, list.classes);
  const needed = neededPictures(list, tests, look, parts);
  const train = await imagePart(examples, needed.train, look, signal);
  const test =
    testExamples === null || needed.test === null ? null : await imagePart(testExamples, needed.test, look, signal);
  const isWhole = needed.train === list;
  return {
    dataset: datasetOf('images', train, test, { classNames: tests?.classes ?? list.classes }),
    isWhole,
    division: isWhole ? parts : { ...parts, shuffleSeed: null },
  };
}

/** Pictures to read: all, or only those in use, in the order of the split. */
function neededPictures(train: ImageFolder, test: ImageFolder | null, look: PictureLook, parts: SplitRequest) {
  // Decoding takes as long as a file has pixels, however small it is made.
  const size = Math.max(sizeOfFirst(train.files, asStored), sizeOfFirst(train.files, look));
  const count = train.files.length + (test?.files.length ?? 0);
  const used = neededExamples(train.files.length, parts, test !== null);
  if (used === null || count * size <= mostPicturesReadWhole) return { train, test };
  const tested = Math.min(parts.test ?? test?.files.length ?? 0, test?.files.length ?? 0);
  return {
    train: picturesAt(train, used),
    test:
      test &&
      picturesAt(
        test,
        Uint32Array.from({ length: tested }, (_, i) => i),
      ),
  };
}

function picturesAt({ files, classes, labels }: ImageFolder, places: Uint32Array): ImageFolder {
  return {
    files: Array.from(places, (i) => {
      const file = files[i];
      if (file === undefined) throw new RangeError(`there is no picture ${i} of ${files.length}`);
      return file;
    }),
    classes,
    labels: labels && labelsAt(labels, places),
  };
}

async function imagePart(folder: string, { files, labels }: ImageFolder, look: PictureLook, signal?: AbortSignal) {
  const examples = await readImages(folder, files, look, signal);
  return { examples, labels: labels && { path: folder, array: { dims: [labels.length], data: labels } } };
}

/**
 * Looks through the pictures that `loadImages` reads, decoding none that is whole.
 *
 * @param onBytes called before that, with how many bytes they have
 * @throws DatasetError as `listImages` and `checkImages`
 */
export function describeImages(
  folder: string,
  look: PictureLook,
  parts: SplitRequest,
  onBytes?: (bytes: number) => void,
): ArrayDescription {
  const list = listImages(folder);
  const { files } = neededPictures(list, null, look, parts).train;
  onBytes?.(files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0));
  const { shape, isDeep } = checkImages(folder, files, look);
  const numbers = isDeep ? 'reals' : 'bytes';
  const contents = { numbers, columns: null, classNames: list.classes, featureRanges: null } as const;
  const described = list.labels ? describedLabels(list.labels, list.classes) : {};
  const classes = list.classes?.length ?? null;
  return { count: list.files.length, shape, low: 0, high: 1, ...described, classes, contents };
}
