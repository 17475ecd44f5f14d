import type { FileDescription, UsedExamples } from '../../compiler/library/data-file.js';
import type { Result } from '../../compiler/library/word.js';
import { failed, ok, problem } from '../../compiler/library/word.js';
import type { ArrayDescription } from './array-description.js';
import { DatasetError } from './dataset-error.js';
import { EVERYTHING } from './split.js';

/**
 * Turns a format reader's description of a data file into the compiler's. AE701: the file can't be read; AE702: its
 * content is wrong.
 */
export function describedFile(
  used: UsedExamples | undefined,
  describe: (used: UsedExamples) => ArrayDescription,
): Result<FileDescription> {
  try {
    const described = describe(used ?? EVERYTHING);
    const {
      shape,
      count,
      low,
      high,
      classes,
      contents,
      classPlaces,
      selected,
      mostByte,
      constants,
      conditions,
      indicators,
      doubts,
      staysAbove,
      valueBytes,
      readingBytes,
    } = described;
    const range = { low, high, lowOpen: false, highOpen: false };
    return ok({
      shape,
      count,
      range,
      classes,
      ...(contents ? { contents } : {}),
      ...(classPlaces ? { classPlaces } : {}),
      ...(selected ? { selected } : {}),
      ...(mostByte === undefined ? {} : { mostByte }),
      ...(constants ? { constants } : {}),
      ...(conditions ? { conditions } : {}),
      ...(indicators ? { indicators } : {}),
      ...(staysAbove === undefined ? {} : { staysAbove }),
      ...(valueBytes === undefined ? {} : { valueBytes }),
      ...(readingBytes === undefined ? {} : { readingBytes }),
      ...(doubts
        ? { doubts: doubts.map(({ message, hint }) => problem('AE514', message, { severity: 'warning', hint })) }
        : {}),
    });
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    const unread = error.reason === 'not_found' || error.reason === 'unreadable';
    return failed(unread ? 'AE701' : 'AE702', error.message, { hint: error.hint, argument: error.argument });
  }
}
