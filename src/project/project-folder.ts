import { type Dirent, existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Source } from '../compiler/syntax/source.js';
import { isReallyWithin, realPath } from '../files/paths.js';
import { isSystemError, systemReason } from '../files/system-error.js';
import { findProject } from './project.js';

export const outsideHint = 'copy it into the project, or let AEDSL_DATA name the folder of your data';

/**
 * Why an `.ae` file may not read a place, as the second half of a sentence; null where it may. It is data and comes from
 * anybody, so that it reads only within its project and the data folder. Links count as what they lead to.
 *
 * @param isStored whether `from` was read from results or a bundle: its folder then counts only when its file is there,
 *   because the path is whatever somebody wrote
 */
export function outsideOfProject(place: string, from: Pick<Source, 'path'>, isStored = false): string | null {
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
      return `${what} outside of the project (${readable}) and of the data folder AEDSL_DATA`;
    }
    const parts = relative(readable, real).split(sep);
    if (parts.some((part) => part.toLowerCase() === '.git')) return `${what} in git's own folder`;
    if (!project.isPersonal || (parts.length === 1 && !parts[0]?.startsWith('.'))) return null;
    return `${what} not beside the experiment, and ${readable} is no project`;
  } catch (error) {
    if (isSystemError(error)) return systemReason(error);
    throw error;
  }
}

/** As {@link outsideOfProject}, for a folder of files or of folders of files: no link in it leads out either. */
export function folderOutside(place: string, from: Pick<Source, 'path'>, isStored = false): string | null {
  const outside = outsideOfProject(place, from, isStored);
  if (outside !== null) return outside;
  for (const link of linksBelow(place)) {
    const problem = outsideOfProject(link, from, isStored);
    // What is in the folder itself is in the project, so that it can be said of links alone.
    if (problem !== null) return `in it, '${relative(place, link)}': ${problem}`;
  }
  return null;
}

/**
 * Links in a folder and the folders in it, each before what it leads to: whoever takes them one by one looks into no folder that
 * was not judged before.
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
    // Whoever reads the images says what is wrong with the folder; a link may lead to a file.
    if (isSystemError(error)) return [];
    throw error;
  }
}
