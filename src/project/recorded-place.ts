import { existsSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, normalize, parse, relative, resolve, sep } from 'node:path';
import { isReallyWithin, realPath } from '../files/paths.js';
import { findProject } from './project.js';

/** Where to look for a recorded run's files. All paths are absolute, so that other processes can use them. */
export interface RecordedIn {
  /** The database or the bundle that the run is recorded in. */
  readonly path: string;
  /** Folder given by `--data-folder`; null if not given. */
  readonly dataFolder: string | null;
  /** The current folder. */
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
 * The path of an `.ae` file as results store it: relative to their project, so that both can be moved together;
 * absolute for a file of another project.
 */
export function recordedPath(path: string, database: string): string {
  if (!existsSync(path)) return path;
  const { folder } = findProject(dirname(resolve(database)));
  // Keep a link to an experiment, but resolve the folders above it.
  const place = join(realPath(dirname(resolve(path))), basename(path));
  return isReallyWithin(folder, dirname(place)) ? relative(folder, place).split(sep).join('/') : place;
}

/**
 * Candidate paths for a file of a recorded run, most likely first: the recorded path, then every suffix of it below the
 * results' project and the current one, because projects move and data folders differ.
 *
 * @param path as recorded
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

/** The first candidate that exists; if none does, the recorded path. */
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
