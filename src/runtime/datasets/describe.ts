import type { FileDescription, FileRequest, Ruling, UsedExamples } from '../../compiler/library/word.js';
import { granted, problem, refused } from '../../compiler/library/word.js';
import { describeArrayFile, describeTensor } from './array_dataset.js';
import type { ArrayDescription } from './array_description.js';
import { DatasetError } from './dataset_error.js';
import { describeImages } from './picture_dataset.js';
import { pictureLook } from './pictures.js';
import { EVERYTHING } from './split.js';
import { describeTable } from './table_dataset.js';

/**
 * What the compiler has to know of a data file, whose path has been resolved. AE701: it can't be read; AE702: it is not
 * what it should be.
 */
export function describeFile(request: FileRequest, used: UsedExamples = EVERYTHING): Ruling<FileDescription> {
  try {
    const { shape, count, low, high, classes, contents, classPlaces, constants, doubts } = described(request, used);
    const range = { low, high, lowOpen: false, highOpen: false };
    return granted({
      shape,
      count,
      range,
      classes,
      ...(contents ? { contents } : {}),
      ...(classPlaces ? { classPlaces } : {}),
      ...(constants ? { constants } : {}),
      ...(doubts
        ? { doubts: doubts.map(({ message, hint }) => problem('AE514', message, { severity: 'warning', hint })) }
        : {}),
    });
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    const unread = error.reason === 'not_found' || error.reason === 'unreadable';
    return refused(unread ? 'AE701' : 'AE702', error.message, { hint: error.hint, argument: error.argument });
  }
}

function described(request: FileRequest, used: UsedExamples): ArrayDescription {
  switch (request.format) {
    case 'idx':
    case 'npy':
      return describeArrayFile(request.format, request.path, request.array ?? null, { ...request, used });
    case 'safetensors':
      return describeTensor(request.path, request.tensor, { ...request, used });
    case 'csv':
      return describeTable(request.path, request, request.range, used);
    case 'images':
      return describeImages(request.path, pictureLook(request), used);
  }
}
