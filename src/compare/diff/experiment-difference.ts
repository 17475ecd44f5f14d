import { lossStatement } from '../../compiler/ir/canonical.js';
import { type Comparable, comparableMetric } from '../../metrics/usual-metric.js';
import type { Measured } from '../../runtime/provenance/measured.js';
import type { Words } from '../../words/word.js';
import type { Change } from './change.js';
import { changedTerms } from './changed-terms.js';
import { experimentChanges } from './experiment-changes.js';
import { type ResultsDifference, resultsDifference } from './results-difference.js';
import { type TextChange, textChange } from './text-change.js';
import { isCurrent, isOfOtherData, type ResultSet, type Version } from './version.js';

/** A part of a result's identity other than the experiment. */
export interface IdentityChange {
  /** `data`, `backend`, `numerics`, `kernels`, `package`, `data file leaves.csv` */
  readonly what: string;
  readonly from: string | null;
  readonly to: string | null;
  /** False for what is recorded beside the identity, such as the package version. */
  readonly counts: boolean;
}

/** All differences between two versions of an experiment, one of which may be missing. */
export interface ExperimentDifference {
  readonly name: string;
  readonly status: 'same' | 'changed' | 'added' | 'removed';
  readonly old: Version | null;
  readonly new: Version | null;
  readonly text: TextChange;
  readonly changes: readonly Change[];
  readonly identity: readonly IdentityChange[];
  readonly results: readonly ResultsDifference[];
  /** The simplest metric that means the same in both versions. */
  readonly comparable: Comparable;
  /** Compared pairs of result sets, in the order of `results`. */
  readonly pairs: readonly { readonly old: ResultSet; readonly new: ResultSet }[];
  /** Reasons why parts could not be compared. */
  readonly notes: readonly string[];
}

/** Compares two versions of an experiment, at least one of which exists. */
export function experimentDifference(
  before: Version | null,
  after: Version | null,
  words: Words,
): ExperimentDifference {
  if (before === null || after === null) return alone(before, after);
  const text = textChange(before.source, before.name, after.source, after.name);
  const readable = before.compiled !== null && after.compiled !== null;
  const changes =
    before.compiled && after.compiled
      ? [...moved(before, after), ...experimentChanges(before.compiled, after.compiled, words)]
      : moved(before, after);
  const { pairs, notes } = pairResults(before, after);
  const identity = [
    ...dataFileChanges(before, after),
    ...once(pairs.flatMap(({ old, new: now }) => identityChanges(old.measured, now.measured))),
  ];
  const comparable = comparableMetric(
    [before, after].flatMap(({ compiled }) => (compiled ? [lossStatement(compiled.canonical)] : [])),
  );
  const otherTerms = changedTerms(before, after);
  const results = pairs
    .map(({ old, new: now }) => resultsDifference(now.params, old.measured, now.measured, { comparable, otherTerms }))
    .map((difference, i) => ({ difference, pair: pairs[i] }));
  const differing = results.filter(({ difference }) => differs(difference));
  const all = [...notes, ...(readable ? [] : ['the experiments cannot be compared: one of them does not compile'])];
  const troubled = !readable || before.lockProblem !== null || after.lockProblem !== null;
  const changed = changes.length > 0 || identity.length > 0 || differing.length > 0 || text !== 'none' || troubled;
  // If no result can have changed, none are missing.
  const matters = [...changes, ...identity].some(({ counts }) => counts);
  return {
    name: after.name,
    status: changed ? 'changed' : 'same',
    old: before,
    new: after,
    text,
    changes,
    identity,
    results: differing.map(({ difference }) => difference),
    comparable,
    pairs: differing.flatMap(({ pair }) => pair ?? []),
    notes: matters ? all : all.filter((note) => note !== neverLocked),
  };
}

function alone(before: Version | null, after: Version | null): ExperimentDifference {
  return {
    name: (after ?? before)?.name ?? '',
    status: before === null ? 'added' : 'removed',
    old: before,
    new: after,
    text: 'none',
    changes: [],
    identity: [],
    results: [],
    comparable: 'loss',
    pairs: [],
    notes: [],
  };
}

function differs({ metrics, sameWeights, seeds, onlyOld, onlyNew }: ResultsDifference): boolean {
  const moved = metrics.some(({ identical }) => !identical) || onlyOld.length + onlyNew.length > 0;
  return moved || sameWeights.length < seeds.length;
}

