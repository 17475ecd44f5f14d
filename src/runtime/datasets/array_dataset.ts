import type { ClassPlaces, FileContents } from '../../compiler/library/word.js';
import { largest, smallest } from '../../numerics/extremes.js';
import { type ArrayFile, arrayPart } from './array_part.js';
import { bytesAt, bytesInMemory, withBytesOf } from './byte_source.js';
import { datasetChecksum } from './checksum.js';
import { classLabels, countClasses, type LabelNumbers, labelNumbers, placesOfClasses } from './class_labels.js';
import type { NumberTable, TableColumns } from './csv_arrays.js';
import type { TableDoubt } from './csv_doubts.js';
import { mostArrayReadWhole, mostPicturesReadWhole } from './data_limits.js';
import type { Dataset } from './dataset.js';
import { DatasetError, someOf } from './dataset_error.js';
import { type GivenRange, inGivenRange } from './given_range.js';
import { placeInIdx } from './idx.js';
import { checkImages, type ImageFolder, listImages, readImages, sizeOfFirst } from './images.js';
import { openNpy } from './npy.js';
import { arrayInNpz } from './npz.js';
import { type Layout, type OpenArray, openArray, withChannelsFirst } from './open_array.js';
import type { PictureLook } from './pictures.js';
import { type Precision, precisionFor, rangesOfColumns, requireMagnitudes } from './precision.js';
import { describedTable, loadedTable, rowsRead } from './recent_tables.js';
import { withTensors } from './safetensors.js';
import { EVERYTHING, neededExamples, type SplitRequest, trainedExamples } from './split.js';
import type { StoredArray } from './stored_array.js';

export type ArrayFormat = 'idx' | 'npy';

/** Files, by path, gzipped or not. Whoever read them out of an `.ae` file has resolved them against its folder. */
export interface ArrayFiles {
  /** What 0 and 1 stand for; left out, numbers stay as they are. */
  readonly range?: GivenRange | null;
  /** What examples are kept in; left out, what the training examples need. */
  readonly precision?: Precision | undefined;
  /** Where the channels of images are; left out, before their rows. */
  readonly layout?: Layout | null;
  readonly examples: string;
  readonly labels: string | null;
  readonly testExamples: string | null;
  readonly testLabels: string | null;
  /** The arrays of `.npz` files that are taken; null where a file has one alone. */
  readonly arrays?: ArrayNames;
}

export interface ArrayNames {
  readonly examples: string | null;
  readonly labels: string | null;
  readonly testExamples: string | null;
  readonly testLabels: string | null;
}

/** Tensors of one safetensors file; `examples` is null where it has one alone. */
export interface TensorNames extends ArrayNames {
  /** What 0 and 1 stand for; left out, numbers stay as they are. */
  readonly range?: GivenRange | null;
  /** What examples are kept in; left out, what the training examples need. */
  readonly precision?: Precision | undefined;
  /** Where the channels of images are; left out, before their rows. */
  readonly layout?: Layout | null;
  readonly path: string;
}

/** Tables, by path. */
export interface TableFiles extends TableColumns {
  /** What 0 and 1 stand for; left out, numbers stay as they are. */
  readonly range?: GivenRange | null;
  /** What examples are kept in; left out, what the training examples need. */
  readonly precision?: Precision | undefined;
  readonly examples: string;
  readonly testExamples: string | null;
}

/** Folders of images, by path. */
export interface ImageFolders extends Partial<PictureLook> {
  readonly examples: string;
  readonly testExamples: string | null;
}

/**
 * Lets `use` read an array of a file.
 *
 * @param name of the array in an `.npz` file; null where it has one alone
 * @throws DatasetError not_found, unreadable, and whatever the format's decoder throws
 */
export function withArray<T>(format: ArrayFormat, path: string, name: string | null, use: (array: OpenArray) => T): T {
  return withBytesOf(path, (source) => {
    if (format === 'idx') return use(openArray(placeInIdx(source, path), path));
    const isArchive = ZIP.every((byte, i) => bytesAt(source, 0, 4)[i] === byte);
    if (!isArchive) return use(openNpy(source, path));
    const place = name === null ? path : `${path}, array '${name.slice(0, 40)}'`;
    const content = arrayInNpz(source, name, path);
    return use(openNpy(bytesInMemory(content), place));
  });
}

