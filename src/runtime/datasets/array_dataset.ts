import { type ArrayFile, type ArrayPart, arrayPart, classLabels, countClasses } from './array_part.js';
import { datasetChecksum } from './checksum.js';
import type { Dataset } from './dataset.js';
import { DatasetError } from './dataset_error.js';
import { readContent } from './file_bytes.js';
import { decodeIdx } from './idx.js';
import { decodeNpy } from './npy.js';

export type ArrayFormat = 'idx' | 'npy';

/** Files, by path, gzipped or not. Whoever read them out of an `.ae` file has resolved them against its folder. */
export interface ArrayFiles {
  readonly examples: string;
  readonly labels: string | null;
  readonly testExamples: string | null;
  readonly testLabels: string | null;
}

/** @throws DatasetError not_found, unreadable, and whatever the format's decoder throws */
export function readArrayFile(format: ArrayFormat, path: string): ArrayFile {
  const content = readContent(path);
  return { path, array: format === 'idx' ? decodeIdx(content, path) : decodeNpy(content, path) };
}

/**
 * A data set out of files of arrays.
 *
 * @throws DatasetError not_found, unreadable, truncated, trailing_bytes, wrong_format, wrong_type, wrong_shape,
 *   wrong_value, mismatch
 */
export function loadArrays(format: ArrayFormat, files: ArrayFiles): Dataset {
  const read = (examples: string, labels: string | null): ArrayPart =>
    arrayPart(readArrayFile(format, examples), labels === null ? null : readArrayFile(format, labels));
  const train = read(files.examples, files.labels);
  const test = files.testExamples === null ? null : read(files.testExamples, files.testLabels);
  if (test !== null && test.shape.join() !== train.shape.join()) {
    throw new DatasetError(
      'mismatch',
      files.testExamples ?? '',
      `has examples of shape [${test.shape.join(', ')}], and ${files.examples} of [${train.shape.join(', ')}]`,
      'give a test part of the same shape',
    );
  }
  return {
    name: format,
    shape: train.shape,
    train,
    test,
    classes: train.classes === null ? null : Math.max(train.classes, test?.classes ?? 0),
    checksum: datasetChecksum(train.shape, {
      trainValues: train.valuesChecksum,
      trainLabels: train.labelsChecksum,
      testValues: test?.valuesChecksum ?? null,
      testLabels: test?.labelsChecksum ?? null,
    }),
  };
}

/** What has to be known of a file before it is trained on. */
export interface ArrayDescription {
  readonly count: number;
  /** Of one example, as the file has it. */
  readonly shape: readonly number[];
  /** The smallest and largest value; 0 and 1 for bytes, which stand for byte / 255. */
  readonly low: number;
  readonly high: number;
  /** One more than the largest label; null for examples. */
  readonly classes: number | null;
}

/** @throws DatasetError as `loadArrays` */
export function describeArrayFile(format: ArrayFormat, path: string, role: 'examples' | 'labels'): ArrayDescription {
  const file = readArrayFile(format, path);
  const [count = 0, ...shape] = file.array.dims;
  if (role === 'labels') {
    const labels = classLabels(file);
    return { count, shape, low: 0, high: countClasses(labels) - 1, classes: countClasses(labels) };
  }
  const { data } = file.array;
  if (data instanceof Uint8Array) return { count, shape, low: 0, high: 1, classes: null };
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of data) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { count, shape, low, high, classes: null };
}