function moved(before: Version, after: Version): readonly Change[] {
  const [from, to] = [before.place?.file, after.place?.file];
  if (from === undefined || to === undefined || from === to) return [];
  return [{ place: 'file', kind: 'renamed', what: '', from, to, because: null, counts: false }];
}

function dataFileChanges(before: Version, after: Version): readonly IdentityChange[] {
  return [...after.dataFiles].flatMap(([path, to]) => {
    const from = before.dataFiles.get(path);
    return from === undefined || from === to ? [] : [{ what: `data file ${path}`, from, to, counts: true }];
  });
}

/** Compares identity and engine of two results. */
function identityChanges(before: Measured, after: Measured): readonly IdentityChange[] {
  const data = ({ name, sha256 }: Measured['data']) => `${name} ${sha256}`;
  const part = (what: string, from: string | null, to: string | null, counts: boolean): readonly IdentityChange[] =>
    from === to || from === null || to === null ? [] : [{ what, from, to, counts }];
  return [
    ...part('data', data(before.data), data(after.data), true),
    ...part('initial weights', before.initial, after.initial, true),
    ...part('backend', before.backend, after.backend, true),
    ...part('numerics', before.numerics, after.numerics, true),
    ...part('kernels', before.kernels, after.kernels, false),
    ...part('package', before.package, after.package, false),
  ];
}

function once(changes: readonly IdentityChange[]): readonly IdentityChange[] {
  return [...new Map(changes.map((change) => [JSON.stringify(change), change])).values()];
}

const neverLocked = 'neither has known results; `aedsl lock` records them';

/** Pairs comparable result sets with the same params, with the reasons why others are not comparable. */
export function pairResults(before: Version, after: Version) {
  const pairs: { readonly old: ResultSet; readonly new: ResultSet }[] = [];
  const notes: string[] = [before, after].flatMap(({ lockProblem, title }) =>
    lockProblem === null ? [] : [`${title}: ${lockProblem.message} (${lockProblem.hint})`],
  );
  for (const now of after.results) {
    const old = before.results.find(({ params }) => params.join('\n') === now.params.join('\n'));
    if (!old) {
      if (before.results.length > 0)
        notes.push(`${[now.params.join(' '), 'results'].join(' ').trim()}: new in ${after.title}`);
      continue;
    }
    const stale = staleNotes(old, now, before, after);
    for (const note of stale.notes) notes.push(note);
    if (stale.comparable) pairs.push({ old, new: now });
  }
  const same = ({ params }: ResultSet) => after.results.some((now) => now.params.join('\n') === params.join('\n'));
  if (after.results.length > 0) {
    for (const { params } of before.results.filter((old) => !same(old)))
      notes.push(`${[params.join(' '), 'results'].join(' ').trim()}: gone in ${after.title}`);
  }
  if (before.results.length === 0 && after.results.length === 0 && notes.length === 0) notes.push(neverLocked);
  else if (before.results.length === 0 && before.lockProblem === null)
    notes.push(`no results are known of ${before.title}`);
  else if (after.results.length === 0 && after.lockProblem === null) notes.push(unlocked(after));
  return { pairs, notes };
}

function unlocked({ title, place }: Version): string {
  const hint = title === 'working tree' ? `: aedsl lock ${place?.file ?? ''}` : '';
  return `no results are known of ${title}${hint}`;
}

/** A lock may belong to an earlier text, or to a compiler for which the words meant something else. */
function staleNotes(old: ResultSet, now: ResultSet, before: Version, after: Version) {
  const outdated = [
    { set: old, version: before },
    { set: now, version: after },
  ].filter(({ set }) => !isCurrent(set));
  const sameLock =
    old.measured.experiment === now.measured.experiment && old.measured.data.sha256 === now.measured.data.sha256;
  if (sameLock && outdated.length === 1 && outdated[0]) {
    const { set, version } = outdated[0];
    const what = isOfOtherData(set) ? 'data' : 'experiment';
    const hint = version === after ? `: aedsl lock ${after.place?.file ?? ''} updates it` : '';
    return { comparable: false, notes: [`the lock of ${version.title} does not match its ${what}${hint}`] };
  }
  return {
    comparable: true,
    notes: outdated.map(({ set, version }) =>
      isOfOtherData(set)
        ? `the lock of ${version.title} does not match its data, which changed after it was locked`
        : `the lock of ${version.title} is for experiment ${set.measured.experiment.slice(0, 12)}, but the text compiles to ` +
          `${set.recomputed?.slice(0, 12)}: it changed after it was locked, or its words mean something else now`,
    ),
  };
}
