import { type ArrayFiles, loadArrays, loadTensors, type TensorNames } from './array_dataset.js';
import type { Dataset } from './dataset.js';
import type { ReadSet } from './dataset_of_parts.js';
import { DIGITS_TEST, DIGITS_TRAIN, loadDigits } from './digits/digits.js';
import { type LoadOptions, loadNamedSet } from './load_named_set.js';
import { NAMED_SETS } from './named_set.js';
import { type ImageFolders, loadImages } from './picture_dataset.js';
import type { DataPlaces } from './places.js';
import { type Split, type SplitRequest, split } from './split.js';
import { loadTables, type TableFiles } from './table_dataset.js';

/** A data set by the word that asks for it. */
export type DatasetRequest =
  | { readonly word: 'mnist' | 'fashion_mnist' | 'digits' }
  | { readonly word: 'idx' | 'npy'; readonly files: ArrayFiles }
  | { readonly word: 'safetensors'; readonly tensors: TensorNames }
  | { readonly word: 'csv'; readonly tables: TableFiles }
  | { readonly word: 'images'; readonly folders: ImageFolders };

export interface LoadedData extends Split {
  readonly dataset: Dataset;
  /** How `dataset` was divided: as it was asked for, unless only the examples that are used were read, in their order. */
  readonly parts: SplitRequest;
  /** Whether `dataset` has all examples there are, so that it can be divided otherwise too. */
  readonly isWhole: boolean;
}

/**
 * Loads a data set and divides it. Of `digits` only what the division needs is drawn, and of large files and
 * many pictures only that is read.
 *
 * @throws DatasetError see the loaders and `split`
 */
export async function loadData(
  request: DatasetRequest,
  parts: SplitRequest,
  places: DataPlaces,
  options: LoadOptions = {},
): Promise<LoadedData> {
  const { dataset, isWhole, division } = await loadDataset(request, parts, places, options);
  return { dataset, parts: division, isWhole, ...split(dataset, division) };
}

async function loadDataset(
  request: DatasetRequest,
  parts: SplitRequest,
  places: DataPlaces,
  options: LoadOptions,
): Promise<ReadSet> {
  const { precision } = options;
  switch (request.word) {
    case 'mnist':
    case 'fashion_mnist':
      return { dataset: await loadNamedSet(NAMED_SETS[request.word], places, options), isWhole: true, division: parts };
    case 'digits':
      return { dataset: loadDigits(...neededDigits(parts)), isWhole: false, division: parts };
    case 'idx':
    case 'npy':
      return loadArrays(request.word, { ...request.files, precision }, parts);
    case 'safetensors':
      return loadTensors({ ...request.tensors, precision }, parts);
    case 'csv':
      return loadTables({ ...request.tables, precision }, parts);
    case 'images':
      return loadImages(request.folders, parts);
  }
}

function neededDigits({ take, validation, test, shuffleSeed }: SplitRequest): [number | undefined, number | undefined] {
  const all = take === null || take < 1 || shuffleSeed !== null || take + validation > DIGITS_TRAIN;
  return [all ? undefined : take + validation, test === null ? undefined : Math.min(test, DIGITS_TEST)];
}
