import { realpathSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { hasErrors } from '../../compiler/diagnostics/diagnostic.js';
import { parse } from '../../compiler/syntax/parse.js';
import { Repository } from '../../runtime/provenance/repository.js';
import type { Snapshot } from '../../runtime/provenance/snapshot.js';
import { workingSnapshot } from '../../runtime/provenance/snapshot.js';

/** Where a person stands: the repository around the folder, if there is one, and the folder's place in it. */
export interface Project {
  readonly repository: Repository | null;
  readonly root: string;
  /** Of the folder in the project: empty, or `sub/folder/`. */
  readonly prefix: string;
}

export function projectAround(folder: string): Project {
  const repository = Repository.around(folder);
  // Git names the root without links.
  const real = realpathSync(folder);
  const root = repository?.root ?? real;
  const below = relative(root, real).split(sep).join('/');
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
