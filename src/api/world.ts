import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { refused } from '../compiler/library/word.js';
import { decodeSource } from '../compiler/syntax/decode.js';
import type { Source } from '../compiler/syntax/source.js';
import type { World } from '../compiler/world.js';
import { FileError, readRegularFile } from '../files/read-file.js';
import { describeFile } from '../runtime/datasets/describe.js';

/** A file beyond this is no experiment. */
const mostBytes = 16 * 1024 * 1024;

/**
 * The compiler's view of the disk: `.ae` files, and the heads of data files, within the project and the data folder.
 *
 * @param project its folder; null: the one around each file
 */
export function fileWorld(project: string | null = null): World {
  return {
    readSource: (path, from) => readSource(resolveFrom(path, from), from, project),
    describeFile: (from) => (request) => {
      const place = resolveFrom(request.path, from);
      const outside = outsideOf(place, from, project);
      if (outside !== null) return refused('AE701', `cannot read '${request.path}': ${outside}`);
      return describeFile({ ...request, path: place });
    },
  };
}

/** Paths in a file are relative to the file. */
export function resolveFrom(path: string, from: Source): string {
  return isAbsolute(path) ? path : resolve(dirname(from.path), path);
}

export function readSourceFile(path: string): Source | { readonly problem: string } {
  try {
    const text = decodeSource(readRegularFile(path, mostBytes));
    return typeof text === 'string' ? { path, text } : text;
  } catch (error) {
    if (error instanceof FileError) return { problem: error.problem };
    throw error;
  }
}

function readSource(place: string, from: Source, project: string | null): Source | { readonly problem: string } {
  const outside = outsideOf(place, from, project);
  return outside === null ? readSourceFile(place) : { problem: outside };
}

/** An `.ae` file is data: it reads only within its project and the data folder. */
function outsideOf(place: string, from: Source, project: string | null): string | null {
  const allowed = [
    project ?? projectOf(dirname(resolve(from.path))),
    ...(process.env.AEDSL_DATA ? [process.env.AEDSL_DATA] : []),
  ];
  const inside = allowed.some((folder) => {
    const path = relative(resolve(folder), place);
    return path === '' || (!path.startsWith('..') && !isAbsolute(path));
  });
  return inside ? null : `it is outside of the project (${allowed[0]}) and of the data folder AEDSL_DATA`;
}

/** The nearest folder above that is a project's root, else the folder itself. */
function projectOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git')) || existsSync(join(at, 'package.json'))) return at;
    if (dirname(at) === at) return folder;
  }
}
