/**
 * Finds a project, its experiments, its data and its results, and the world that the compiler reads them through.
 *
 * @module
 */
export { type DefinedInFile, definedInFile, definedInProject } from '../project/defined-words.js';
export { type CopiedFile, copyExamples, type Example, examples } from '../project/examples.js';
export {
  type FoundExperiment,
  findExperiment,
  type ListedExperiment,
  listExperiments,
  namedExperiment,
  UnreadableExperimentError,
} from '../project/experiments.js';
export { type CiName, ciNames, type StartedFile, type StartedProject, startProject } from '../project/new-project.js';
export { readParams } from '../project/params.js';
export {
  describeProject,
  findProject,
  type ProjectFolder,
  type ProjectMark,
  type ResultsPlace,
  resultsPlace,
  shownPath,
} from '../project/project.js';
export { compileTyped, type TypedOptions } from '../project/recipe.js';
export { type RecordedIn, recordedIn } from '../project/recorded-place.js';
export { type PlacedPaths, placeTypedPaths, type Typed } from '../project/typed-paths.js';
export { UsageError } from '../project/usage-error.js';
export { type Project, projectOf } from '../project/versioned-project.js';
export { fileWorld, mostSourceBytes, readSourceFile } from '../project/world.js';
export { olderDatabases } from '../runtime/store/older-database.js';
