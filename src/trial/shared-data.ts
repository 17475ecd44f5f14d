import type { ConditionColumn } from '../runtime/datasets/condition-column.js';
import type { Dataset, Part } from '../runtime/datasets/dataset.js';
import type { LoadedData } from '../runtime/datasets/load.js';
import type { LoadOptions } from '../runtime/datasets/load-named-set.js';
import type { Examples, Split } from '../runtime/datasets/split.js';
import { areInMemory } from '../runtime/datasets/stored-rows.js';
import { type DataFiles, type DataRequest, type ExampleOptions, loadExamples, partsOf } from './data.js';

export interface SharedDataOptions extends LoadOptions, Pick<ExampleOptions, 'dataFolder'> {}

/**
 * Data sets in memory shared between threads. Trials with the same data share what was read once; equal sets that were
 * read for different splits take their memory once.
 */
export class SharedData {
  readonly #options: SharedDataOptions;
  readonly #loaded = new Map<string, Promise<LoadedData>>();
  /** By the checksum. */
  readonly #examples = new Map<string, SharedExamples>();

  constructor(options: SharedDataOptions = {}) {
    this.#options = options;
  }

  /** @param files paths of the data files; see `dataFilesOf` @throws DatasetError */
  load(request: DataRequest, files: DataFiles): Promise<LoadedData> {
    const { data, target } = request.ir;
    const words = [data, target].map((set) => set && [set.dataset.word, set.dataset.arguments]);
    // The training examples decide the precision of numbers, so a set depends on its split.
    const key = JSON.stringify([files, words, partsOf(data)]);
    const known = this.#loaded.get(key);
    if (known !== undefined) return known;
    const loading = this.#read(request, files);
    this.#loaded.set(key, loading);
    return loading;
  }

  async #read(request: DataRequest, files: DataFiles): Promise<LoadedData> {
    const loaded = await loadExamples(request, { ...this.#options, files });
    const places = new Map<Part, Part>();
    const dataset = this.#placed(loaded.dataset, places);
    const target = loaded.target && this.#placed(loaded.target, places);
    const moved = (part: Part): Part => places.get(part) ?? part;
    const examplesOf = (name: keyof Split): Examples => {
      const { part, target: wanted, ...examples } = loaded[name];
      const targets = wanted && { target: { ...wanted, part: moved(wanted.part) } };
      return { ...examples, part: moved(part), ...targets };
    };
    return {
      ...loaded,
      dataset,
      target,
      train: examplesOf('train'),
      validation: examplesOf('validation'),
      test: examplesOf('test'),
      measuredValidation: examplesOf('measuredValidation'),
    };
  }

  /** A data set in shared memory. @param places receives its parts, by where they were */
  #placed(dataset: Dataset, places: Map<Part, Part>): Dataset {
    const { train, test } = this.#examples.get(dataset.checksum) ?? shared(dataset);
    this.#examples.set(dataset.checksum, { train, test });
    places.set(dataset.train, train);
    if (dataset.test !== null && test !== null) places.set(dataset.test, test);
    return { ...dataset, train, test };
  }
}

type SharedExamples = Pick<Dataset, 'train' | 'test'>;

function shared({ train, test }: Dataset): SharedExamples {
  return { train: sharedPart(train), test: test && sharedPart(test) };
}

function sharedPart({ count, values, labels, conditions }: Part): Part {
  return {
    count,
    values: areInMemory(values) ? sharedArray(values) : values,
    labels: labels && sharedArray(labels),
    ...(conditions && { conditions: conditions.map(sharedColumn) }),
  };
}

function sharedColumn(column: ConditionColumn): ConditionColumn {
  return column.kind === 'number'
    ? { ...column, values: sharedArray(column.values) }
    : { ...column, values: sharedArray(column.values) };
}

type Numbers = Uint8Array | Float32Array | Float64Array | Int32Array;

function sharedArray<T extends Numbers>(values: T): T;
function sharedArray(values: Numbers): Numbers {
  const memory = new SharedArrayBuffer(values.byteLength);
  new Uint8Array(memory).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  if (values instanceof Float32Array) return new Float32Array(memory);
  if (values instanceof Float64Array) return new Float64Array(memory);
  return values instanceof Int32Array ? new Int32Array(memory) : new Uint8Array(memory);
}
