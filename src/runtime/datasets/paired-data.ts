import { createHash } from 'node:crypto';
import type { Dataset } from './dataset.js';
import { DatasetError } from './dataset-error.js';
import type { LoadedData } from './load.js';
import { type Precision, precisionFor } from './precision.js';
import { precisionOfRows } from './row-survey.js';
import { EVERYTHING, type Examples, type Split, type SplitRequest, split } from './split.js';
import { areDouble, areDrawn, areInMemory } from './stored-rows.js';

/** A data set that is yet to be read. */
interface SetToRead {
  /** Undefined for whatever the training examples need. */
  readonly precision: Precision | undefined;
}

/**
 * Reads data and their targets, and pairs them.
 * @param read reads one of the sets, divided; with a precision, in that instead of the set's own
 * @throws DatasetError as `read`; mismatch if they can't be paired
 */
export async function paired<T extends SetToRead>(
  parts: SplitRequest,
  read: (set: T, parts: SplitRequest, precision?: Precision) => Promise<LoadedData>,
  { data, target }: { readonly data: T; readonly target: T },
): Promise<LoadedData> {
  const own = await read(data, parts);
  if (parts.classes === undefined && parts.trainOn === undefined) return pairedData(own, await read(target, parts));
  // Only the data know the classes, by which examples of whole sets are chosen.
  const whole = own.isWhole ? own : await read(data, EVERYTHING, precisionOf(own.dataset));
  const divided = { ...whole, parts, ...split(whole.dataset, parts) };
  const { dataset } = await read(target, EVERYTHING, target.precision ?? 'double');
  const precision = target.precision ?? precisionOfTraining(dataset, divided.train.indices);
  const wanted = precision === precisionOf(dataset) ? dataset : (await read(target, EVERYTHING, precision)).dataset;
  return pairedData(divided, dividedAs(divided, wanted));
}

function precisionOf({ train: { values } }: Dataset): Precision {
  return areDouble(values) ? 'double' : 'single';
}

/** The precision that some examples need. @param dataset in double precision, unless it is one of bytes */
function precisionOfTraining({ name, shape, train: { count, values } }: Dataset, training: Uint32Array): Precision {
  const dims = [count, ...shape];
  if (areInMemory(values)) return precisionFor({ path: name, array: { dims, data: values } }, () => training);
  return areDrawn(values) ? 'single' : precisionOfRows(name, dims, values, training);
}

/**
 * Data whose examples each have a target, the example in the same place of another data set. Their checksum is that of
 * both: SHA-256 of the lines `aedsl-pair-1`, `data <sum>` and `target <sum>`, each ended by a line feed.
 *
 * @param target divided as the data are
 * @throws DatasetError mismatch if they can't be paired
 */
function pairedData(data: LoadedData, target: LoadedData): LoadedData {
  const [own, wanted] = [data.dataset, target.dataset];
  requireAsMany(own.name, wanted.name, data, target);
  const areNamedAlike = haveNamesInCommon(own, wanted);
  const paired = (part: keyof Split): Examples => {
    const { part: values, indices } = target[part];
    if (areNamedAlike) requireSameNames(data[part], target[part], wanted.name);
    return { ...data[part], target: { part: values, indices } };
  };
  const lines = ['aedsl-pair-1', `data ${own.checksum}`, `target ${wanted.checksum}`];
  const checksum = createHash('sha256')
    .update(`${lines.join('\n')}\n`)
    .digest('hex');
  return {
    ...data,
    dataset: { ...own, checksum },
    target: wanted,
    isWhole: data.isWhole && target.isWhole,
    train: paired('train'),
    validation: paired('validation'),
    test: paired('test'),
    measuredValidation: paired('measuredValidation'),
  };
}

/** Targets divided as their data are, whose classes choose which examples are used. */
function dividedAs(data: LoadedData, dataset: Dataset): LoadedData {
  const own = (part: keyof Split): Examples => {
    const isOfTest = part === 'test' && data.dataset.test !== null;
    const { indices } = data[part];
    return { part: isOfTest ? (dataset.test ?? dataset.train) : dataset.train, indices };
  };
  return {
    ...data,
    dataset,
    train: own('train'),
    validation: own('validation'),
    test: own('test'),
    measuredValidation: own('measuredValidation'),
  };
}

/** Whether some files of both have one name, but for its ending. */
function haveNamesInCommon(data: Dataset, target: Dataset): boolean {
  const namesOf = ({ train, test }: Dataset) => [train, test].flatMap((part) => part?.files?.map(stemOf) ?? []);
  const known = new Set(namesOf(data));
  return namesOf(target).some((name) => known.has(name));
}

/** @throws DatasetError mismatch for a file in the place of another */
function requireSameNames(data: Examples, target: Examples, name: string): void {
  for (const [i, index] of data.indices.entries()) {
    const own = data.part.files?.[index];
    const wanted = target.part.files?.[target.indices[i] ?? 0];
    if (own === undefined || wanted === undefined || stemOf(own) === stemOf(wanted)) continue;
    throw new DatasetError(
      'mismatch',
      name,
      `has ${wanted} in the place of ${own}`,
      'give a target for each picture under the name of the picture, or name none of them alike',
    );
  }
}

function stemOf(path: string): string {
  return path.replace(/\.[^./\\]*$/, '');
}

function requireAsMany(name: string, target: string, data: LoadedData, wanted: LoadedData): void {
  const counts = ({ dataset: { train, test } }: LoadedData) => `${train.count} and ${test?.count ?? 'none'}`;
  const parts = ['train', 'validation', 'test', 'measuredValidation'] as const;
  const isPaired = parts.every((part) => data[part].indices.length === wanted[part].indices.length);
  if (isPaired && (!data.isWhole || !wanted.isWhole || counts(data) === counts(wanted))) return;
  throw new DatasetError(
    'mismatch',
    target,
    `has ${counts(wanted)} examples to train on and to test, and the data '${name}' have ${counts(data)}`,
    'give a target for each example, in the same order',
  );
}
