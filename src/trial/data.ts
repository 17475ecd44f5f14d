import { resolve } from 'node:path';
import type { CompiledExperiment } from '../compiler/compile.js';
import type { DataNode } from '../compiler/ir/experiment.js';
import { ownValue, type Value, type WordValue } from '../compiler/ir/value.js';
import type { Source } from '../compiler/syntax/source.js';
import { folderOutside, outsideHint, outsideOfProject } from '../project/project-folder.js';
import { resolveFrom } from '../project/world.js';
import type { TableFormat } from '../runtime/datasets/csv_arrays.js';
import { DatasetError } from '../runtime/datasets/dataset_error.js';
import type { GivenRange } from '../runtime/datasets/given_range.js';
import { type DatasetRequest, type LoadedData, loadData } from '../runtime/datasets/load.js';
import type { LoadOptions } from '../runtime/datasets/load_named_set.js';
import { type PictureLook, pictureLook } from '../runtime/datasets/pictures.js';
import { dataPlaces } from '../runtime/datasets/places.js';
import type { SplitRequest } from '../runtime/datasets/split.js';
import { builtinWords } from '../words/words.js';

/** What says which data an experiment takes, and where they are. */
export type DataRequest = Pick<CompiledExperiment, 'ir' | 'dataFrom'>;

/** Absolute places of data files, by the paths that the experiment names. */
export type DataFiles = Readonly<Record<string, string>>;

export interface ExampleOptions extends LoadOptions {
  /** Whether the experiment was read from results or a bundle, where anybody may have written any path. */
  readonly isStored?: boolean;
  /** In place of the experiment's own division. */
  readonly parts?: SplitRequest;
  /** Where the files were found, in place of what their paths mean. */
  readonly files?: DataFiles;
  /** A folder in place of AEDSL_DATA; null: that one. */
  readonly dataFolder?: string | null;
}

/**
 * Loads the examples that an experiment asks for.
 * @throws DatasetError, also for files outside of its project and the data folder
 */
export async function loadExamples({ ir, dataFrom }: DataRequest, options: ExampleOptions): Promise<LoadedData> {
  const request = requestOf(ir.data.dataset, dataFrom, options);
  const places = dataPlaces(process.env);
  return loadData(
    request,
    options.parts ?? partsOf(ir.data),
    { ...places, provided: options.dataFolder ?? places.provided },
    options,
  );
}

/** The paths of files and folders that a data set names. */
export function dataFileNames({ word, arguments: given }: WordValue): readonly string[] {
  const parameters = Object.entries(builtinWords.find('dataset', word)?.parameters ?? {});
  return parameters.flatMap(([name, parameter]) =>
    parameter.type === 'text' && parameter.path ? (textOf(given[name]?.value) ?? []) : [],
  );
}

/** Where the files of an experiment are that is compiled from where they are: what `loadExamples` reads. */
export function dataFilesOf({ ir, dataFrom }: DataRequest): DataFiles {
  return Object.fromEntries(dataFileNames(ir.data.dataset).map((name) => [name, resolve(resolveFrom(name, dataFrom))]));
}

/** Which examples an experiment uses for what. */
export function partsOf({ dataset, train, validation, test }: DataNode): SplitRequest {
  const shuffleSeed = dataset.arguments.shuffle_seed?.value;
  return { take: train, validation, test, shuffleSeed: typeof shuffleSeed === 'number' ? shuffleSeed : null };
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
  };
}

function requestOf(dataset: WordValue, from: Source, { files = {}, isStored = false }: ExampleOptions): DatasetRequest {
  return datasetRequest(dataset, (written) => {
    const found = ownValue(files, written);
    if (found !== undefined) return found;
    const place = resolveFrom(written, from);
    const outside = (dataset.word === 'images' ? folderOutside : outsideOfProject)(place, from, isStored);
    if (outside !== null) throw new DatasetError('unreadable', written, `cannot be read: ${outside}`, outsideHint);
    return place;
  });
}

