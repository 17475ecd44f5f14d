import { experimentAt, meantBy } from '../../project/experiment-names.js';
import { UsageError } from '../../project/params.js';
import {
  allExperimentsIn,
  experimentsIn,
  experimentsOf,
  type Place,
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

/** A section of a lock file that is to be made. */
export interface LockTarget {
  readonly place: Place;
  readonly params: readonly string[];
  readonly seeds: readonly number[];
}

/**
 * The experiments that are meant: those that are named, else those that are locked already.
 * @throws UsageError when there are none
 */
export function lockedOrNamed(words: readonly string[], snapshot: Snapshot, project: Project): readonly Place[] {
  const places = words.length > 0 ? namedPlaces(words, snapshot, project) : lockedPlaces(snapshot, project);
  if (places.length > 0) return places;
  const [first] = allExperimentsIn(snapshot, project.prefix);
  throw new UsageError(
    'no experiment is locked yet',
    first ? `name one: aedsl lock ${first.file}` : 'write one first: experiments/first.ae',
  );
}

function namedPlaces(words: readonly string[], snapshot: Snapshot, project: Project): readonly Place[] {
  const meant = words.flatMap((word) => meantBy(word, [snapshot], project));
  return unique(meant.map(({ file, name }) => experimentAt(file, name, snapshot, project)));
}

function lockedPlaces(snapshot: Snapshot, project: Project): readonly Place[] {
  return experimentsIn(snapshot, project.prefix).filter(({ file, name }) => {
    const locked = lockAt(snapshot, file);
    if (locked.kind === 'none') return false;
    const names = lockedNames(locked.text);
    // What is damaged may name nothing any more; it is the file's all the same.
    return names.includes(name) || (locked.kind === 'unreadable' && names.length === 0);
  });
}

/**
 * What a check holds: the experiments as {@link lockedOrNamed}, and where none are named, also what no longer has any.
 * @throws UsageError when there are none
 */
export function watched(
  words: readonly string[],
  snapshot: Snapshot,
  project: Project,
): { readonly places: readonly Place[]; readonly gone: readonly Gone[] } {
  const gone = words.length > 0 ? [] : goneLocks(snapshot, project);
  const places = gone.length > 0 ? lockedPlaces(snapshot, project) : lockedOrNamed(words, snapshot, project);
  return { places, gone };
}

/** A lock file that cannot be read is made anew, so that every experiment it names belongs to what is to be done. */
export function withUnreadable(places: readonly Place[], snapshot: Snapshot): readonly Place[] {
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

function unique(places: readonly Place[]): readonly Place[] {
  return [...new Map(places.map((place) => [`${place.file}:${place.name}`, place])).values()];
}

/**
 * What is to be locked of an experiment: as it is written, the choices of params that are locked already, and with `sweep`
 * every cell of its sweep.
 * @param seeds how many, 1 and on; null: those that are locked, at first 1 to 5
 * @throws ExperimentError, UsageError, SweepTooLarge
 */
export function targetsOf(
  place: Place,
  world: SnapshotWorld,
  options: { readonly seeds: number | null; readonly sweep: boolean; readonly library: Words },
): readonly LockTarget[] {
  const sections = sectionsOf(lockAt(world.snapshot, place.file), place.name);
  const locked = sections.find(({ params }) => params.length === 0);
  // A cell that is new has the seeds of the experiment as it is written, so that the two can be compared.
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

/** The choices of params of an experiment's sweep, in its order. */
function sweepCells(place: Place, world: SnapshotWorld, library: Words): readonly (readonly string[])[] {
  const source = world.source(place.file);
  if (source === null) throw new UsageError(`cannot read '${place.file}'`, 'it is not there any more');
  const { value, diagnostics } = planSweep({ library, source, experiment: place.name, world });
  if (value === null) throw new ExperimentError(diagnostics);
  const cells = value.trials.map(({ recipe }) => [
    ...recipe.params,
    ...(recipe.data === null ? [] : [`data=${recipe.data}`]),
  ]);
  return [...new Map(cells.map((params) => [params.join('\n'), params])).values()].filter(
    (params) => params.length > 0,
  );
}
