import { ownValue } from '../../compiler/ir/value.js';
import { numericsVersion } from '../../numerics/version.js';
import { type ExperimentPlace, onDisk } from '../../project/versioned-project.js';
import { type BackendName, backendNames } from '../../runtime/backend/backend.js';
import { DatasetError } from '../../runtime/datasets/dataset-error.js';
import { installedVersion } from '../../runtime/provenance/installed-package.js';
import { kernelsSha256 } from '../../runtime/provenance/kernels.js';
import { LockError, type LockedLink, type LockSection, sectionTitle } from '../../runtime/provenance/lock-file.js';
import type { Measured } from '../../runtime/provenance/measured.js';
import { ExperimentError } from '../../trial/prepare.js';
import { SnapshotWorld } from '../diff/snapshot-world.js';
import { firstLinks } from './first-links.js';
import { type LockOptions, subjectOf } from './lock.js';
import { lockAt, sectionsOf } from './locked.js';
import { measure, trialOf } from './measure.js';
import { watched } from './targets.js';

export interface CheckOptions extends Omit<LockOptions, 'sweep' | 'seeds' | 'backend'> {
  /** Null for the one each section was locked with. */
  readonly backend: BackendName | null;
  /** Whether only the first steps are trained. */
  readonly quick: boolean;
}

/** A deviation from the lock. */
export interface Moved {
  /** `experiment`, `data`, `weights seed 2`, `test.loss seed 2`, `train step 8` */
  readonly what: string;
  readonly locked: string;
  readonly now: string;
}

export interface CheckedSection {
  readonly file: string;
  readonly title: string;
  readonly moved: readonly Moved[];
  /** Explanations, and remarks if nothing moved. */
  readonly notes: readonly string[];
  /** How many numbers and hashes were compared. */
  readonly compared: number;
  /** Why it could not be checked: its data, or a run that it starts from, are unavailable. Null if it was. */
  readonly unchecked: string | null;
  /** Why its experiment or lock no longer exists; null if both do. */
  readonly gone: string | null;
}

/**
 * Retrains locked experiments, ignoring stored results, and compares bit by bit. An experiment whose data or stored run
 * are missing, or that is gone, does not keep the others from being checked.
 * @returns null if interrupted
 * @throws LockError for a damaged lock file, UsageError, ExperimentError, and what `run` throws
 */
export async function checkLocks(options: CheckOptions): Promise<readonly CheckedSection[] | null> {
  const world = new SnapshotWorld(onDisk(options.project));
  const { places, gone } = watched(options.experiments, world.snapshot, options.project);
  const checked: CheckedSection[] = gone.map(({ file, title, problem, hint }) => {
    return { file, title, moved: [], notes: [hint], compared: 0, unchecked: null, gone: problem };
  });
  for (const place of places) {
    for (const section of lockedSections(place, world)) {
      options.onSection?.(sectionTitle(section), options.quick ? section.seeds.slice(0, 1) : section.seeds);
      const result = await checkSection(place, section, world, options).catch(withoutData(place, section));
      if (result === null) return null;
      checked.push(result);
    }
  }
  return checked;
}

/** @throws any error not about data, or weights to start from */
function withoutData({ file }: ExperimentPlace, section: LockSection): (error: unknown) => CheckedSection {
  return (error) => {
    const { message, hint } = error instanceof DatasetError ? error : missingStart(error);
    const [title, notes] = [sectionTitle(section), hint === null ? [] : [hint]];
    return { file, title, moved: [], notes, compared: 0, unchecked: message, gone: null };
  };
}

/** Message for a stored run that isn't on this machine. @throws any other error */
function missingStart(error: unknown): { readonly message: string; readonly hint: string | null } {
  const errors = error instanceof ExperimentError ? error.diagnostics.filter((each) => each.severity === 'error') : [];
  const [first] = errors;
  if (first === undefined || errors.some(({ code }) => code !== 'AE703')) throw error;
  return first;
}

function lockedSections(place: ExperimentPlace, world: SnapshotWorld): readonly LockSection[] {
  const locked = lockAt(world.snapshot, place.file);
  if (locked.kind === 'unreadable') throw locked.problem;
  const sections = sectionsOf(locked, place.name);
  if (sections.length > 0) return sections;
  const hint = `lock it first: aedsl lock ${place.file}:${place.name}`;
  throw new LockError('malformed', `${place.file}.lock`, null, `'${place.name}' is not locked`, hint);
}

