import { resolve } from 'node:path';
import type { CompiledExperiment } from '../compiler/compile.js';
import type { DataNode } from '../compiler/ir/experiment.js';
import { ownValue, plainArguments, type Value, type WordValue } from '../compiler/ir/value.js';
import { knownWord } from '../compiler/library/library.js';
import { type Parameters, typedArguments } from '../compiler/library/parameter.js';
import type { ClassChoice } from '../compiler/library/word.js';
import type { Source } from '../compiler/syntax/source.js';
import { folderOutside, outsideHint, outsideOfProject } from '../project/project-folder.js';
import { resolveFrom } from '../project/world.js';
import type { ConditionRequest } from '../runtime/datasets/condition-column.js';
import { DatasetError } from '../runtime/datasets/dataset-error.js';
import { type DatasetRequest, type LoadedData, loadData } from '../runtime/datasets/load.js';
import type { LoadOptions } from '../runtime/datasets/load-named-set.js';
import { dataPlaces } from '../runtime/datasets/places.js';
import type { SplitRequest } from '../runtime/datasets/split.js';
import type { Words } from '../words/word.js';

/** The inputs that determine an experiment's data. */
export interface DataRequest extends Pick<CompiledExperiment, 'ir' | 'dataFrom'> {
  /** The words it was compiled with. */
  readonly library: Words;
}

/** Absolute paths of data files, by the paths in the experiment. */
export type DataFiles = Readonly<Record<string, string>>;

export interface ExampleOptions extends LoadOptions {
  /** Whether the experiment comes from results or a bundle, whose paths are untrusted. */
  readonly isStored?: boolean;
  /** Replaces the experiment's split. */
  readonly parts?: SplitRequest;
  /** Paths at which the files were found; override the recorded ones. */
  readonly files?: DataFiles;
  /** Replaces AEDSL_DATA; null for that. */
  readonly dataFolder?: string | null;
}

/** Loads an experiment's examples. @throws DatasetError, also for files outside its project and the data folder */
export async function loadExamples(data: DataRequest, options: ExampleOptions): Promise<LoadedData> {
  const request = requestOf(data, options);
  const places = dataPlaces(process.env);
  return loadData(
    request,
    options.parts ?? partsOf(data.ir.data),
    { ...places, provided: options.dataFolder ?? places.provided },
    options,
  );
}

/** The paths of files and folders that a data set names. */
export function dataFileNames({ ir, library }: Pick<DataRequest, 'ir' | 'library'>): readonly string[] {
  const { word, arguments: given } = ir.data.dataset;
  const parameters: Parameters = knownWord(library, 'dataset', word).parameters;
  return Object.entries(parameters).flatMap(([name, parameter]) =>
    parameter.type === 'text' && parameter.path ? (textOf(given[name]?.value) ?? []) : [],
  );
}

/** Paths of an experiment's data files, as `loadExamples` resolves them when nothing overrides them. */
export function dataFilesOf(request: DataRequest): DataFiles {
  return Object.fromEntries(dataFileNames(request).map((name) => [name, resolve(resolveFrom(name, request.dataFrom))]));
}

/** The split of an experiment's examples. */
export function partsOf({ dataset, train, validation, test }: DataNode): SplitRequest {
  const shuffleSeed = dataset.arguments.shuffle_seed?.value;
  return {
    take: train,
    validation,
    test,
    shuffleSeed: typeof shuffleSeed === 'number' ? shuffleSeed : null,
    ...classesOf(dataset),
  };
}

/** How a data set's word alone divides it: nothing that it doesn't say. */
export function partsOfWord({ arguments: given }: WordValue): SplitRequest {
  const whole = (name: string): number | null => {
    const value = given[name]?.value;
    return typeof value === 'number' ? value : null;
  };
  return {
    take: whole('take'),
    validation: whole('validation') ?? 0,
    test: whole('test'),
    shuffleSeed: whole('shuffle_seed'),
    ...classesOf({ arguments: given }),
  };
}

/** The classes that a data set's word uses. */
export function classesOf({ arguments: given }: Pick<WordValue, 'arguments'>): ClassChoice {
  const named = (name: string): readonly string[] | undefined => {
    const value = given[name]?.value;
    return Array.isArray(value) && value.length > 0 ? value.map(String) : undefined;
  };
  const [classes, trainOn] = [named('classes'), named('train_on')];
  return { ...(classes && { classes }), ...(trainOn && { trainOn }) };
}

function requestOf(request: DataRequest, { files = {}, isStored = false }: ExampleOptions): DatasetRequest {
  const { ir, dataFrom: from, library } = request;
  const outsideOf = dataOutside(request);
  return datasetRequest(ir.data.dataset, library, (written) => {
    const found = ownValue(files, written);
    if (found !== undefined) return found;
    const place = resolveFrom(written, from);
    const outside = outsideOf(place, from, isStored);
    if (outside !== null) throw new DatasetError('unreadable', written, `cannot be read: ${outside}`, outsideHint);
    return place;
  });
}

/**
 * Prepares to read a data set's word.
 *
 * @param placeOf resolves a path written in the word's arguments
 * @param features a table's columns, by name; null: those the word leaves
 * @param conditions those of its columns that are conditions; null: those the word names
 */
export function datasetRequest(
  { word: name, arguments: given }: WordValue,
  words: Words,
  placeOf: (written: string) => string,
  features: readonly string[] | null = null,
  conditions: readonly ConditionRequest[] | null = null,
): DatasetRequest {
  const word = knownWord(words, 'dataset', name);
  const args = typedArguments(word.parameters, plainArguments(given));
  return (reading) => word.load(args, { ...reading, placeOf, features, conditions });
}

/** Why a file or folder of a data set may not be read; null if it may. */
export function dataOutside({
  ir,
  library,
}: DataRequest): (place: string, from: Pick<Source, 'path'>, isStored?: boolean) => string | null {
  return knownWord(library, 'dataset', ir.data.dataset.word).format?.areFolders === true
    ? folderOutside
    : outsideOfProject;
}

function textOf(value: Value | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
