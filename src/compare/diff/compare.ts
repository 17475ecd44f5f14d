import { type ExperimentPlace, experimentsIn, experimentsOf, type Project } from '../../project/versioned-project.js';
import type { Snapshot } from '../../runtime/provenance/snapshot.js';
import { openUpToDate, type Store } from '../../runtime/store/store.js';
import { StoreError } from '../../runtime/store/store-error.js';
import type { Words } from '../../words/word.js';
import { type RunDifference, runDifferences } from './curves.js';
import { type ExperimentDifference, experimentDifference } from './experiment-difference.js';
import { withDataNow, withKnownRuns } from './known-results.js';
import { pairPlaces } from './pairing.js';
import { isWanted, type Selection, type Wanted } from './selection.js';
import { SnapshotWorld } from './snapshot-world.js';
import { compareRuns, compareSweeps } from './stored-versions.js';
import { type Version, versionAt } from './version.js';

/** The comparison of two places, experiment by experiment. */
export interface Comparison {
  readonly old: string;
  readonly new: string;
  readonly experiments: readonly ComparedExperiment[];
}

export interface ComparedExperiment extends ExperimentDifference {
  /** Runs of the first result set, by seed; empty without a results database. */
  readonly runs: readonly RunDifference[];
}

/**
 * Compares a selection. Writes nothing except data files of old commits, to a temporary folder that is deleted
 * afterwards.
 * @param database the results, if it exists
 * @throws MissingObjectError, StoreError, LoadError for runs
 */
export async function compare(
  selection: Selection,
  project: Project,
  database: string,
  words: Words,
): Promise<Comparison> {
  const store = await storeIfThere(database, selection.kind === 'revisions');
  try {
    return await compareSelected(selection, project, store, database, words);
  } finally {
    store?.close();
  }
}

async function compareSelected(
  selection: Selection,
  project: Project,
  store: Store | null,
  database: string,
  words: Words,
): Promise<Comparison> {
  switch (selection.kind) {
    case 'revisions':
      return compareRevisions(selection, project, store, words);
    case 'runs':
      return named(compareRuns(selection.old, selection.new, required(store, database), words), store);
    case 'sweeps':
      return named(compareSweeps(selection.old, selection.new, required(store, database), words), store);
  }
}

/** Titles the comparison by ids, as `last` is ambiguous later. */
function named(differences: readonly ExperimentDifference[], store: Store | null): Comparison {
  const [first] = differences;
  return finished({ old: first?.old?.title ?? '', new: first?.new?.title ?? '' }, differences, store);
}

async function compareRevisions(
  { old, new: now, only }: Selection & { kind: 'revisions' },
  project: Project,
  store: Store | null,
  words: Words,
): Promise<Comparison> {
  const worlds = [new SnapshotWorld(old), new SnapshotWorld(now)] as const;
  try {
    const sides = [placesOf(worlds[0], only, project), placesOf(worlds[1], only, project)] as const;
    const [before, after] = [withThoseOf(sides[1], sides[0], old), withThoseOf(sides[0], sides[1], now)];
    // A named experiment is also meant under its other name.
    const wanted = (place: ExperimentPlace | null) => place !== null && isWanted(place, only);
    const pairs = pairPlaces(before, after, ...worlds, words).filter((pair) => wanted(pair.old) || wanted(pair.new));
    const differences: ExperimentDifference[] = [];
    for (const { old: before, new: after } of pairs) {
      const older = await versionIn(worlds[0], before, store, words);
      const newer = await versionIn(worlds[1], after, store, words);
      const examined = older && newer ? await withDataNow(newer, older, worlds[1], words) : newer;
      differences.push(experimentDifference(older, examined, words));
    }
    return finished({ old: describe(worlds[0]), new: describe(worlds[1]) }, differences, store);
  } finally {
    for (const world of worlds) world.close();
  }
}

async function versionIn(
  world: SnapshotWorld,
  place: ExperimentPlace | null,
  store: Store | null,
  words: Words,
): Promise<Version | null> {
  const version = place === null ? null : versionAt(place, world, words);
  return version && withKnownRuns(version, store, world, words);
}

function placesOf(
  { snapshot }: SnapshotWorld,
  only: readonly Wanted[],
  { prefix }: Project,
): readonly ExperimentPlace[] {
  const named = only.flatMap(({ file }) => file ?? []).flatMap((file) => experimentsOf(snapshot, file));
  const places = [...experimentsIn(snapshot, prefix), ...named];
  return [...new Map(places.map((place) => [`${place.file}:${place.name}`, place])).values()];
}

/**
 * Adds the other side's experiments that are still in the same file on this side. Which files count depends on whether
 * `experiments/` exists, and that alone makes no experiment new or gone.
 */
function withThoseOf(
  others: readonly ExperimentPlace[],
  own: readonly ExperimentPlace[],
  snapshot: Snapshot,
): readonly ExperimentPlace[] {
  const key = ({ file, name }: ExperimentPlace) => `${file}:${name}`;
  const known = new Set(own.map(key));
  const missing = others.filter((place) => !known.has(key(place)));
  const there = new Map(
    [...new Set(missing.map(({ file }) => file))].map((file) => [
      file,
      experimentsOf(snapshot, file).map(({ name }) => name),
    ]),
  );
  return [...own, ...missing.filter(({ file, name }) => there.get(file)?.includes(name))];
}

function describe({ snapshot: { title, commit } }: SnapshotWorld): string {
  return commit === null || commit.startsWith(title) ? title : `${title} (${commit.slice(0, 7)})`;
}

function finished(
  { old, new: now }: { readonly old: string; readonly new: string },
  differences: readonly ExperimentDifference[],
  store: Store | null,
): Comparison {
  const experiments = differences.map((difference): ComparedExperiment => {
    const [first] = difference.pairs;
    return { ...difference, runs: store && first ? runDifferences(first.old, first.new, store) : [] };
  });
  return { old, new: now, experiments };
}

function required(store: Store | null, database: string): Store {
  if (store !== null) return store;
  throw new StoreError('missing', database, `${database}: there is no such file`, 'run an experiment first');
}

/** Revisions can be compared without a database, even if there is one of another version. */
async function storeIfThere(path: string, optional: boolean): Promise<Store | null> {
  try {
    return await openUpToDate(path);
  } catch (error) {
    const absent: readonly string[] = ['missing', 'older_schema', 'newer_schema', 'locked'];
    if (optional && error instanceof StoreError && absent.includes(error.reason)) return null;
    throw error;
  }
}