const ZIP = [0x50, 0x4b, 0x03, 0x04];

/** A data set, of which not all may have been read. */
export interface ReadSet {
  readonly dataset: Dataset;
  /** Whether it has all examples there are, and not only those that a division uses. */
  readonly isWhole: boolean;
  /** How it is divided: where only some training examples were read, they are in their order. */
  readonly division: SplitRequest;
}

/** Opens the arrays of a data set, by what they are. */
type OpenRole = <T>(role: keyof ArrayNames, use: (array: OpenArray) => T) => T | null;

/**
 * A data set out of files of arrays. Of examples that take more than `mostArrayReadWhole` only those are read that the division
 * uses.
 *
 * @throws DatasetError not_found, unreadable, truncated, trailing_bytes, wrong_format, wrong_type, wrong_shape,
 *   wrong_value, mismatch
 */
export function loadArrays(format: ArrayFormat, files: ArrayFiles, parts: SplitRequest = EVERYTHING): ReadSet {
  const open: OpenRole = (role, use) => {
    const path = files[role];
    return path === null ? null : withArray(format, path, files.arrays?.[role] ?? null, use);
  };
  return datasetOfArrays(format, open, files, parts);
}

/** A data set out of tensors of one file, as `loadArrays`. @throws DatasetError as `withTensors`, wrong_shape, mismatch */
export function loadTensors(names: TensorNames, parts: SplitRequest = EVERYTHING): ReadSet {
  return withTensors(names.path, (tensor) => {
    const open: OpenRole = (role, use) => {
      const isThere = role === 'examples' || names[role] !== null;
      return isThere ? use(tensor(names[role])) : null;
    };
    return datasetOfArrays('safetensors', open, names, parts);
  });
}

function datasetOfArrays(
  name: string,
  open: OpenRole,
  { range = null, layout = null, precision }: Pick<ArrayFiles, 'range' | 'layout' | 'precision'>,
  parts: SplitRequest,
): ReadSet {
  const hasTest = open('testExamples', () => true) ?? false;
  const [train, rows] = open('examples', (array) => {
    const used = usedRows(array, parts, hasTest);
    return [inGivenRange(withChannelsFirst(array, layout).read(used), range), used] as const;
  }) ?? [null, null];
  if (train === null) throw new RangeError('a data set without examples');
  const tested = open('testExamples', (array) => {
    const used = usedRows(array, { take: parts.test, validation: 0, test: null, shuffleSeed: null }, true);
    return [inGivenRange(withChannelsFirst(array, layout).read(used), range), used] as const;
  });
  const labelsOf = (role: 'labels' | 'testLabels', used: Uint32Array | null): ArrayFile | null =>
    open(role, (array) => array.read(used !== null && array.dims.length === 1 ? used : null));
  return {
    dataset: datasetOf(
      name,
      { examples: train, labels: labelsOf('labels', rows) },
      tested && { examples: tested[0], labels: labelsOf('testLabels', tested[1]) },
      { precision },
    ),
    isWhole: rows === null && (tested?.[1] ?? null) === null,
    division: rows === null ? parts : { ...parts, shuffleSeed: null },
  };
}

/** The rows that are read of examples; null: all of them. */
function usedRows({ dims, bytes }: OpenArray, parts: SplitRequest, hasTest: boolean): Uint32Array | null {
  return bytes <= mostArrayReadWhole ? null : neededExamples(dims[0] ?? 0, parts, hasTest);
}

/**
 * A data set out of tables. The columns of the test table are taken by their names. Of a table that takes more than
 * `mostArrayReadWhole` only the first rows are read where no others are used.
 *
 * @throws DatasetError as `readTable`; mismatch for a test table of other columns
 */
