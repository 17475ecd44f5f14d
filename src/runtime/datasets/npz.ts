import { unzipSync } from 'fflate';
import { byteText } from '../../files/read-file.js';
import { leastUnpackedBytes, mostDataBytes, mostUnpackedRatio } from './data_limits.js';
import { DatasetError, someOf } from './dataset_error.js';

/** Names that are listed; an archive of NumPy has a handful. */
const mostNames = 10_000;

/**
 * The `.npy` file of one array in an archive that `numpy.savez` wrote.
 *
 * @param name of the array; null where there is one alone
 * @throws DatasetError wrong_format, too_large; unknown_name for an array that isn't there, or that has to be named
 */
export function arrayInNpz(archive: Uint8Array, name: string | null, path: string): Uint8Array {
  const sizes = new Map<string, number>();
  unzip(archive, path, (file) => {
    if (sizes.size < mostNames && file.name.endsWith('.npy')) sizes.set(file.name.slice(0, -4), file.originalSize);
    return false;
  });
  const names = [...sizes.keys()];
  const wanted = name ?? (names.length === 1 ? names[0] : undefined);
  if (wanted === undefined) {
    const problem = `has ${names.length} arrays: ${someOf(names)}`;
    throw new DatasetError('unknown_name', path, problem, 'name one, as in array="x_train"');
  }
  const size = sizes.get(wanted);
  if (size === undefined) {
    throw new DatasetError(
      'unknown_name',
      path,
      `has no array '${wanted.slice(0, 40)}'`,
      `its arrays are ${someOf(names)}`,
    );
  }
  const most = Math.min(mostDataBytes, Math.max(leastUnpackedBytes, archive.length * mostUnpackedRatio));
  if (size > most) {
    const problem = `unpacks to ${byteText(size)}, more than the limit of ${byteText(most)} for an archive of its size`;
    throw new DatasetError('too_large', path, problem, 'save it with numpy.save');
  }
  const file = unzip(archive, path, (file) => file.name === `${wanted}.npy`)[`${wanted}.npy`];
  if (file === undefined || file.length !== size) throw damaged(path);
  return file;
}

function unzip(
  archive: Uint8Array,
  path: string,
  filter: (file: { readonly name: string; readonly originalSize: number }) => boolean,
): Readonly<Record<string, Uint8Array>> {
  try {
    return unzipSync(archive, { filter });
  } catch (error) {
    throw damaged(path, error);
  }
}

function damaged(path: string, cause?: unknown): DatasetError {
  return new DatasetError('wrong_format', path, 'is a damaged archive', 'copy or save it again', { cause });
}
