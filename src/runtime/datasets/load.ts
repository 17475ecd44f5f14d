import type { ArgumentsOf, Parameters } from '../../compiler/library/parameter.js';
import type { DatasetWord } from '../../compiler/library/word.js';
import type { ConditionRequest } from './condition-column.js';
import type { Dataset } from './dataset.js';
import type { ReadSet } from './dataset-of-parts.js';
import type { LoadOptions } from './load-named-set.js';
import type { NamedSet } from './named-set.js';
import type { DataPlaces } from './places.js';
import { type Split, type SplitRequest, split } from './split.js';

/** A data set with how it is read. */
export interface ReadDataset<P extends Parameters = Parameters> extends DatasetWord<P> {
  /** The published files, which can be fetched; absent for a data set of the user's own files. */
  readonly published?: NamedSet;
  /** @throws DatasetError */
  load(args: ArgumentsOf<P>, reading: Reading): ReadSet | Promise<ReadSet>;
}

/** How a data set is to be read. */
export interface Reading {
  /** Resolves a path as written in an experiment. */
  placeOf(written: string): string;
  /** The split; of large files and many pictures, only the examples it uses are read. */
  readonly parts: SplitRequest;
  readonly places: DataPlaces;
  readonly options: LoadOptions;
  /** A table's columns, by name; null: those the word leaves. */
  readonly features: readonly string[] | null;
  /** A table's columns that are conditions, with what they were in training; null: those the word names. */
  readonly conditions: readonly ConditionRequest[] | null;
}

/** Makes a resolver for optional paths; null stays null. */
export function placeIn(placeOf: Reading['placeOf']): (written: string | null) => string | null {
  return (written) => (written === null ? null : placeOf(written));
}

/** Reads a data set whose word and arguments are known. */
export type DatasetRequest = (reading: Pick<Reading, 'parts' | 'places' | 'options'>) => ReadSet | Promise<ReadSet>;

export interface LoadedData extends Split {
  readonly dataset: Dataset;
  /** The data set of their targets; null if each example is its own. */
  readonly target: Dataset | null;
  /** The split of `dataset`: as requested, unless only the examples in use were read, in their order. */
  readonly parts: SplitRequest;
  /** Whether `dataset` has all examples there are, so that it can be divided otherwise too. */
  readonly isWhole: boolean;
}

/**
 * Loads a data set and splits it. Generates only the examples that the split needs; of large files and many pictures,
 * reads only those.
 *
 * @throws DatasetError see the loaders and `split`
 */
export async function loadData(
  request: DatasetRequest,
  parts: SplitRequest,
  places: DataPlaces,
  options: LoadOptions = {},
): Promise<LoadedData> {
  const { dataset, isWhole, division } = await request({ parts, places, options });
  return { dataset, target: null, parts: division, isWhole, ...split(dataset, division) };
}
