import { existsSync, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { isReallyWithin, realPath } from '../files/paths.js';
import { isSystemError } from '../files/system-error.js';
import { isResultsDatabase } from '../runtime/store/database-header.js';

/** What shows that a folder is a project. */
export type ProjectMark = '.git' | 'package.json' | 'results.db' | 'experiments';

/** The folder that experiments, their results and their data belong to. */
export interface ProjectFolder {
  /** Where experiments are looked for and results lie: a real path. */
  readonly folder: string;
  /** Null for a folder that is a project only because nothing above it is one. */
  readonly mark: ProjectMark | null;
  /** The folder that its experiments may read from: the repository or package around it, if there is one. */
  readonly readable: string;
  /** Whether it is the home folder or one above, which hold much that is no experiment's. */
  readonly isPersonal: boolean;
}

/** The name of the results database in a project's folder. */
export const resultsName = 'results.db';

/**
 * The project around a folder. It is the nearest folder upwards that has results; where none has, the nearest with a git
 * repository, a `package.json` or experiments in `experiments/`; else the folder itself. A repository ends the search, and so
 * do the home folder and shared ones such as `/tmp`, which are nobody's project, whatever is in them.
 *
 * @param folder that need not exist
 * @throws the system's error where a link or a folder above cannot be read
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

/** A path as a person would write it from where they stand. */
export function shownPath(path: string): string {
  const below = relative(process.cwd(), path) || '.';
  return below.length < path.length ? below : path;
}

/** Upwards from a folder, up to where no project can be. */
function foldersAbove(start: string): readonly string[] {
  const found: string[] = [];
  for (let at = start; !isPersonal(at) && !isShared(at); at = dirname(at)) found.push(at);
  return found;
}

function isPersonal(folder: string): boolean {
  return dirname(folder) === folder || isReallyWithin(folder, homedir());
}

/** Whether everybody may put files there, as into `/tmp`. */
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

/** Levels of `experiments/` in which a file shows that it is meant. */
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

/** Where results are, and who says so. */
export interface ResultsPlace {
  /** As one writes it from where one stands. */
  readonly path: string;
  /** The second half of a sentence: `AEDSL_DB names it`. */
  readonly reason: string;
}

/** The results of where one stands: the database that AEDSL_DB names, else the `results.db` of the project. */
export function resultsPlace(project: ProjectFolder = findProject(process.cwd())): ResultsPlace {
  const named = process.env.AEDSL_DB ?? '';
  if (named !== '') return { path: named, reason: 'AEDSL_DB names it' };
  return {
    path: shownPath(join(project.folder, resultsName)),
    reason: `the project is ${describeProject(project)}`,
  };
}
