import type { Dataset, Part } from '../runtime/datasets/dataset.js';
import type { LoadedData } from '../runtime/datasets/load.js';
import type { LoadOptions } from '../runtime/datasets/load_named_set.js';
import { split } from '../runtime/datasets/split.js';
import { type DataFiles, type DataRequest, loadExamples, partsOf } from './data.js';

/** Of this set only the examples that are used are drawn. */
const drawn = 'digits';

/**
 * Data sets that are decoded once, in memory that threads share. Trials that divide a set differently share its examples
 * too.
 */
export class SharedData {
  readonly #options: LoadOptions;
  readonly #sets = new Map<string, Promise<Dataset>>();

  constructor(options: LoadOptions = {}) {
    this.#options = options;
  }

  /** @param files where they are; see `dataFilesOf` @throws DatasetError */
  async load(request: DataRequest, files: DataFiles): Promise<LoadedData> {
    const { data } = request.ir;
    const parts = partsOf(data);
    const { word, arguments: given } = data.dataset;
    const key = JSON.stringify([files, word, given, word === drawn ? parts : null]);
    const known = this.#sets.get(key);
    const loading = known ?? loadExamples(request, { ...this.#options, files }).then(({ dataset }) => shared(dataset));
    if (!known) this.#sets.set(key, loading);
    const dataset = await loading;
    return { dataset, ...split(dataset, parts) };
  }
}

function shared(dataset: Dataset): Dataset {
  return { ...dataset, train: sharedPart(dataset.train), test: dataset.test && sharedPart(dataset.test) };
}

function sharedPart({ count, values, labels }: Part): Part {
  return { count, values: sharedArray(values), labels: labels && sharedArray(labels) };
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
