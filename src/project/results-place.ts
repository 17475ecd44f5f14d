import { join } from 'node:path';
import { describeProject, findProject, type ProjectFolder, resultsName, shownPath } from './project.js';

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
