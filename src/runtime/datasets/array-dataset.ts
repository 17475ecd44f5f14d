import type { ClassChoice, ClassSelection, OnBytes } from '../../compiler/library/data-file.js';
import type { SchemaOutput } from '../formats/json.js';
import {
  type ArrayDescription,
  chosenByName,
  describedLabels,
  descriptionKept,
  ExampleSurvey,
  keptDescription,
} from './array-description.js';
import type { ArrayFile } from './array-part.js';
import { type ByteSource, bytesAt, withBytesOf } from './byte-source.js';
import { type ChosenClasses, keptClasses } from './chosen-classes.js';
import { labelNumbers } from './class-labels.js';
import { mostArrayReadWhole, mostConvertedAtOnce } from './data-limits.js';
import { mostExamplesInMemory } from './data-memory.js';
import { datasetOf, type ReadSet } from './dataset-of-parts.js';
import { type GivenRange, inGivenRange, rangeDoubts } from './given-range.js';
import { placeInIdx } from './idx.js';
import { keptSurvey } from './kept-survey.js';
import { openNpy } from './npy.js';
import { arrayInNpz } from './npz.js';
import { type Layout, type OpenArray, openArray, withChannelsFirst } from './open-array.js';
import type { Precision } from './precision.js';
import type { ExampleRows } from './row-survey.js';
import { withTensors } from './safetensors.js';
import { isPattern, shardedArray, type WithArrayOf } from './shards.js';
import { EVERYTHING, neededExamples, type SplitRequest, trainedExamples } from './split.js';
import { isConverted, product } from './stored-array.js';
import { type RowsInFiles, rowCount } from './stored-rows.js';

/** Files of arrays. */
export interface ArrayFormat {
  /** Name of the data set's word. */
  readonly name: string;
  /** @param array member of an archive to open; null if it holds only one */
  open(source: ByteSource, path: string, array: string | null): OpenArray;
}

export const idxArrays: ArrayFormat = {
  name: 'idx',
  open: (source, path) => openArray(placeInIdx(source, path), path),
};

/** Files written by `numpy.save` and `numpy.savez`. */
export const numpyArrays: ArrayFormat = {
  name: 'npy',
  open(source, path, array) {
    const isArchive = ZIP.every((byte, i) => bytesAt(source, 0, 4)[i] === byte);
    if (!isArchive) return openNpy(source, path);
    const place = array === null ? path : `${path}, array '${array.slice(0, 40)}'`;
    return openNpy(arrayInNpz(source, array, path), place);
  },
};

const ZIP = [0x50, 0x4b, 0x03, 0x04];

/** Files, by path, gzipped or not. Whoever read them out of an `.ae` file has resolved them against its folder. */
export interface ArrayFiles {
  /** Raw values mapped to 0 and 1; if absent, values are not scaled. */
  readonly range?: GivenRange | null;
  /** Storage precision; by default, whatever the training examples need. */
  readonly precision?: Precision | undefined;
  /** Axis order of images; by default, channels first. */
  readonly layout?: Layout | null;
  /** Bytes that the examples of a part may take in memory; those that take more stay in their files. No limit by default. */
  readonly mostInMemory?: number | undefined;
  readonly examples: string;
  readonly labels: string | null;
  readonly testExamples: string | null;
  readonly testLabels: string | null;
  /** Arrays to read from `.npz` files; null if a file holds only one. */
  readonly arrays?: ArrayNames;
}

export interface ArrayNames {
  readonly examples: string | null;
  readonly labels: string | null;
  readonly testExamples: string | null;
  readonly testLabels: string | null;
}

/** Tensors of one safetensors file; `examples` is null if it holds only one. */
export interface TensorNames extends ArrayNames {
  /** Raw values mapped to 0 and 1; if absent, values are not scaled. */
  readonly range?: GivenRange | null;
  /** Storage precision; by default, whatever the training examples need. */
  readonly precision?: Precision | undefined;
  /** Axis order of images; by default, channels first. */
  readonly layout?: Layout | null;
  /** Bytes that the examples of a part may take in memory; those that take more stay in their files. No limit by default. */
  readonly mostInMemory?: number | undefined;
  readonly path: string;
}

/**
 * Lets `use` read an array of a file, or of all files that a pattern names.
 *
 * @param name of the array in an `.npz` file; null if the file holds only one
 * @throws DatasetError not_found, unreadable, and whatever the format's decoder throws
 */
export function withArray<T>(format: ArrayFormat, path: string, name: string | null, use: (array: OpenArray) => T): T {
  const inFile: WithArrayOf = (file, read) => withBytesOf(file, (source) => read(format.open(source, file, name)));
  return isPattern(path) ? use(shardedArray(path, inFile)) : inFile(path, use);
}

/** Opens the arrays of a data set, by what they are. */
type OpenRole = <T>(role: keyof ArrayNames, use: (array: OpenArray) => T) => T | null;

