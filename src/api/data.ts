import type { DataNode } from '../compiler/ir/experiment.js';
import type { Value } from '../compiler/ir/value.js';
import type { Source } from '../compiler/syntax/source.js';
import { type DatasetRequest, type LoadedData, loadData } from '../runtime/datasets/load.js';
import type { LoadOptions } from '../runtime/datasets/load_named_set.js';
import { dataPlaces } from '../runtime/datasets/places.js';
import { resolveFrom } from './world.js';

/**
 * Loads the examples that an experiment asks for.
 * @param from the file whose folder its paths are relative to
 * @throws DatasetError
 */
export function loadExamples(data: DataNode, from: Source, options: LoadOptions): Promise<LoadedData> {
  const { dataset } = data;
  const shuffleSeed = dataset.arguments.shuffle_seed?.value;
  const parts = {
    take: data.train,
    validation: data.validation,
    test: data.test,
    shuffleSeed: typeof shuffleSeed === 'number' ? shuffleSeed : null,
  };
  const text = (name: string): string | null => {
    const value: Value | undefined = dataset.arguments[name]?.value;
    return typeof value === 'string' ? resolveFrom(value, from) : null;
  };
  return loadData(requestOf(dataset.word, text), parts, dataPlaces(process.env), options);
}

function requestOf(word: string, path: (argument: string) => string | null): DatasetRequest {
  switch (word) {
    case 'mnist':
    case 'fashion_mnist':
    case 'digits':
      return { word };
    case 'idx':
      return {
        word,
        files: {
          examples: path('images') ?? '',
          labels: path('labels'),
          testExamples: path('test_images'),
          testLabels: path('test_labels'),
        },
      };
    case 'npy':
      return {
        word,
        files: {
          examples: path('file') ?? '',
          labels: path('labels'),
          testExamples: path('test_file'),
          testLabels: path('test_labels'),
        },
      };
    default:
      throw new RangeError(`no loader reads the data set '${word}'`);
  }
}
