import { allExperimentsIn, experimentsOf, isPassedOver, type Project } from '../../project/versioned-project.js';
import { lockedNames, lockPath } from '../../runtime/provenance/lock-file.js';
import type { Snapshot } from '../../runtime/provenance/snapshot.js';
import { lockAt } from './locked.js';

/** A lock file or section whose experiment is gone, or that is itself gone. */
export interface Gone {
  /** The lock's `.ae` file, relative to the project. */
  readonly file: string;
  /** The section's experiment; all of them for a whole lock file. */
  readonly title: string;
  /** A sentence: `experiments/e.ae.lock: its experiment is gone`. */
  readonly problem: string;
  readonly hint: string;
}

/**
 * Finds what a check of the working tree's experiments would miss: lock files and sections whose experiment is gone,
 * and locks that HEAD has and the working tree lacks. Removing or moving an experiment together with its lock is fine.
 *
 * @throws MissingObjectError
 */
export function goneLocks(snapshot: Snapshot, project: Project): readonly Gone[] {
  return [...withoutExperiment(snapshot, project), ...lockedInHead(snapshot, project)];
}

function withoutExperiment(snapshot: Snapshot, project: Project): readonly Gone[] {
  return lockedFiles(snapshot.paths(), project).flatMap((file): readonly Gone[] => {
    const path = lockPath(file);
    const names = namesLocked(snapshot, file);
    if (names === null) return [];
    if (snapshot.read(file) === null) {
      const hint = `restore ${file}, or remove ${path}`;
      return [{ file, title: names.join(', '), problem: `${path}: its experiment is gone`, hint }];
    }
    const there = experimentsOf(snapshot, file).map(({ name }) => name);
    return names
      .filter((name) => !there.includes(name))
      .map((name) => ({
        file,
        title: name,
        problem: `[${name}] in ${path}: no experiment of that name in ${file}`,
        hint: `restore it, or lock what the file has now: aedsl lock ${file}`,
      }));
  });
}

function lockedInHead(snapshot: Snapshot, project: Project): readonly Gone[] {
  const { repository } = project;
  const head = repository?.commit('HEAD') ?? null;
  if (repository === null || head === null) return [];
  return lockedFiles(repository.paths(head), project).flatMap((file): readonly Gone[] => {
    const path = lockPath(file);
    if (repository.leftOut.has(path)) return [];
    const now = namesLocked(snapshot, file);
    const before = lockedNames(new TextDecoder().decode(repository.read(head, path) ?? new Uint8Array()));
    const lost = before.filter((name) => !(now ?? []).includes(name) && isUnlocked(name, file, snapshot, project));
    const hint = `restore it: git checkout HEAD -- ${path}`;
    if (now === null && lost.length > 0) return [{ file, title: lost.join(', '), problem: `${path} is gone`, hint }];
    return lost.map((name) => ({ file, title: name, problem: `[${name}] is gone from ${path}`, hint }));
  });
}

/** Whether an experiment still exists, here or moved, without a lock. */
function isUnlocked(name: string, file: string, snapshot: Snapshot, { prefix }: Project): boolean {
  if (experimentsOf(snapshot, file).some((place) => place.name === name)) return true;
  const moved = allExperimentsIn(snapshot, prefix).filter((place) => place.name === name);
  return moved.length > 0 && moved.every((place) => !(namesLocked(snapshot, place.file) ?? []).includes(name));
}

function namesLocked(snapshot: Snapshot, file: string): readonly string[] | null {
  const locked = lockAt(snapshot, file);
  return locked.kind === 'none' ? null : lockedNames(locked.text);
}

function lockedFiles(paths: readonly string[], { prefix }: Project): readonly string[] {
  return paths
    .filter((path) => path.endsWith('.ae.lock') && path.startsWith(prefix) && !isPassedOver(path.slice(prefix.length)))
    .map((path) => path.slice(0, -'.lock'.length))
    .sort();
}
