import { relative, sep } from 'node:path';
import { hasErrors } from '../../compiler/diagnostics/diagnostic.js';
import { parse } from '../../compiler/syntax/parse.js';
import { Repository } from '../../runtime/provenance/repository.js';
import type { Snapshot } from '../../runtime/provenance/snapshot.js';
import { workingSnapshot } from '../../runtime/provenance/snapshot.js';
import { findProject } from '../project/project.js';

/** A project with the repository that it is in, if there is one. */
export interface Project {
  readonly repository: Repository | null;
  /** The top folder of the repository; without one, the project's. */
  readonly root: string;
  /** The project's folder in the root: empty, or `sub/folder/`. */
  readonly prefix: string;
}

/** The project around a folder, with its history. */
export function projectAround(folder: string): Project {
  const project = findProject(folder);
  const repository = Repository.around(project.folder);
  // Git names the root without links, and so is the project.
  const root = repository?.root ?? project.folder;
  const below = relative(root, project.folder).split(sep).join('/');
  return { repository, root, prefix: below === '' ? '' : `${below}/` };
}

export function onDisk({ root, repository }: Project): Snapshot {
  return workingSnapshot(root, repository);
}

/** An experiment by where it is written. */
export interface Place {
  /** In the project, with `/`. */
  readonly file: string;
  readonly name: string;
}

/**
 * The experiments of a snapshot: those below `experiments/` of the person's folder, or where there are none, all below the
 * folder. A file that does not parse has those whose beginning could be read.
 */
export function experimentsIn(snapshot: Snapshot, prefix: string): readonly Place[] {
  const files = snapshot.paths().filter((path) => path.endsWith('.ae') && path.startsWith(prefix));
  const own = files.filter((path) => path.startsWith(`${prefix}experiments/`));
  return (own.length > 0 ? own : files).flatMap((file) => experimentsOf(snapshot, file));
}

/** The experiments that one file declares. */
export function experimentsOf(snapshot: Snapshot, file: string): readonly Place[] {
  const bytes = snapshot.read(file);
  if (bytes === null) return [];
  const text = new TextDecoder().decode(bytes);
  const { value, diagnostics } = parse({ path: file, text });
  const parsed = (value?.experiments ?? []).map(({ name }) => name.name);
  const names = hasErrors(diagnostics) ? [...parsed, ...namesIn(text)] : parsed;
  return [...new Set(names)].filter((name) => name !== '').map((name) => ({ file, name }));
}

/** What a text that does not parse seems to declare. */
function namesIn(text: string): readonly string[] {
  return [...text.matchAll(/^\s*experiment\s+([A-Za-z_]\w*)/gm)].map(([, name = '']) => name);
}
