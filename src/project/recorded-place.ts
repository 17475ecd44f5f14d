import { existsSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, normalize, parse, relative, resolve, sep } from 'node:path';
import { isReallyWithin, realPath } from '../files/paths.js';
import { findProject } from './project.js';

/**
 * Where the files of a recorded run may be. All paths are absolute, so that other processes can look for them too.
 */
export interface RecordedIn {
  /** The database or the bundle that the run is recorded in. */
  readonly path: string;
  /** Where the person says that the data are; null where they say nothing. */
  readonly dataFolder: string | null;
  /** Where the person stands. */
  readonly here: string;
}

/** @param dataFolder as `--data-folder` names it */
export function recordedIn(path: string, dataFolder: string | null = null): RecordedIn {
  return {
    path: resolve(path),
    dataFolder: dataFolder === null ? null : resolve(dataFolder),
    here: process.cwd(),
  };
}

/**
 * The path of an `.ae` file as results keep it: relative to their project, so that they can be moved together, and absolute
 * for a file of another project.
 */
export function recordedPath(path: string, database: string): string {
  if (!existsSync(path)) return path;
  const { folder } = findProject(dirname(resolve(database)));
  // A link to an experiment is where the link is; the folders above are what they lead to.
  const place = join(realPath(dirname(resolve(path))), basename(path));
  return isReallyWithin(folder, dirname(place)) ? relative(folder, place).split(sep).join('/') : place;
}

/**
 * The places where a file of a recorded run may be, most likely first: where it was, then in the project of the results and in
 * that of where one stands under any end of its path, because projects are moved and data are kept in other folders.
 *
 * @param path as the results have it
 */
export function recordedPlaces(path: string, { path: container, dataFolder, here }: RecordedIn): readonly string[] {
  const beside = dirname(container);
  const projects = [findProject(beside).folder, findProject(here).folder];
  const written = isAbsolute(path) ? [path] : [...projects, here].map((folder) => join(folder, path));
  const provided = process.env.AEDSL_DATA ?? '';
  const folders = [...projects, beside, here, ...(provided === '' ? [] : [resolve(provided)])];
  return [
    ...new Set([
      ...(dataFolder === null ? [] : endsWithin(dataFolder, path)),
      ...written,
      ...folders.flatMap((folder) => endsWithin(folder, path)),
    ]),
  ];
}

/** The first of its places where something is; where nothing is, the one that it was recorded with. */
export function recordedPlace(path: string, where: RecordedIn): string {
  const places = recordedPlaces(path, { ...where, dataFolder: null });
  return places.find((place) => existsSync(place)) ?? places[0] ?? path;
}

/** `folder/data/x.csv`, `folder/x.csv` */
function endsWithin(folder: string, path: string): readonly string[] {
  const parts = normalize(path)
    .slice(parse(path).root.length)
    .split(sep)
    .filter((part) => part !== '..' && part !== '.' && part !== '');
  return parts.map((_, i) => join(folder, ...parts.slice(i)));
}
