import { resolve } from 'node:path';
import type { CompiledExperiment } from '../compiler/compile.js';
import type { DataNode } from '../compiler/ir/experiment.js';
import { ownValue, plainArguments, type Value, type WordValue } from '../compiler/ir/value.js';
import type { ClassChoice } from '../compiler/library/data-file.js';
import { knownWord } from '../compiler/library/library.js';
import { type Parameters, typedArguments } from '../compiler/library/parameter.js';
import type { Source } from '../compiler/syntax/source.js';
import { dataFileOutside, folderOutside, outsideHint } from '../project/project-folder.js';
import { resolveFrom } from '../project/world.js';
import type { ConditionRequest } from '../runtime/datasets/condition-column.js';
import { mostExamplesInMemory } from '../runtime/datasets/data-memory.js';
import { DatasetError } from '../runtime/datasets/dataset-error.js';
import { type DatasetRequest, type LoadedData, loadData } from '../runtime/datasets/load.js';
import type { LoadOptions } from '../runtime/datasets/load-named-set.js';
import { paired } from '../runtime/datasets/paired-data.js';
import { dataPlaces } from '../runtime/datasets/places.js';
import type { Precision } from '../runtime/datasets/precision.js';
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
  /** Precision of targets from files; by default, whatever those of the training examples need. */
  readonly targetPrecision?: Precision | undefined;
  /** Replaces AEDSL_DATA; null for that. */
  readonly dataFolder?: string | null;
}

/** Loads an experiment's examples. @throws DatasetError, also for files outside its project and the data folder */
export async function loadExamples(data: DataRequest, options: ExampleOptions): Promise<LoadedData> {
  const { data: node, target } = data.ir;
  const parts = options.parts ?? partsOf(node);
  const load = (set: NodeToLoad, divided: SplitRequest, precision = set.precision) =>
    loadSet(set.node.dataset, data, divided, { ...options, precision });
  const own = { node, precision: options.precision };
  if (target === null) return load(own, parts);
  return paired(parts, load, { data: own, target: { node: target, precision: options.targetPrecision } });
}

interface NodeToLoad {
  readonly node: DataNode;
  readonly precision: Precision | undefined;
}

/** Loads the examples of one data set: the data, or their targets. @throws as {@link loadExamples} */
export async function loadSet(
  dataset: WordValue,
  request: DataRequest,
  parts: SplitRequest,
  options: ExampleOptions,
): Promise<LoadedData> {
  const places = dataPlaces(process.env);
  const provided = options.dataFolder ?? places.provided;
  return loadData(
    requestOf(dataset, request, options),
    parts,
    { ...places, provided },
    {
      ...options,
      mostInMemory: mostExamplesInMemory(process.env),
    },
  );
}

/** The paths of files and folders that the data and their target name. */
export function dataFileNames({ ir, library }: Pick<DataRequest, 'ir' | 'library'>): readonly string[] {
  return [...new Set(nodesOf(ir).flatMap(({ dataset }) => pathsOf(dataset, library)))];
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

function pathsOf({ word, arguments: given }: WordValue, library: Words): readonly string[] {
  const parameters: Parameters = knownWord(library, 'dataset', word).parameters;
  return Object.entries(parameters).flatMap(([name, parameter]) =>
    parameter.type === 'text' && parameter.path ? (textOf(given[name]?.value) ?? []) : [],
  );
}

function nodesOf({ data, target }: DataRequest['ir']): readonly DataNode[] {
  return target === null ? [data] : [data, target];
}

function requestOf(
  dataset: WordValue,
  { dataFrom: from, library }: DataRequest,
  { files = {}, isStored = false }: ExampleOptions,
): DatasetRequest {
  const outsideOf = outsideOfSet(dataset, library);
  return datasetRequest(dataset, library, (written) => {
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

/** Why a file or folder may not be read; null if it may. */
type OutsideOf = (place: string, from: Pick<Source, 'path'>, isStored?: boolean) => string | null;

/** The rule for a file or folder that the data or their target name; the rules of both, if both name it. */
export function dataOutside({ ir, library }: DataRequest, name: string): OutsideOf {
  const rules = nodesOf(ir)
    .filter(({ dataset }) => pathsOf(dataset, library).includes(name))
    .map(({ dataset }) => outsideOfSet(dataset, library));
  return (place, from, isStored) =>
    rules.map((outside) => outside(place, from, isStored)).find((problem) => problem !== null) ?? null;
}

function outsideOfSet({ word }: WordValue, library: Words): OutsideOf {
  return knownWord(library, 'dataset', word).format?.areFolders === true ? folderOutside : dataFileOutside;
}

function textOf(value: Value | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