/**
 * Loads a data set from array files. If the examples take more than `mostArrayReadWhole`, reads only those the split
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
  return datasetOfArrays(format.name, open, files, parts);
}

/** Like `loadArrays`, from the tensors of one file. @throws DatasetError as `withTensors`, wrong_shape, mismatch */
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
  { precision, ...reading }: Pick<ArrayFiles, 'range' | 'layout' | 'precision' | 'mostInMemory'>,
  parts: SplitRequest,
): ReadSet {
  const hasTest = open('testExamples', () => true) ?? false;
  const [train, rows] = open('examples', (array) => {
    const used = usedRows(array, parts, hasTest, chosenBy(open, 'labels', parts));
    return [examplesOf(array, used, reading), used] as const;
  }) ?? [null, null];
  if (train === null) throw new RangeError('a data set without examples');
  const tested = open('testExamples', (array) => {
    const tests = { ...EVERYTHING, take: parts.test };
    const used = usedRows(array, tests, true, chosenBy(open, 'testLabels', keptClasses(parts)));
    return [examplesOf(array, used, reading), used] as const;
  });
  const labelsOf = (role: 'labels' | 'testLabels', used: Uint32Array | null): ArrayFile | null =>
    open(role, (array) => array.read(used !== null && array.dims.length === 1 ? used : null));
  const division = rows === null ? parts : { ...parts, shuffleSeed: null };
  return {
    dataset: datasetOf(
      name,
      { examples: train, labels: labelsOf('labels', rows) },
      tested && { examples: tested[0], labels: labelsOf('testLabels', tested[1]) },
      { precision, division },
    ),
    isWhole: rows === null && (tested?.[1] ?? null) === null,
    division,
  };
}

/** @param rows those that are examples; null: all */
function examplesOf(
  array: OpenArray,
  rows: Uint32Array | null,
  {
    range = null,
    layout = null,
    mostInMemory = Number.POSITIVE_INFINITY,
  }: Pick<ArrayFiles, 'range' | 'layout' | 'mostInMemory'>,
): ArrayFile | ExampleRows {
  const { path, dims, inFiles } = array;
  const ordered = withChannelsFirst(array, layout);
  const count = rows?.length ?? dims[0] ?? 0;
  const size = product(dims.slice(1)) * (array.type === 'uint8' ? 1 : Float32Array.BYTES_PER_ELEMENT);
  if (inFiles !== null && ordered === array && range === null) {
    const stay = count * size > mostInMemory;
    if (stay || (isConverted(array.type) && count * size > mostConvertedAtOnce)) {
      return { path, dims: [count, ...dims.slice(1)], rows: inFiles, chosen: rows, stay };
    }
  }
  return inGivenRange(ordered.read(rows), range);
}

/** Rows to read of the examples; null: all. */
function usedRows(
  { dims, bytes }: OpenArray,
  parts: SplitRequest,
  hasTest: boolean,
  chosen: () => ChosenClasses | null = () => null,
): Uint32Array | null {
  return bytes <= mostArrayReadWhole ? null : neededExamples(dims[0] ?? 0, parts, hasTest, chosen());
}

/** The examples of the classes in use, for which the labels are read first. */
function chosenBy(open: OpenRole, role: 'labels' | 'testLabels', choice: ClassChoice): () => ChosenClasses | null {
  if (choice.classes === undefined && choice.trainOn === undefined) return () => null;
  return () => open(role, (array) => chosenByName(labelNumbers(array.read(null)), null, choice));
}

/** Options for describing an array. */
export interface ArrayQuestion {
  readonly role: 'examples' | 'labels';
  /** Raw values mapped to 0 and 1. */
  readonly range?: GivenRange | null;
  readonly layout?: Layout | null;
  /** The examples in use; of a large array, only their values are read. */
  readonly used?: SplitRequest;
  /** The classes in use, by labels. */
  readonly select?: ClassSelection;
}

/**
 * @param name of the array in an `.npz` file
 * @param onBytes called before examples are looked through, with how many bytes they have; not if their description is
 *   in the user's cache
 * @throws DatasetError as `loadArrays`
 */
export function describeArrayFile(
  format: ArrayFormat,
  path: string,
  name: string | null,
  question: ArrayQuestion,
  onBytes?: OnBytes,
): ArrayDescription {
  return withArray(format, path, name, (array) => describedArray(array, question, onBytes));
}

/** @throws DatasetError as `withTensors` */
export function describeTensor(
  path: string,
  tensor: string | null,
  question: ArrayQuestion,
  onBytes?: OnBytes,
): ArrayDescription {
  return withTensors(path, (open) => describedArray(open(tensor), question, onBytes));
}

/** Bytes of an array to process at a time. */
const pieceBytes = 64 * 2 ** 20;

