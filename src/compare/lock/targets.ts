import { experimentAt, meantBy } from '../../project/experiment-names.js';
import { UsageError } from '../../project/usage-error.js';
import {
  allExperimentsIn,
  type ExperimentPlace,
  experimentsIn,
  experimentsOf,
  type Project,
} from '../../project/versioned-project.js';
import { lockedNames } from '../../runtime/provenance/lock-file.js';
import type { Snapshot } from '../../runtime/provenance/snapshot.js';
import { seedsForVerdict } from '../../runtime/statistics/statistics.js';
import { planSweep } from '../../sweep/plan/sweep-plan.js';
import { ExperimentError } from '../../sweep/run.js';
import type { Words } from '../../words/word.js';
import type { SnapshotWorld } from '../diff/snapshot-world.js';
import { type Gone, goneLocks } from './gone.js';
import { lockAt, sectionsOf } from './locked.js';

/** A lock section to be made. */
export interface LockTarget {
  readonly place: ExperimentPlace;
  readonly params: readonly string[];
  readonly seeds: readonly number[];
}

/** The experiments that are named, or else those already locked. @throws UsageError if there are none */
export function lockedOrNamed(
  words: readonly string[],
  snapshot: Snapshot,
  project: Project,
): readonly ExperimentPlace[] {
  const places = words.length > 0 ? namedPlaces(words, snapshot, project) : lockedPlaces(snapshot, project);
  if (places.length > 0) return places;
  const [first] = allExperimentsIn(snapshot, project.prefix);
  throw new UsageError(
    'no experiment is locked yet',
    first ? `name one: aedsl lock ${first.file}` : 'write one first: experiments/first.ae',
  );
}

function namedPlaces(words: readonly string[], snapshot: Snapshot, project: Project): readonly ExperimentPlace[] {
  const meant = words.flatMap((word) => meantBy(word, [snapshot], project));
  return unique(meant.map(({ file, name }) => experimentAt(file, name, snapshot, project)));
}

function lockedPlaces(snapshot: Snapshot, project: Project): readonly ExperimentPlace[] {
  return experimentsIn(snapshot, project.prefix).filter(({ file, name }) => {
    const locked = lockAt(snapshot, file);
    if (locked.kind === 'none') return false;
    const names = lockedNames(locked.text);
    // A damaged file may name no experiment, but still belongs to this one.
    return names.includes(name) || (locked.kind === 'unreadable' && names.length === 0);
  });
}

/**
 * Items to check: the experiments of {@link lockedOrNamed} and, if none are named, locks whose experiments are gone.
 * @throws UsageError if there are none
 */
export function watched(
  words: readonly string[],
  snapshot: Snapshot,
  project: Project,
): { readonly places: readonly ExperimentPlace[]; readonly gone: readonly Gone[] } {
  const gone = words.length > 0 ? [] : goneLocks(snapshot, project);
  const places = gone.length > 0 ? lockedPlaces(snapshot, project) : lockedOrNamed(words, snapshot, project);
  return { places, gone };
}

/** An unreadable lock file is rewritten, so all its file's experiments are included. */
export function withUnreadable(places: readonly ExperimentPlace[], snapshot: Snapshot): readonly ExperimentPlace[] {
  const files = [...new Set(places.map(({ file }) => file))];
  const more = files.flatMap((file) => {
    const locked = lockAt(snapshot, file);
    if (locked.kind !== 'unreadable') return [];
    if (locked.problem.problem === 'newer') throw locked.problem;
    const names = lockedNames(locked.text);
    return experimentsOf(snapshot, file).filter(({ name }) => names.includes(name));
  });
  return unique([...places, ...more]);
}

function unique(places: readonly ExperimentPlace[]): readonly ExperimentPlace[] {
  return [...new Map(places.map((place) => [`${place.file}:${place.name}`, place])).values()];
}

/**
 * The sections to lock of an experiment: as written, those already locked with other params and, with `sweep`, every
 * cell of its sweep.
 * @param seeds how many, from 1; null for those already locked, or else 1 to 5
 * @throws ExperimentError, UsageError
 */
export function targetsOf(
  place: ExperimentPlace,
  world: SnapshotWorld,
  options: { readonly seeds: number | null; readonly sweep: boolean; readonly library: Words },
): readonly LockTarget[] {
  const sections = sectionsOf(lockAt(world.snapshot, place.file), place.name);
  const locked = sections.find(({ params }) => params.length === 0);
  // A new cell gets the seeds of the experiment as written, so that the two are comparable.
  const target = (params: readonly string[], before = locked): LockTarget => ({
    place,
    params,
    seeds: options.seeds === null && before ? before.seeds : countedSeeds(options.seeds ?? seedsForVerdict),
  });
  const plain = target([]);
  if (!options.sweep) {
    const others = sections.filter(({ params }) => params.length > 0);
    return [plain, ...others.map((section) => target(section.params, section))];
  }
  return [
    plain,
    ...sweepCells(place, world, options.library).map((params) =>
      target(
        params,
        sections.find((s) => same(s.params, params)),
      ),
    ),
  ];
}

function countedSeeds(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.join('\n') === b.join('\n');
}

/** The params of each cell of an experiment's sweep, in order. */
function sweepCells(place: ExperimentPlace, world: SnapshotWorld, library: Words): readonly (readonly string[])[] {
  const source = world.source(place.file);
  if (source === null) throw new UsageError(`cannot read '${place.file}'`, 'it no longer exists');
  const { value, diagnostics } = planSweep({ library, source, experiment: place.name, world });
  if (value === null) throw new ExperimentError(diagnostics);
  if (value.search !== null) {
    throw new UsageError(
      `the sweep of '${value.experiment}' is a search, whose points depend on results`,
      'write values that it found as an experiment, or as lists in the sweep block, and lock those',
    );
  }
  const cells = value.trials.map(({ recipe }) => [
    ...recipe.params,
    ...(recipe.data === null ? [] : [`data=${recipe.data}`]),
  ]);
  return [...new Map(cells.map((params) => [params.join('\n'), params])).values()].filter(
    (params) => params.length > 0,
  );
}