export function loadTables(
  { examples, testExamples, range = null, precision, ...columns }: TableFiles,
  parts: SplitRequest = EVERYTHING,
): ReadSet {
  const hasTest = testExamples !== null;
  const mostRows = rowsRead(examples, hasTest ? { ...parts, test: null } : parts);
  const train = loadedTable({ path: examples, columns, classes: null, mostRows });
  const { features, classes } = train;
  const mostTested = hasTest ? rowsRead(testExamples, { ...EVERYTHING, take: parts.test }) : null;
  const asked = { ...columns, features };
  const test = hasTest ? loadedTable({ path: testExamples, columns: asked, classes, mostRows: mostTested }) : null;
  if (test !== null) requireTestTable(test, classes, examples);
  const inRange = (table: NumberTable): NumberTable => ({ ...table, examples: inGivenRange(table.examples, range) });
  const dataset = datasetOf('csv', inRange(train), test && inRange(test), {
    precision,
    columns: features,
    classNames: test?.classes ?? classes,
    unusedColumns: train.unused,
  });
  return { dataset, isWhole: mostRows === null && mostTested === null, division: parts };
}

/** @throws DatasetError mismatch for columns that the training table doesn't have, and for other classes than its numbers */
function requireTestTable(
  { examples: { path }, unused, classes }: NumberTable,
  trained: readonly string[] | null,
  trainedPath: string,
): void {
  if (trained === null && classes !== null) {
    const problem = `has texts for classes (${someOf(classes)}), and those of ${trainedPath} are numbers`;
    throw new DatasetError('mismatch', path, problem, 'name the classes alike in both files');
  }
  requireNoMore(path, unused, trainedPath);
}

/** @throws DatasetError mismatch */
function requireNoMore(path: string, extra: readonly string[], trained: string): void {
  if (extra.length === 0) return;
  const problem = `has columns that ${trained} doesn't have: ${someOf(extra)}`;
  throw new DatasetError(
    'mismatch',
    path,
    problem,
    'give it the columns of the training: test[train.columns] in pandas',
  );
}

/**
 * A data set out of folders of pictures. Where they take more than `mostPicturesReadWhole`, only those are read that the
 * division uses.
 *
 * @throws DatasetError as `listImages` and `readImages`; mismatch
 */
export async function loadImages(
  { examples, testExamples, size = null, color = null, background = null }: ImageFolders,
  parts: SplitRequest = EVERYTHING,
): Promise<ReadSet> {
  const look = { size, color, background };
  const list = listImages(examples);
  const tests = testExamples === null ? null : listImages(testExamples, list.classes);
  const needed = neededPictures(list, tests, look, parts);
  const train = await imagePart(examples, needed.train, look);
  const test = testExamples === null || needed.test === null ? null : await imagePart(testExamples, needed.test, look);
  const isWhole = needed.train === list;
  return {
    dataset: datasetOf('images', train, test, { classNames: tests?.classes ?? list.classes }),
    isWhole,
    division: isWhole ? parts : { ...parts, shuffleSeed: null },
  };
}

/** The pictures that are read: all of them, or those that are used, in the order of the division. */
function neededPictures(train: ImageFolder, test: ImageFolder | null, look: PictureLook, parts: SplitRequest) {
  const size = sizeOfFirst(train.files, look);
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
    files: Array.from(places, (i) => files[i] ?? ''),
    classes,
    labels: labels && Int32Array.from(places, (i) => labels[i] ?? 0),
  };
}

async function imagePart(folder: string, { files, labels }: ImageFolder, look: PictureLook) {
  const examples = await readImages(folder, files, look);
  return { examples, labels: labels && { path: folder, array: { dims: [labels.length], data: labels } } };
}

/** What was read of a part. */
interface PartFiles {
  readonly examples: ArrayFile;
  readonly labels: ArrayFile | null;
}

interface SetDetails extends Partial<Pick<Dataset, 'columns' | 'classNames' | 'unusedColumns'>> {
  readonly precision?: Precision | undefined;
}

