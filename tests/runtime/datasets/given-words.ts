import type { Value } from '../../../src/compiler/ir/value.js';
import type { FileDescription, FileRequest } from '../../../src/compiler/library/data-file.js';
import type { Result } from '../../../src/compiler/library/word.js';
import type { Corruption } from '../../../src/runtime/datasets/corruption.js';
import type { DatasetRequest } from '../../../src/runtime/datasets/load.js';
import {
  type CropTransform,
  type FittedNumbers,
  isCrop,
  isPixelTransform,
  type PixelTransform,
  type Transform,
  type TransformRequest,
} from '../../../src/runtime/datasets/transform.js';
import { corruptionAt } from '../../../src/runtime/training/corruption.js';
import { transformOf } from '../../../src/runtime/training/data-words.js';
import { datasetRequest } from '../../../src/trial/data.js';
import { builtinWords } from '../../../src/words/words.js';
import { wordValue } from '../../compiler/library/word-value.js';

type Given = Readonly<Record<string, Value>>;

/** What the word of a format says of a file. */
export function describeFile<R extends FileRequest>(request: R): Result<FileDescription> {
  const format = builtinWords.find('dataset', request.format)?.format;
  if (!format) throw new RangeError(`no word reads '${request.format}'`);
  return format.describe(request);
}

/** What reads a data set, whose paths are what they say. */
export function datasetOf(word: string, given: Given = {}): DatasetRequest {
  return datasetRequest(wordValue('dataset', word, given), builtinWords, (path) => path);
}

/** A corruption with its arguments. */
export function corruptionOf(word: string, given: Given): Corruption {
  return corruptionAt(wordValue('corruption', word, given), builtinWords)({ epoch: 0, step: 0, epochs: 1, steps: 1 });
}

/** A transform as it is written. */
export function requestOf(word: string, given: Given = {}): TransformRequest {
  return transformOf(wordValue('transform', word, given), builtinWords);
}

/** A transform with the numbers that it would take from the training part. */
export function transformWith(
  word: string,
  given: Given = {},
  numbers: Readonly<Record<string, FittedNumbers>> = {},
): Transform {
  const request = requestOf(word, given);
  return isPixelTransform(request) ? request : request.fitted(numbers);
}

export function pixelsOf(word: string, given: Given): PixelTransform {
  const request = requestOf(word, given);
  if (!isPixelTransform(request)) throw new RangeError(`'${word}' moves no pixels`);
  return request;
}

export function cropOf(word: string, given: Given): CropTransform {
  const request = requestOf(word, given);
  if (!isCrop(request)) throw new RangeError(`'${word}' is no crop`);
  return request;
}