/**
 * What the loaders are asked for by a data set's word.
 *
 * @param placeOf where a path that is written in it leads
 * @param features the columns of a table, by their names; null: those that the word leaves
 */
export function datasetRequest(
  { word, arguments: given }: WordValue,
  placeOf: (written: string) => string,
  features: readonly string[] | null = null,
): DatasetRequest {
  const text = (name: string): string | null => textOf(given[name]?.value);
  const path = (name: string): string | null => {
    const written = text(name);
    return written === null ? null : placeOf(written);
  };
  const range = rangeIn(given.range?.value);
  const layout = ownLayout(text('layout'));
  switch (word) {
    case 'mnist':
    case 'fashion_mnist':
    case 'digits':
      return { word };
    case 'idx':
      return {
        word,
        files: {
          range,
          examples: path('images') ?? '',
          labels: path('labels'),
          testExamples: path('test_images'),
          testLabels: path('test_labels'),
        },
      };
    case 'npy': {
      const arrays = {
        examples: text('array'),
        labels: text('labels_array'),
        testExamples: text('test_array'),
        testLabels: text('test_labels_array'),
      };
      const file = path('file') ?? '';
      const inArchive = (named: string | null, array: string | null) => named ?? (array === null ? null : file);
      return {
        word,
        files: {
          range,
          layout,
          arrays,
          examples: file,
          labels: inArchive(path('labels'), arrays.labels),
          testExamples: inArchive(path('test_file'), arrays.testExamples),
          testLabels: inArchive(path('test_labels'), arrays.testLabels),
        },
      };
    }
    case 'safetensors':
      return {
        word,
        tensors: {
          range,
          layout,
          path: path('file') ?? '',
          examples: text('tensor'),
          labels: text('labels'),
          testExamples: text('test_tensor'),
          testLabels: text('test_labels'),
        },
      };
    case 'csv':
      return {
        word,
        tables: {
          range,
          examples: path('file') ?? '',
          testExamples: path('test_file'),
          label: text('label'),
          drop: textsOf(given.drop?.value),
          ...tableFormat(given),
          features,
        },
      };
    case 'images':
      return {
        word,
        folders: { examples: path('folder') ?? '', testExamples: path('test_folder'), ...lookOf(given) },
      };
    default:
      throw new RangeError(`no loader reads the data set '${word}'`);
  }
}

/** What is done with every picture. */
function lookOf(given: WordValue['arguments']): PictureLook {
  const size: readonly unknown[] = Array.isArray(given.size?.value) ? given.size.value : [];
  const [height, width] = size;
  const background = given.background?.value;
  return pictureLook({
    ...(typeof height === 'number' && typeof width === 'number' && { size: [height, width] }),
    ...(typeof given.color?.value === 'string' && { color: given.color.value }),
    ...(typeof background === 'number' && { background }),
  });
}

/** What was said of how a table is written. */
function tableFormat(given: WordValue['arguments']): TableFormat {
  const texts = ['separator', 'decimal', 'thousands', 'comment', 'encoding', 'missing'].flatMap((name) => {
    const text = textOf(given[name]?.value);
    return text === null ? [] : [[name, text] as const];
  });
  const [header, fill] = [given.header?.value, given.fill?.value];
  return {
    ...Object.fromEntries(texts),
    ...(typeof header === 'boolean' && { header }),
    ...(typeof fill === 'number' && { fill }),
  };
}

function ownLayout(text: string | null): 'nchw' | 'nhwc' | null {
  return text === 'nchw' || text === 'nhwc' ? text : null;
}

function textOf(value: Value | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function textsOf(value: Value | undefined): readonly string[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  return items.filter((item) => typeof item === 'string');
}

function rangeIn(value: Value | undefined): GivenRange | null {
  const [low, high]: readonly unknown[] = Array.isArray(value) ? value : [];
  return typeof low === 'number' && typeof high === 'number' ? [low, high] : null;
}
