import { join } from 'node:path';
import { isReallyWithin, realPath } from '../../files/paths.js';
import { UsageError } from '../../project/params.js';
import { experimentsOf, onDisk, type Place, type Project } from '../../project/versioned-project.js';
import { type LockSection, lockPath, sectionTitle } from '../../runtime/provenance/lock-file.js';
import { SnapshotWorld } from '../diff/snapshot-world.js';
import { firstLinks } from './first-links.js';
import { lockAt } from './locked.js';
import { type MeasuredSubject, type MeasureOptions, measure, trialOf } from './measure.js';
import { type LockTarget, lockedOrNamed, targetsOf, withUnreadable } from './targets.js';
import { type Written, writeLock } from './write-lock.js';

export interface LockOptions extends Omit<MeasureOptions, 'seeds' | 'reuse'> {
  readonly project: Project;
  /** Experiments as the command line names them; empty: those that are locked already. */
  readonly experiments: readonly string[];
  /** How many seeds; null: as many as are locked, at first as many as a verdict needs (5). */
  readonly seeds: number | null;
  /** Whether each cell of an experiment's sweep gets a section of its own. */
  readonly sweep: boolean;
  /** Told before an experiment is trained. */
  readonly onSection?: (title: string, seeds: readonly number[]) => void;
}

export interface LockedFile {
  /** In the project. */
  readonly path: string;
  readonly written: Written;
  readonly sections: readonly LockSection[];
}

/**
 * Trains what is to be locked, or takes it from the results where the same trial was trained with the same kernels, and
 * writes the lock files. A file is written when all of its experiments are done, so that interrupting leaves whole files.
 * @returns null when it was interrupted; files that were finished are written
 * @throws UsageError, ExperimentError, LockError for a lock file of a later aedsl, and what `run` throws
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

/** @throws UsageError where writing a lock file would write over another file */
function refuseLinkElsewhere(path: string, { root }: Project): void {
  const place = join(root, path);
  if (isReallyWithin(root, place) && realPath(place).endsWith('.ae.lock')) return;
  throw new UsageError(`'${path}' is a link to ${realPath(place)}, which is no lock file of this project`, 'remove it');
}

/** The source and params of a target, for training. @throws UsageError when its file is gone */
export function subjectOf(
  { place, params }: Pick<LockTarget, 'place' | 'params'>,
  world: SnapshotWorld,
): MeasuredSubject {
  const source = world.source(place.file);
  if (source === null) throw new UsageError(`cannot read '${place.file}'`, 'it is not there any more');
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

/** Sections that were not made now stay, but for those of experiments that the file no longer has. */
function writeSections(
  file: string,
  made: readonly LockSection[],
  { snapshot }: SnapshotWorld,
  project: Project,
): LockedFile {
  const locked = lockAt(snapshot, file);
  const names = experimentsOf(snapshot, file).map((place: Place) => place.name);
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
