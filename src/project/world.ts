import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { failed } from '../compiler/library/word.js';
import { decodeSource } from '../compiler/syntax/decode.js';
import type { Source } from '../compiler/syntax/source.js';
import type { World } from '../compiler/world.js';
import { realPath } from '../files/paths.js';
import { FileError, readRegularFile } from '../files/read-file.js';
import { isSystemError, systemReason } from '../files/system-error.js';
import { type BackendName, defaultBackend } from '../runtime/backend/backend.js';
import { mostMemory, physicalMemory } from '../runtime/backend/most-memory.js';
import { dataFileOutside, folderOutside, outsideHint, outsideOfProject } from './project-folder.js';

/** Largest `.ae` file that is read. */
export const mostSourceBytes = 16 * 1024 * 1024;

/** Bytes of examples that are looked through in a moment. */
const mostUnannounced = 2 ** 29;

/** Sources by their real path that take the place of what the disk has, such as those that are open in an editor. */
export type OpenTexts = Pick<ReadonlyMap<string, Source>, 'get'>;

/**
 * The compiler's view of this machine: `.ae` files and the heads of data files, within the project and the data folder,
 * and the memory that a backend can use.
 * @param onLarge called before a data file or folder is looked through that takes seconds
 */
export function fileWorld(
  backend: BackendName | 'auto' = 'auto',
  open: OpenTexts = new Map(),
  onLarge: (path: string, bytes: number) => void = () => {},
): World {
  return {
    memory: mostMemory(backend === 'auto' ? defaultBackend : backend),
    machineMemory: physicalMemory(),
    readSource: (path, from) => readNamed(path, from, '.ae', open),
    readTable: (path, from) => (from === null ? readSourceFile(path) : readNamed(path, from, '.csv', open)),
    pathSeenFrom: (base, path, from) => {
      if (isAbsolute(path) || resolve(dirname(from.path)) === resolve(dirname(base.path))) return path;
      return pathAsSeenFrom(base, resolveFrom(path, from));
    },
    describeFile: (from) => (request, used, format) => {
      const place = resolveFrom(request.path, from);
      const outside = format.areFolders ? folderOutside(place, from) : dataFileOutside(place, from);
      if (outside !== null) return failed('AE701', `cannot read '${request.path}': ${outside}`, { hint: outsideHint });
      return format.describe({ ...request, path: place }, used, (bytes) => {
        if (bytes > mostUnannounced) onLarge(request.path, bytes);
      });
    },
  };
}

/** Resolves a path relative to the file that names it. */
export function resolveFrom(path: string, from: Source): string {
  return isAbsolute(path) ? path : resolve(dirname(from.path), path);
}

/** A place as a file names it. */
export function pathAsSeenFrom(file: Pick<Source, 'path'>, place: string): string {
  const folder = resolve(dirname(file.path));
  // Results record an experiment's real path, from which a path through a link would lead elsewhere.
  return realPath(folder) === folder ? relative(folder, place).split(sep).join('/') : place;
}

/**
 * Reads an `.ae` file named by the user. Links to files of other kinds are refused, as diagnostics quote what they
 * read.
 */
export function readSourceFile(path: string): Source | { readonly problem: string } {
  try {
    const real = realPath(path);
    if (path.endsWith('.ae') && !real.endsWith('.ae'))
      return { problem: `it is a link to ${real}, which is not an .ae file` };
    const text = decodeSource(readRegularFile(path, mostSourceBytes));
    return typeof text === 'string' ? { path, text } : text;
  } catch (error) {
    if (error instanceof FileError) return { problem: error.problem };
    if (isSystemError(error)) return { problem: systemReason(error) };
    throw error;
  }
}

/** Why files with another ending are refused: diagnostics quote what is read. */
export const wrongEnding = {
  '.ae': 'experiments are in .ae files',
  '.csv': 'trials are in .csv files',
} as const;

function readNamed(
  path: string,
  from: Source,
  ending: '.ae' | '.csv',
  open: OpenTexts,
): Source | { readonly problem: string } {
  const place = resolveFrom(path, from);
  const outside = outsideOfProject(place, from);
  if (outside !== null) return { problem: outside };
  if (!place.endsWith(ending)) return { problem: wrongEnding[ending] };
  const real = realPath(place);
  if (!real.endsWith(ending)) return { problem: `it is a link to ${real}, which is not a ${ending} file` };
  const text = open.get(real);
  if (text !== undefined) return text;
  // Name it in messages as the file that it was found from is named.
  return readSourceFile(isAbsolute(from.path) ? place : relative(process.cwd(), place));
}
