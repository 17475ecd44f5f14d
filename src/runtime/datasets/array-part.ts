import { arrayChecksum, valueDims } from './checksum.js';
import { countClasses } from './class-labels.js';
import type { Part } from './dataset.js';
import { DatasetError } from './dataset-error.js';
import { type Precision, valuesIn } from './precision.js';
import { valuesOfRows } from './row-reader.js';
import type { SurveyedRows } from './row-survey.js';
import { describedDims, type StoredArray } from './stored-array.js';

/** An array that was read from a file. */
export interface ArrayFile {
  readonly path: string;
  readonly array: StoredArray;
}

/** Examples out of files, with what a data set needs to know of them. */
export interface ArrayPart extends Part {
  /** Shape of one example: [channels, height, width] or [features]. */
  readonly shape: readonly number[];
  readonly classes: number | null;
  readonly valuesChecksum: string;
  readonly labelsChecksum: string | null;
}

/**
 * Puts examples and labels together. [n, features] are features, [n, height, width] images with one channel,
 * [n, channels, height, width] images.
 *
 * @param labelPath for messages
 * @throws DatasetError wrong_shape, mismatch
 */
export function arrayPart(
  examples: ArrayFile | SurveyedRows,
  labels: Uint8Array | Int32Array | null,
  labelPath: string,
  precision: Precision,
): ArrayPart {
  const { count, shape } = exampleShape(examples.path, 'inFiles' in examples ? examples.dims : examples.array.dims);
  if (labels !== null && labels.length !== count) {
    throw new DatasetError(
      'mismatch',
      labelPath,
      `has ${labels.length} labels for the ${count} examples of ${examples.path}`,
      'give the labels that belong to the examples',
    );
  }
  const labelled = {
    count,
    shape,
    labels,
    classes: labels === null ? null : countClasses(labels),
    labelsChecksum: labels === null ? null : arrayChecksum([count], labels),
  };
  if ('inFiles' in examples) {
    const { path, inFiles, stay, checksum } = examples;
    const values = stay ? inFiles : valuesOfRows(inFiles, valueDims(count, shape), path);
    return { ...labelled, values, valuesChecksum: checksum };
  }
  const values = valuesIn(precision, examples.array.data, examples.path);
  return { ...labelled, values, valuesChecksum: arrayChecksum(valueDims(count, shape), values) };
}

/** @throws DatasetError wrong_shape */
export function exampleShape(path: string, dims: readonly number[]): { count: number; shape: readonly number[] } {
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
