import { type Dirent, existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { Source } from '../compiler/syntax/source.js';
import { isReallyWithin, realPath } from '../files/paths.js';
import { isSystemError, systemReason } from '../files/system-error.js';
import { isPattern, matchingFiles } from '../runtime/datasets/shards.js';
import { findProject } from './project.js';

export const outsideHint = 'copy it into the project, or let AEDSL_DATA name the folder of your data';

/**
 * Says why an `.ae` file may not read a path, as the second half of a sentence; null if it may. Experiments are
 * untrusted data: they read only within their project and the data folder. Symbolic links are resolved first.
 *
 * @param isStored whether `from` was read from results or a bundle. Its path is then untrusted, so its folder counts
 *   only if the file exists.
 */
export function outsideOfProject(place: string, from: Pick<Source, 'path'>, isStored = false): string | null {
  if (place.includes('\0')) return 'no name of a file has a null byte';
  try {
    const data = process.env.AEDSL_DATA;
    if (data && isReallyWithin(data, place)) return null;
    const file = resolve(from.path);
    const folder = isStored && !existsSync(file) ? process.cwd() : dirname(file);
    const project = findProject(folder);
    const { readable } = project;
    const real = realPath(place);
    const what = resolve(place) === real ? 'it is' : `it leads to ${real},`;
    if (!isReallyWithin(readable, place)) {
      return `${what} outside the project (${readable}) and the data folder AEDSL_DATA`;
    }
    const parts = relative(readable, real).split(sep);
    if (parts.some((part) => part.toLowerCase() === '.git')) return `${what} in git's own folder`;
    if (!project.isPersonal || (parts.length === 1 && !parts[0]?.startsWith('.'))) return null;
    return `${what} not beside the experiment, and ${readable} is not a project`;
  } catch (error) {
    if (isSystemError(error)) return systemReason(error);
    throw error;
  }
}

/** Like {@link outsideOfProject}, for a data file, or for all files that a pattern names. */
export function dataFileOutside(place: string, from: Pick<Source, 'path'>, isStored = false): string | null {
  const outside = outsideOfProject(place, from, isStored);
  if (outside !== null || !isPattern(place)) return outside;
  for (const file of matchingFiles(place)) {
    const problem = outsideOfProject(file, from, isStored);
    if (problem !== null) return `'${basename(file)}': ${problem}`;
  }
  return null;
}

/**
 * Like {@link outsideOfProject}, for a folder whose files are read, up to two levels deep: no link in it may lead out
 * either.
 */
export function folderOutside(place: string, from: Pick<Source, 'path'>, isStored = false): string | null {
  const outside = outsideOfProject(place, from, isStored);
  if (outside !== null) return outside;
  for (const link of linksBelow(place)) {
    const problem = outsideOfProject(link, from, isStored);
    // The folder itself has passed, so only a link in it can lead out.
    if (problem !== null) return `in it, '${relative(place, link)}': ${problem}`;
  }
  return null;
}

/**
 * Yields the links in a folder and its subfolders, each before its target is entered, so that no folder is read before
 * its link was checked.
 */
function* linksBelow(folder: string, depth = 2): Iterable<string> {
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (entry.isSymbolicLink()) yield path;
    if (depth > 1 && (entry.isDirectory() || entry.isSymbolicLink())) yield* linksBelow(path, depth - 1);
  }
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    // The reader of the images reports a broken folder; a link may also lead to a file.
    if (isSystemError(error)) return [];
    throw error;
  }
}
