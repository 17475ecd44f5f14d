import { join } from 'node:path';
import { isReallyWithin, realPath } from '../../files/paths.js';
import { writeFile } from '../../files/write-file.js';
import { UsageError } from '../../project/usage-error.js';
import { type ExperimentPlace, experimentsOf, onDisk, type Project } from '../../project/versioned-project.js';
import {
  formatLock,
  LockError,
  type LockFile,
  type LockSection,
  lockPath,
  parseLock,
  sectionTitle,
} from '../../runtime/provenance/lock-file.js';
import { SnapshotWorld } from '../diff/snapshot-world.js';
import { firstLinks } from './first-links.js';
import { lockAt } from './locked.js';
import { type MeasuredSubject, type MeasureOptions, measure, trialOf } from './measure.js';
import { type LockTarget, lockedOrNamed, targetsOf, withUnreadable } from './targets.js';

export interface LockOptions extends Omit<MeasureOptions, 'seeds' | 'reuse'> {
  readonly project: Project;
  /** Experiments as named on the command line; empty for those already locked. */
  readonly experiments: readonly string[];
  /** Number of seeds; null for as many as are locked, or else the five that a verdict needs. */
  readonly seeds: number | null;
  /** Whether to lock each cell of an experiment's sweep too. */
  readonly sweep: boolean;
  /** Called before an experiment trains. */
  readonly onSection?: (title: string, seeds: readonly number[]) => void;
}

export interface LockedFile {
  /** Relative to the project. */
  readonly path: string;
  readonly written: Written;
  readonly sections: readonly LockSection[];
}

/**
 * Trains experiments, or reuses stored results of the same trial and kernels, and writes their lock files. A file is
 * written once all its experiments are done, so an interruption leaves no partial file.
 * @returns null if interrupted; completed files are written
 * @throws UsageError, ExperimentError, LockError for a lock file of a later version, and what `run` throws
 */
export async function lockExperiments(options: LockOptions): Promise<readonly LockedFile[] | null> {
  const snapshot = onDisk(options.project);
  const world = new SnapshotWorld(snapshot);
  const places = withUnreadable(lockedOrNamed(options.experiments, snapshot, options.project), snapshot);
  for (const { file } of places) refuseLinkElsewhere(lockPath(file), options.project);
  const targets = places.flatMap((place) => targetsOf(place, world, options));
  const files: LockedFile[] = [];
  for (const file of new Set(places.map((place) => place.file))) {
    const made: LockSection[] = [];
    for (const target of targets.filter(({ place }) => place.file === file)) {
      const section = await lockSection(target, world, options);
      if (section === null) return null;
      made.push(section);
    }
    files.push(writeSections(file, made, world, options.project));
  }
  return files;
}

/** @throws UsageError if writing the lock file would overwrite another file */
function refuseLinkElsewhere(path: string, { root }: Project): void {
  const place = join(root, path);
  if (isReallyWithin(root, place) && realPath(place).endsWith('.ae.lock')) return;
  throw new UsageError(
    `'${path}' is a link to ${realPath(place)}, which is not a lock file of this project`,
    'remove it',
  );
}

/** The subject of a target. @throws UsageError if its file is gone */
export function subjectOf(
  { place, params }: Pick<LockTarget, 'place' | 'params'>,
  world: SnapshotWorld,
): MeasuredSubject {
  const source = world.source(place.file);
  if (source === null) throw new UsageError(`cannot read '${place.file}'`, 'it no longer exists');
  const data = params.find((param) => param.startsWith('data='))?.slice('data='.length) ?? null;
  return { source, experiment: place.name, params: params.filter((param) => !param.startsWith('data=')), data };
}

async function lockSection(
  target: LockTarget,
  world: SnapshotWorld,
  options: LockOptions,
): Promise<LockSection | null> {
  const { place, params, seeds } = target;
  options.onSection?.(sectionTitle({ name: place.name, params }), seeds);
  const subject = subjectOf(target, world);
  const trial = await trialOf(subject, { ...options, seeds });
  const measured = await measure(subject, trial, { ...options, seeds, reuse: true });
  const [first] = seeds;
  if (measured === null || first === undefined) return null;
  return { ...measured, name: place.name, params, chain: await firstLinks(trial, first) };
}

/** Keeps other sections, except those of experiments no longer in the file. */
function writeSections(
  file: string,
  made: readonly LockSection[],
  { snapshot }: SnapshotWorld,
  project: Project,
): LockedFile {
  const locked = lockAt(snapshot, file);
  const names = experimentsOf(snapshot, file).map((place: ExperimentPlace) => place.name);
  const titles = made.map(sectionTitle);
  const kept = (locked.kind === 'read' ? locked.lock.sections : []).filter(
    (section) => names.includes(section.name) && !titles.includes(sectionTitle(section)),
  );
  const path = lockPath(file);
  const before = locked.kind === 'none' ? null : locked.text;
  return {
    path,
    written: writeLock(join(project.root, path), { sections: [...kept, ...made] }, before),
    sections: made,
  };
}

export type Written = 'new' | 'changed' | 'unchanged';

/** Writes a lock file atomically, unless it already says the same. */
function writeLock(path: string, lock: LockFile, before: string | null): Written {
  const text = formatLock(lock);
  if (before !== null && text === said(before, path)) return 'unchanged';
  writeFile(path, text);
  return before === null ? 'new' : 'changed';
}

/** Normalises a lock file: older versions have other metric names, and git may have changed line ends. */
function said(text: string, path: string): string | null {
  try {
    return formatLock(parseLock(text, path));
  } catch (error) {
    if (error instanceof LockError) return null;
    throw error;
  }
}
