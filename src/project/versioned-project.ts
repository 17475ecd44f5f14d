import { existsSync, statSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { hasErrors } from '../compiler/diagnostics/diagnostic.js';
import { splitReference } from '../compiler/resolve/resolve.js';
import { parse } from '../compiler/syntax/parse.js';
import { lockPath } from '../runtime/provenance/lock-file.js';
import { Repository } from '../runtime/provenance/repository.js';
import type { Snapshot } from '../runtime/provenance/snapshot.js';
import { workingSnapshot } from '../runtime/provenance/snapshot.js';
import { findProject } from './project.js';

/** A project with its enclosing repository, if there is one. */
export interface Project {
  readonly repository: Repository | null;
  /** The top folder of the repository, or of the project without one. */
  readonly root: string;
  /** The project's folder within the root: empty, or `sub/folder/`. */
  readonly prefix: string;
  /** Whether it is the home folder or above, which are not searched. */
  readonly isPersonal: boolean;
}

export function projectAround(folder: string): Project {
  const project = findProject(folder);
  const repository = Repository.around(project.folder);
  // Git resolves links in the root, so resolve them here too.
  const root = repository?.root ?? project.folder;
  const below = relative(root, project.folder).split(sep).join('/');
  return { repository, root, prefix: below === '' ? '' : `${below}/`, isPersonal: project.isPersonal };
}

/**
 * The project of some command-line words: that of the first `.ae` file or folder in another repository than the current
 * folder's; otherwise that of the current folder.
 */
export function projectOf(words: readonly string[]): Project {
  const here = projectAround(process.cwd());
  for (const word of words) {
    const [path] = existsSync(word) ? [word] : splitReference(word);
    const status = statSync(path, { throwIfNoEntry: false });
    if (status === undefined || !(status.isDirectory() || path.endsWith('.ae'))) continue;
    const its = projectAround(status.isDirectory() ? path : dirname(resolve(path)));
    if (its.root !== here.root) return its;
  }
  return here;
}

export function onDisk({ root, repository, isPersonal }: Project): Snapshot {
  return workingSnapshot(root, repository, isPersonal ? 1 : Number.POSITIVE_INFINITY);
}

/** An experiment by its location. */
export interface ExperimentPlace {
  /** Relative to the project, with `/`. */
  readonly file: string;
  readonly name: string;
}

/** The `.ae` files of a project, except in hidden folders and `node_modules`. */
export interface ExperimentFiles {
  /** Those below `experiments/` and those with a lock file; all files if there are none below `experiments/`. */
  readonly first: readonly string[];
  readonly others: readonly string[];
}

export function experimentFiles(snapshot: Snapshot, prefix: string): ExperimentFiles {
  const paths = snapshot.paths().filter((path) => path.startsWith(prefix) && !isPassedOver(path.slice(prefix.length)));
  const files = paths.filter((path) => path.endsWith('.ae'));
  const own = files.filter((path) => path.startsWith(`${prefix}experiments/`));
  if (own.length === 0) return { first: files, others: [] };
  const all = new Set(paths);
  const elsewhere = files.filter((path) => !path.startsWith(`${prefix}experiments/`));
  const isLocked = (path: string) => all.has(lockPath(path));
  return {
    first: [...own, ...elsewhere.filter(isLocked)],
    others: elsewhere.filter((path) => !isLocked(path)),
  };
}

export function isPassedOver(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('.') || part === 'node_modules');
}

/** The experiments of a project's first files. A broken file contributes what could be parsed. */
export function experimentsIn(snapshot: Snapshot, prefix: string): readonly ExperimentPlace[] {
  return experimentFiles(snapshot, prefix).first.flatMap((file) => experimentsOf(snapshot, file));
}

/** Like {@link experimentsIn}, for every file. */
export function allExperimentsIn(snapshot: Snapshot, prefix: string): readonly ExperimentPlace[] {
  const { first, others } = experimentFiles(snapshot, prefix);
  return [...first, ...others].flatMap((file) => experimentsOf(snapshot, file));
}

/** The experiments declared in a file. */
export function experimentsOf(snapshot: Snapshot, file: string): readonly ExperimentPlace[] {
  const bytes = snapshot.read(file);
  if (bytes === null) return [];
  const text = new TextDecoder().decode(bytes);
  const { value, diagnostics } = parse({ path: file, text });
  const parsed = (value?.experiments ?? []).map(({ name }) => name.name);
  const names = hasErrors(diagnostics) ? [...parsed, ...namesIn(text)] : parsed;
  return [...new Set(names)].filter((name) => name !== '').map((name) => ({ file, name }));
}

/** Guesses the experiments of a text that does not parse. */
function namesIn(text: string): readonly string[] {
  return [...text.matchAll(/^\s*experiment\s+([A-Za-z_]\w*)/gm)].map(([, name = '']) => name);
}
