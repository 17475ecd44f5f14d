import type { Dataset, Part } from '../runtime/datasets/dataset.js';
import type { LoadedData } from '../runtime/datasets/load.js';
import type { LoadOptions } from '../runtime/datasets/load-named-set.js';
import { type SplitRequest, split } from '../runtime/datasets/split.js';
import { type DataFiles, type DataRequest, type ExampleOptions, loadExamples, partsOf } from './data.js';

export interface SharedDataOptions extends LoadOptions, Pick<ExampleOptions, 'dataFolder'> {}

/** Data sets decoded once, in memory shared between threads, also by trials that split a set differently. */
export class SharedData {
  readonly #options: SharedDataOptions;
  readonly #sets = new Map<string, Promise<SharedSet>>();

  constructor(options: SharedDataOptions = {}) {
    this.#options = options;
  }

  /** @param files paths of the data files; see `dataFilesOf` @throws DatasetError */
  async load(request: DataRequest, files: DataFiles): Promise<LoadedData> {
    const { data } = request.ir;
    const parts = partsOf(data);
    const { word, arguments: given } = data.dataset;
    const key = JSON.stringify([files, word, given]);
    const first = await this.#once(key, request, files);
    const needed = JSON.stringify(parts);
    const { dataset, asked, division } =
      first.isWhole || first.asked === needed ? first : await this.#once(`${key} ${needed}`, request, files);
    const own = asked === needed ? division : parts;
    return { dataset, parts: own, isWhole: first.isWhole, ...split(dataset, own) };
  }

  #once(key: string, request: DataRequest, files: DataFiles): Promise<SharedSet> {
    const known = this.#sets.get(key);
    if (known !== undefined) return known;
    const loading = this.#read(request, files);
    this.#sets.set(key, loading);
    return loading;
  }

  async #read(request: DataRequest, files: DataFiles): Promise<SharedSet> {
    const asked = JSON.stringify(partsOf(request.ir.data));
    const { dataset, parts, isWhole } = await loadExamples(request, { ...this.#options, files });
    return { dataset: shared(dataset), asked, division: parts, isWhole };
  }
}

interface SharedSet {
  readonly dataset: Dataset;
  /** The split it was read for, as JSON. */
  readonly asked: string;
  /** How to derive that split from what was read. */
  readonly division: SplitRequest;
  /** Whether other splits can be derived too. */
  readonly isWhole: boolean;
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
