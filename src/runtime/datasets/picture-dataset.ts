import { statSync } from 'node:fs';
import { basename, relative, sep } from 'node:path';
import type { ClassChoice, ClassSelection, OnBytes } from '../../compiler/library/data-file.js';
import { type ArrayDescription, chosenByName, describedLabels } from './array-description.js';
import { keptClasses } from './chosen-classes.js';
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
  const division = isWhole ? parts : { ...parts, shuffleSeed: null };
  const dataset = datasetOf('images', train, test, {
    classNames: tests?.classes ?? list.classes,
    division,
    // Whether all pictures are bytes decides nothing: float32 tells the values of 16 bits apart with 8 to spare.
    precision: 'single',
  });
  return {
    dataset: {
      ...dataset,
      train: { ...dataset.train, files: namesIn(examples, needed.train) },
      test: dataset.test && {
        ...dataset.test,
        ...(testExamples !== null && needed.test !== null && { files: namesIn(testExamples, needed.test) }),
      },
    },
    isWhole,
    division,
  };
}

/** Paths within a folder, with the separators of every system. */
function namesIn(folder: string, { files }: ImageFolder): readonly string[] {
  return files.map((file) => (relative(folder, file) || basename(file)).split(sep).join('/'));
}

/** Pictures to read: all, or only those in use, in the order of the split. */
function neededPictures(train: ImageFolder, test: ImageFolder | null, look: PictureLook, parts: SplitRequest) {
  // Decoding takes as long as a file has pixels, however small it is made.
  const size = Math.max(sizeOfFirst(train.files, asStored), sizeOfFirst(train.files, look));
  const count = train.files.length + (test?.files.length ?? 0);
  const chosen = train.labels && isChosen(parts) ? chosenByName(train.labels, train.classes, parts) : null;
  const used = neededExamples(train.files.length, parts, test !== null, chosen);
  if (used === null || count * size <= mostPicturesReadWhole) return { train, test };
  return { train: picturesAt(train, used), test: test && picturesAt(test, testedPictures(test, parts)) };
}

/** The pictures of a test folder that are used. */
function testedPictures({ files, classes, labels }: ImageFolder, parts: SplitRequest): Uint32Array {
  const choice = keptClasses(parts);
  const chosen = labels && isChosen(choice) ? chosenByName(labels, classes, choice) : null;
  const all = Uint32Array.from(files, (_, i) => i);
  const kept = chosen === null ? all : all.filter(chosen.isKept);
  return kept.slice(0, parts.test ?? kept.length);
}

function isChosen({ classes, trainOn }: ClassChoice): boolean {
  return classes !== undefined || trainOn !== undefined;
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
  used: SplitRequest & { readonly select?: ClassSelection | undefined },
  onBytes?: OnBytes,
): ArrayDescription {
  const { select, ...parts } = used;
  const { test, shuffleSeed } = parts;
  const list = listImages(folder);
  const { files } = neededPictures(list, null, look, { ...parts, ...select, test, shuffleSeed }).train;
  onBytes?.(files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0));
  const { shape, isDeep } = checkImages(folder, files, look);
  const numbers = isDeep ? 'reals' : 'bytes';
  const contents = { numbers, columns: null, classNames: list.classes, featureRanges: null } as const;
  const described = list.labels ? describedLabels(list.labels, list.classes, select, parts) : {};
  const classes = list.classes?.length ?? null;
  return { count: list.files.length, shape, low: 0, high: 1, ...described, classes, contents };
}
