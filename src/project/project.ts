import { existsSync, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { isReallyWithin, realPath } from '../files/paths.js';
import { isSystemError } from '../files/system-error.js';
import { isResultsDatabase } from '../runtime/store/database-header.js';

/** Files and folders that mark a folder as a project. */
export type ProjectMark = '.git' | 'package.json' | 'results.db' | 'experiments';

/** The folder that experiments, their results and their data belong to. */
export interface ProjectFolder {
  /** Folder to search for experiments and to keep results in; a real path. */
  readonly folder: string;
  /** Null if nothing marks it and no folder above is a project. */
  readonly mark: ProjectMark | null;
  /** Folder that its experiments may read: the enclosing repository or package, if there is one. */
  readonly readable: string;
  /** Whether it is the home folder or above, which hold much besides experiments. */
  readonly isPersonal: boolean;
}

const resultsName = 'results.db';

/**
 * Finds the project that contains a folder: the nearest folder upwards with results; failing that, the nearest with a
 * git repository, a `package.json` or experiments in `experiments/`; failing that, the folder itself. The search ends
 * at a repository, at the home folder, and at shared folders such as `/tmp`, which never are projects.
 *
 * @param folder need not exist
 * @throws the system's error if a link or a folder above cannot be read
 */
export function findProject(folder: string): ProjectFolder {
  const start = realPath(resolve(folder));
  const above = foldersAbove(start);
  const strong = above.find((at) => has(at, '.git') || has(at, 'package.json'));
  const repository = above.findIndex((at) => has(at, '.git'));
  const within = repository < 0 ? above : above.slice(0, repository + 1);
  const found =
    within.find((at) => isResultsDatabase(join(at, resultsName))) ?? within.find((at) => markOf(at) !== null) ?? start;
  return {
    folder: found,
    mark: within.includes(found) ? markOf(found) : null,
    readable: strong ?? found,
    isPersonal: isPersonal(found),
  };
}

/** The project around a file, which need not exist. */
export function projectOfFile(path: string): ProjectFolder {
  return findProject(dirname(resolve(path)));
}

/** `/home/ada/faces (it has a git repository)`, for messages. */
export function describeProject({ folder, mark }: Pick<ProjectFolder, 'folder' | 'mark'>): string {
  switch (mark) {
    case '.git':
      return `${folder} (a git repository)`;
    case 'package.json':
      return `${folder} (it has a package.json)`;
    case 'results.db':
      return `${folder} (it has a results.db)`;
    case 'experiments':
      return `${folder} (it has experiments/)`;
    case null:
      return `${folder} (no folder above is a project)`;
  }
}

/** Makes a path relative to the current folder where that reads better. */
export function shownPath(path: string): string {
  const below = relative(process.cwd(), path) || '.';
  return below.length < path.length ? below : path;
}

/** The folder and its ancestors, up to where no project can be. */
function foldersAbove(start: string): readonly string[] {
  const found: string[] = [];
  for (let at = start; !isPersonal(at) && !isShared(at); at = dirname(at)) found.push(at);
  return found;
}

function isPersonal(folder: string): boolean {
  return dirname(folder) === folder || isReallyWithin(folder, homedir());
}

/** Whether anybody may create files there, as in `/tmp`. */
function isShared(folder: string): boolean {
  const mode = statSync(folder, { throwIfNoEntry: false })?.mode ?? 0;
  return (mode & 0o1002) === 0o1002;
}

function has(folder: string, name: string): boolean {
  return existsSync(join(folder, name));
}

function markOf(folder: string): ProjectMark | null {
  if (has(folder, '.git')) return '.git';
  if (has(folder, 'package.json')) return 'package.json';
  if (hasExperiments(join(folder, 'experiments'))) return 'experiments';
  return isResultsDatabase(join(folder, resultsName)) ? 'results.db' : null;
}

/** How deep an `.ae` file in `experiments/` may be to mark a project. */
const searchedLevels = 2;

function hasExperiments(folder: string, levels: number = searchedLevels): boolean {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    if (entries.some((entry) => entry.isFile() && entry.name.endsWith('.ae'))) return true;
    return (
      levels > 1 && entries.some((entry) => entry.isDirectory() && hasExperiments(join(folder, entry.name), levels - 1))
    );
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

/** The results database, and why this one. */
export interface ResultsPlace {
  /** Relative to the current folder. */
  readonly path: string;
  /** Completes a sentence: `AEDSL_DB names it`. */
  readonly reason: string;
}

/** The database named by AEDSL_DB, or else the `results.db` of the project. */
export function resultsPlace(project: ProjectFolder = findProject(process.cwd())): ResultsPlace {
  const named = process.env.AEDSL_DB ?? '';
  if (named !== '') return { path: named, reason: 'AEDSL_DB names it' };
  return {
    path: shownPath(join(project.folder, resultsName)),
    reason: `the project is ${describeProject(project)}`,
  };
}