async function checkSection(
  place: ExperimentPlace,
  section: LockSection,
  world: SnapshotWorld,
  options: CheckOptions,
): Promise<CheckedSection | null> {
  const subject = subjectOf({ place, params: section.params }, world);
  const backend = options.backend ?? backendNames.find((name) => name === section.backend) ?? 'auto';
  const trial = await trialOf(subject, { ...options, backend, seeds: section.seeds });
  const now = {
    experiment: trial.compiled.hash,
    data: trial.data.dataset.checksum,
    initial: trial.init?.sha256 ?? 'drawn',
    backend: trial.backend,
    numerics: numericsVersion,
  };
  const identity = [
    moved('experiment', section.experiment, now.experiment),
    moved('data', section.data.sha256, now.data),
    moved('initial weights', section.initial ?? 'drawn', now.initial),
    moved('backend', section.backend, now.backend),
    moved('numerics', section.numerics, now.numerics),
  ].flat();
  const result = { file: place.file, title: sectionTitle(section), unchecked: null, gone: null };
  const another = identity.some(({ what }) => ['experiment', 'data', 'initial weights'].includes(what));
  if (another) {
    // It is another trial, so its results cannot be compared.
    const notes = ['it is not the locked experiment, so nothing was trained: `aedsl lock` records what it gives now'];
    return { ...result, moved: identity, notes, compared: identity.length };
  }
  if (options.quick) {
    const [seed] = section.seeds;
    if (seed === undefined) throw new RangeError(`${result.title} is locked without a seed`);
    const links = await firstLinks(trial, seed);
    const differing = linkDifferences(section.chain, links);
    const unlocked = section.chain.length === 0 ? ['it was locked without a chain: `aedsl lock` adds one'] : [];
    const notes = [...unlocked, ...engineNotes(section)];
    return { ...result, moved: [...identity, ...differing], notes, compared: identity.length + links.length };
  }
  const measured = await measure(subject, trial, {
    ...options,
    backend: now.backend,
    seeds: section.seeds,
    reuse: false,
  });
  if (measured === null) return null;
  const results = resultDifferences(section, measured);
  const compared = section.seeds.length * (1 + Object.keys(section.metrics).length + Object.keys(section.best).length);
  return {
    ...result,
    moved: [...identity, ...results],
    notes: engineNotes(section),
    compared: identity.length + compared,
  };
}

function moved(what: string, locked: string, now: string): readonly Moved[] {
  return locked === now ? [] : [{ what, locked, now }];
}

/** Links that differ, in training order. */
function linkDifferences(locked: readonly LockedLink[], now: readonly LockedLink[]): readonly Moved[] {
  const place = ({ seed, stage, step }: LockedLink) => `seed ${seed} ${stage} step ${step}`;
  const side = (links: readonly LockedLink[]) => new Map(links.map((link) => [place(link), link.sha256]));
  const [before, after] = [side(locked), side(now)];
  return [...new Set([...after.keys(), ...before.keys()])].flatMap((what) =>
    moved(what, before.get(what) ?? 'not locked', after.get(what) ?? 'not reached'),
  );
}

/** Numbers and hashes that differ, by seed. */
function resultDifferences(locked: Measured, now: Measured): readonly Moved[] {
  const names = [...new Set([...Object.keys(locked.metrics), ...Object.keys(now.metrics)])].sort();
  return locked.seeds.flatMap((seed, i): readonly Moved[] => {
    const at = (values: readonly number[] | undefined) => String(values?.[i] ?? 'absent');
    const best = (side: Measured, name: string) => {
      const found = side.best[name]?.[i];
      return found ? `${found.value}@${found.epoch}` : 'absent';
    };
    return [
      ...moved(`weights seed ${seed}`, locked.weights[i] ?? 'absent', now.weights[i] ?? 'absent'),
      ...names.flatMap((name) =>
        moved(`${name} seed ${seed}`, at(ownValue(locked.metrics, name)), at(ownValue(now.metrics, name))),
      ),
      ...Object.keys(locked.best).flatMap((name) =>
        moved(`best ${name} seed ${seed}`, best(locked, name), best(now, name)),
      ),
    ];
  });
}

/** An engine may change as long as its results do not. */
function engineNotes(section: LockSection): readonly string[] {
  const kernels = section.backend === 'simd' ? kernelsSha256() : null;
  const version = installedVersion();
  if (section.numerics !== numericsVersion) {
    return [`the arithmetic is version ${numericsVersion}; it was ${section.numerics}: other results are expected`];
  }
  return [
    ...(section.kernels !== null && kernels !== null && section.kernels !== kernels
      ? [`the kernels have changed since it was locked (${section.kernels.slice(0, 12)} → ${kernels.slice(0, 12)})`]
      : []),
    ...(section.package !== null && section.package !== version
      ? [`locked by aedsl ${section.package}, this is ${version}`]
      : []),
  ];
}