function datasetOf(
  name: string,
  trained: PartFiles,
  tested: PartFiles | null,
  { columns = null, classNames = null, unusedColumns = [], ...details }: SetDetails,
): Dataset {
  const precision = details.precision ?? precisionFor(trained.examples);
  const labelled = trained.labels && labelNumbers(trained.labels);
  const testLabelled = tested?.labels ? labelNumbers(tested.labels) : null;
  const labels = labelled === null ? null : classLabels(labelled, testLabelled);
  const testLabels = labels === null ? testLabelled && classLabels(testLabelled, null).train : labels.test;
  const train = arrayPart(trained.examples, labels?.train ?? null, pathOfLabels(trained), precision);
  const test = tested && arrayPart(tested.examples, testLabels, pathOfLabels(tested), precision);
  if (test !== null && test.shape.join() !== train.shape.join()) {
    throw new DatasetError(
      'mismatch',
      tested?.examples.path ?? '',
      `has examples of shape [${test.shape.join(', ')}], and ${trained.examples.path} of [${train.shape.join(', ')}]`,
      'give a test part of the same shape',
    );
  }
  return {
    name,
    shape: train.shape,
    train,
    test,
    classes: train.classes === null ? null : Math.max(train.classes, test?.classes ?? 0),
    classNames: classNames ?? labels?.names ?? null,
    columns,
    unusedColumns,
    checksum: datasetChecksum(train.shape, {
      trainValues: train.valuesChecksum,
      trainLabels: train.labelsChecksum,
      testValues: test?.valuesChecksum ?? null,
      testLabels: test?.labelsChecksum ?? null,
    }),
  };
}

function pathOfLabels({ examples, labels }: PartFiles): string {
  return (labels ?? examples).path;
}

/** What has to be known of a file before it is trained on. */
export interface ArrayDescription {
  readonly count: number;
  /** Of one example, as the file has it. */
  readonly shape: readonly number[];
  /** The smallest and largest value; 0 and 1 for bytes, which stand for byte / 255. */
  readonly low: number;
  readonly high: number;
  /** One more than the largest label; null for examples alone. */
  readonly classes: number | null;
  /** Where its classes are; absent without labels, and for very many classes. */
  readonly classPlaces?: ClassPlaces;
  /** Absent for labels. */
  readonly contents?: FileContents;
  /** Features that have one value in all examples that are trained on; absent where there are none. */
  readonly constants?: readonly string[];
  /** Columns of a table that may have been meant otherwise; absent where there are none. */
  readonly doubts?: readonly TableDoubt[];
}

/** Ranges of more features would make a run's recipe large. */
const mostFeatureRanges = 10_000;

/** What is asked of an array, besides where it is. */
export interface ArrayQuestion {
  readonly role: 'examples' | 'labels';
  /** The values that become 0 and 1. */
  readonly range?: GivenRange | null;
  readonly layout?: Layout | null;
  /** The examples that are used, of which alone the values are looked at where there are many. */
  readonly used?: SplitRequest;
}

/** @param name of the array in an `.npz` file. @throws DatasetError as `loadArrays` */
export function describeArrayFile(
  format: ArrayFormat,
  path: string,
  name: string | null,
  question: ArrayQuestion,
): ArrayDescription {
  return withArray(format, path, name, (array) => describeArray(array, question));
}

/** @throws DatasetError as `withTensors` */
export function describeTensor(path: string, tensor: string | null, question: ArrayQuestion): ArrayDescription {
  return withTensors(path, (open) => describeArray(open(tensor), question));
}

/** A table whose rows are used, and the training table's columns where it is that of the test. */
interface TableUse extends SplitRequest {
  readonly columns?: readonly string[];
}

/** @throws DatasetError as `readTable`; mismatch for a test table of other columns */
export function describeTable(
  path: string,
  asked: TableColumns,
  range: GivenRange | null = null,
  { columns, ...used }: TableUse = EVERYTHING,
): ArrayDescription {
  const named = columns === undefined ? asked : { ...asked, features: columns };
  const table = describedTable({ path, columns: named, classes: null, mostRows: rowsRead(path, used) });
  const { features, examples, labels, classes, doubts } = table;
  if (columns !== undefined) requireNoMore(path, table.unused, 'the training table');
  const numbers = labels && labelNumbers(labels);
  const classNames = classes ?? (numbers && classLabels(numbers, null).names);
  const trained = trainedExamples(examples.array.dims[0] ?? 0, used);
  const described = describeExamples(inGivenRange(examples, range), { columns: features, classNames }, trained);
  const doubted = doubts.length === 0 ? {} : { doubts };
  return { ...described, ...(numbers ? describedLabels(numbers, classes) : {}), ...doubted };
}

