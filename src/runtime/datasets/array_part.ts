import { arrayChecksum, valueDims } from './checksum.js';
import type { Part } from './dataset.js';
import { DatasetError } from './dataset_error.js';
import { type Precision, valuesIn } from './precision.js';
import { describedDims, type StoredArray } from './stored_array.js';

/** An array that was read from a file. */
export interface ArrayFile {
  readonly path: string;
  readonly array: StoredArray;
}

/** Examples out of files, with what a data set needs to know of them. */
export interface ArrayPart extends Part {
  /** Of one example: [channels, height, width] or [features]. */
  readonly shape: readonly number[];
  readonly classes: number | null;
  readonly valuesChecksum: string;
  readonly labelsChecksum: string | null;
}

/**
 * Puts examples and labels together. [n, features] are features, [n, height, width] images with one channel,
 * [n, channels, height, width] images.
 *
 * @throws DatasetError wrong_shape, wrong_type, wrong_value, mismatch
 */
export function arrayPart(examples: ArrayFile, labelFile: ArrayFile | null, precision: Precision): ArrayPart {
  const { count, shape } = exampleShape(examples);
  const values = valuesIn(precision, examples.array.data, examples.path);
  const labels = labelFile === null ? null : classLabels(labelFile);
  if (labels !== null && labels.length !== count) {
    throw new DatasetError(
      'mismatch',
      labelFile?.path ?? examples.path,
      `has ${labels.length} labels for the ${count} examples of ${examples.path}`,
      'give the labels that belong to the examples',
    );
  }
  return {
    count,
    shape,
    values,
    labels,
    classes: labels === null ? null : countClasses(labels),
    valuesChecksum: arrayChecksum(valueDims(count, shape), values),
    labelsChecksum: labels === null ? null : arrayChecksum([count], labels),
  };
}

function exampleShape({ path, array: { dims } }: ArrayFile): { count: number; shape: readonly number[] } {
  const [count = 0, ...rest] = dims;
  if (dims.length < 2 || dims.length > 4) {
    const problem = `is an array of shape ${describedDims(dims)}, which is no list of examples`;
    const hint = 'give [n, features], [n, height, width] or [n, channels, height, width]';
    throw new DatasetError('wrong_shape', path, problem, hint);
  }
  if (dims.includes(0)) {
    throw new DatasetError('wrong_shape', path, `is empty: its shape is ${describedDims(dims)}`, 'give some examples');
  }
  return { count, shape: rest.length === 2 ? [1, ...rest] : rest };
}

/**
 * The labels of a file, whole numbers from 0; as bytes where they fit.
 *
 * @throws DatasetError wrong_shape, wrong_type, wrong_value
 */
export function classLabels({ path, array: { dims, data } }: ArrayFile): Uint8Array | Int32Array {
  if (dims.length !== 1) {
    const problem = `is an array of shape ${describedDims(dims)}, which is no list of labels`;
    throw new DatasetError('wrong_shape', path, problem, 'give [n], one class for each example');
  }
  const large = data instanceof Float64Array ? data.findIndex((label) => (label | 0) !== label) : -1;
  if (large >= 0 && Number.isInteger(data[large])) {
    const problem = `element ${large} is ${data[large]}, outside of 32-bit integers`;
    throw new DatasetError('wrong_value', path, problem, 'count the classes from 0');
  }
  if (data instanceof Float32Array || data instanceof Float64Array) {
    throw new DatasetError('wrong_type', path, 'has real numbers for labels', 'save the labels as integers');
  }
  const negative = data.findIndex((label) => label < 0);
  if (negative >= 0) {
    const problem = `label ${negative} is ${data[negative]}`;
    throw new DatasetError('wrong_value', path, problem, 'count the classes from 0');
  }
  return data.every((label) => label < 256) ? Uint8Array.from(data) : data;
}

/** One more than the largest label. */
export function countClasses(labels: Uint8Array | Int32Array): number {
  let largest = -1;
  for (const label of labels) largest = Math.max(largest, label);
  return largest + 1;
}
