import type { FileDescription, FileRequest, Ruling } from '../../compiler/library/word.js';
import { granted, refused } from '../../compiler/library/word.js';
import { type ArrayFormat, describeArrayFile } from './array_dataset.js';
import { DatasetError } from './dataset_error.js';

/**
 * What the compiler has to know of a data file, whose path has been resolved. AE701: it can't be read; AE702: it is not
 * what it should be.
 */
export function describeFile(request: FileRequest): Ruling<FileDescription> {
  switch (request.format) {
    case 'idx':
    case 'npy':
      return describeArrays(request.format, request.path, request.role);
    case 'safetensors':
    case 'csv':
    case 'images':
      return refused('AE702', `${request.path}: data is read from idx and npy files, not from ${request.format}`);
  }
}

function describeArrays(format: ArrayFormat, path: string, role: 'examples' | 'labels'): Ruling<FileDescription> {
  try {
    const { shape, count, low, high, classes } = describeArrayFile(format, path, role);
    return granted({ shape, count, range: { low, high, lowOpen: false, highOpen: false }, classes });
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    const unread = error.reason === 'not_found' || error.reason === 'unreadable';
    return refused(unread ? 'AE701' : 'AE702', error.message, { hint: error.hint });
  }
}