/** Yields the rows of an array in order; a large array comes in pieces that take little memory. */
function* piecesOf(array: OpenArray, rows: Uint32Array | null): Generator<ArrayFile> {
  const count = rows?.length ?? array.dims[0] ?? 0;
  const atOnce = Math.max(1, Math.floor((pieceBytes * (array.dims[0] ?? 0)) / Math.max(1, array.bytes)));
  if (!array.isReadByRows || count <= atOnce) {
    yield array.read(rows);
    return;
  }
  for (let first = 0; first < count; first += atOnce) {
    const length = Math.min(atOnce, count - first);
    yield array.read(rows?.subarray(first, first + length) ?? Uint32Array.from({ length }, (_, i) => first + i));
  }
}

/** Describes an array; the description of large files is kept in the user's cache. */
function describedArray(array: OpenArray, question: ArrayQuestion, onBytes?: OnBytes): ArrayDescription {
  const find = () => {
    if (question.role === 'examples') {
      const rows = usedRows(array, question.used ?? EVERYTHING, false);
      onBytes?.(rows === null ? array.bytes : (array.bytes / Math.max(1, array.dims[0] ?? 0)) * rows.length);
    }
    return describeArray(array, question);
  };
  const { inFiles: rows } = array;
  if (question.role === 'labels') return find();
  const { range = null, layout = null } = question;
  const described = rows === null ? find() : keptDescriptionOf(rows, question, find);
  const examples = withChannelsFirst(array, layout);
  const canStay = rows !== null && range === null && examples === array;
  return {
    ...described,
    ...(canStay ? { staysAbove: mostExamplesInMemory(process.env) } : {}),
    ...readingBytesOf(examples, described, range),
  };
}

function keptDescriptionOf(rows: RowsInFiles, question: ArrayQuestion, find: () => ArrayDescription): ArrayDescription {
  const isOfRows = ({ count, shape }: ArrayDescription) =>
    count <= rowCount(rows) && product(shape) === product(rows.shape);
  const known = (kept: SchemaOutput<typeof keptDescription>) => {
    const described = descriptionKept(kept);
    return isOfRows(described) ? described : null;
  };
  return keptSurvey({ of: 'description', rows, given: question }, keptDescription, known, find);
}

/** Some rows in the order of their file, which may be unpacked as it is read. @param trained places in `rows` */
function asTheyLie(rows: Uint32Array, trained: Uint32Array): { rows: Uint32Array; trained: Uint32Array } {
  const sorted = rows.slice().sort();
  const last = sorted.at(-1);
  if (last === undefined) return { rows: sorted, trained };
  const areTrained = new Uint8Array(last + 1);
  for (const place of trained) {
    const row = rows[place];
    if (row === undefined) throw new RangeError(`there is no row for the training example ${place}`);
    areTrained[row] = 1;
  }
  const places = new Uint32Array(trained.length);
  let found = 0;
  for (const [place, row] of sorted.entries()) if (areTrained[row] === 1) places[found++] = place;
  return { rows: sorted, trained: places };
}

/** Memory of a value while examples are read, if it is more than afterwards. */
function readingBytesOf(
  { type, inFiles, readingBytes }: OpenArray,
  { contents, valueBytes = Float32Array.BYTES_PER_ELEMENT }: ArrayDescription,
  range: GivenRange | null,
): { readonly readingBytes?: number } {
  const areBytes = contents?.numbers === 'bytes';
  const isMapped = range !== null && !areBytes;
  // Those in files are converted a piece at a time.
  const isCopied = isMapped || (inFiles === null && isConverted(type));
  const kept = areBytes ? 1 : valueBytes;
  const reading = isCopied || inFiles === null ? readingBytes + (isCopied ? kept : 0) : kept;
  return reading > kept ? { readingBytes: reading } : {};
}

function describeArray(
  array: OpenArray,
  { role, range = null, layout = null, used = EVERYTHING, select }: ArrayQuestion,
): ArrayDescription {
  if (role === 'examples') {
    const rows = usedRows(array, used, false);
    const examples = withChannelsFirst(array, layout);
    const count = rows?.length ?? examples.dims[0] ?? 0;
    const trained = trainedExamples(count, rows === null ? used : { ...used, shuffleSeed: null });
    const lying = rows === null ? { rows, trained } : asTheyLie(rows, trained);
    const survey = new ExampleSurvey([count, ...examples.dims.slice(1)], lying.trained);
    // A range is of all values, and a message names those that the file has.
    const pieces = range === null ? piecesOf(examples, lying.rows) : [examples.read(lying.rows)];
    for (const piece of pieces) survey.take(inGivenRange(piece, range).array.data);
    const { mostByte, ...described } = survey.description(array.path, { columns: null, classNames: null });
    // Who gives a range has said what bytes mean.
    const ofBytes = mostByte === undefined || range !== null ? {} : { mostByte };
    const doubts = rangeDoubts(range, mostByte === undefined ? described.high : mostByte / 255);
    return {
      ...described,
      ...ofBytes,
      ...(doubts.length === 0 ? {} : { doubts }),
      count: array.dims[0] ?? 0,
    };
  }
  const described = describedLabels(labelNumbers(array.read(null)), null, select, used);
  return { count: array.dims[0] ?? 0, shape: [], low: 0, high: described.classes - 1, ...described };
}