/**
 * Looks at the pictures that `loadImages` reads, without decoding them.
 *
 * @throws DatasetError as `listImages` and `checkImages`
 */
export function describeImages(folder: string, look: PictureLook, parts: SplitRequest): ArrayDescription {
  const list = listImages(folder);
  const { files } = neededPictures(list, null, look, parts).train;
  const { shape, isDeep } = checkImages(folder, files, look);
  const numbers = isDeep ? 'reals' : 'bytes';
  const contents = { numbers, columns: null, classNames: list.classes, featureRanges: null } as const;
  const described = list.labels ? describedLabels(list.labels, list.classes) : {};
  const classes = list.classes?.length ?? null;
  return { count: list.files.length, shape, low: 0, high: 1, ...described, classes, contents };
}

function describeArray(
  array: OpenArray,
  { role, range = null, layout = null, used = EVERYTHING }: ArrayQuestion,
): ArrayDescription {
  if (role === 'examples') {
    const rows = usedRows(array, used, false);
    const examples = inGivenRange(withChannelsFirst(array, layout).read(rows), range);
    const order = rows === null ? used : { ...used, shuffleSeed: null };
    const trained = trainedExamples(examples.array.dims[0] ?? 0, order);
    const described = describeExamples(examples, { columns: null, classNames: null }, trained);
    return { ...described, count: array.dims[0] ?? 0 };
  }
  const described = describedLabels(labelNumbers(array.read(null)), null);
  return { count: array.dims[0] ?? 0, shape: [], low: 0, high: described.classes - 1, ...described };
}

function describedLabels(labels: LabelNumbers, names: readonly string[] | null) {
  const classPlaces = placesOfClasses(labels, names);
  return { classes: countClasses(labels), ...(classPlaces ? { classPlaces } : {}) };
}

/** @param trained the examples that are trained on */
function describeExamples(
  { path, array: { dims, data } }: ArrayFile,
  names: Pick<FileContents, 'columns' | 'classNames'>,
  trained: Uint32Array,
): ArrayDescription {
  const [count = 0, ...shape] = dims;
  const constants = shape.length === 1 ? constantColumns(data, shape[0] ?? 1, trained) : [];
  const unvaried =
    constants.length === 0 ? {} : { constants: constants.map((place) => names.columns?.[place] ?? String(place + 1)) };
  if (data instanceof Uint8Array) {
    const contents = { numbers: 'bytes', ...names, featureRanges: null } as const;
    return { count, shape, low: 0, high: 1, classes: null, contents, ...unvaried };
  }
  const ranges = rangesOfColumns(data, shape.length === 1 ? (shape[0] ?? 1) : 1);
  requireMagnitudes(ranges, names.columns, path);
  const [low, high] = [Math.fround(smallest(ranges.low)), Math.fround(largest(ranges.high))];
  const isNarrow = shape.length === 1 && ranges.low.length <= mostFeatureRanges;
  const featureRanges = isNarrow ? { low: [...ranges.low], high: [...ranges.high] } : null;
  const numbers = data instanceof Int32Array ? 'integers' : 'reals';
  return { count, shape, low, high, classes: null, contents: { numbers, ...names, featureRanges }, ...unvaried };
}

/** Columns that have one value in all of some rows; none where there are fewer than two rows. */
function constantColumns(data: StoredArray['data'], width: number, rows: Uint32Array): readonly number[] {
  if (rows.length < 2) return [];
  const start = (rows[0] ?? 0) * width;
  let open = Array.from({ length: width }, (_, column) => column);
  for (let i = 1; i < rows.length && open.length > 0; i++) {
    const row = (rows[i] ?? 0) * width;
    const isSame = (column: number): boolean => data[row + column] === data[start + column];
    if (!open.every(isSame)) open = open.filter(isSame);
  }
  return open;
}
