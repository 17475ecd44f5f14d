import type { FileDescription, FileFormat, FileRequest } from '../../compiler/library/data-file.js';
import type { Result } from '../../compiler/library/word.js';
import { failed, ok } from '../../compiler/library/word.js';
import { type ArrayFormat, withArray } from './array-dataset.js';
import { DatasetError } from './dataset-error.js';
import { product } from './stored-array.js';

/** Most numbers of a file that may stand in an experiment. */
export const mostConstants = 2 ** 18;

/** Files of one array whose numbers stand in an experiment, as they are: bytes too. */
export function constantsFormat(format: ArrayFormat, names: RegExp): FileFormat<FileRequest> {
  return { areFolders: false, names, describe: ({ path }) => describedConstants(format, path) };
}

function describedConstants(format: ArrayFormat, path: string): Result<FileDescription> {
  try {
    return withArray(format, path, null, (array) => {
      const count = product(array.dims);
      if (count === 0 || count > mostConstants) {
        const message = `${path} has ${count.toLocaleString('en')} numbers, and an experiment takes 1 to ${mostConstants.toLocaleString('en')} of a file`;
        return failed('AE702', message);
      }
      const { data } = array.read(null).array;
      const values = Array.from({ length: count }, (_, i) => Math.fround(Number(data[i])));
      if (!values.every(Number.isFinite)) return failed('AE702', `${path} has numbers that are not finite`);
      const [low, high] = values.reduce(
        ([least, most], x) => [Math.min(least, x), Math.max(most, x)],
        [Infinity, -Infinity],
      );
      const range = { low: low ?? 0, high: high ?? 0, lowOpen: false, highOpen: false };
      return ok({ shape: array.dims.length === 0 ? [1] : array.dims, count: 1, range, classes: null, values });
    });
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    const unread = error.reason === 'not_found' || error.reason === 'unreadable';
    return failed(unread ? 'AE701' : 'AE702', error.message, { hint: error.hint });
  }
}
