import { didYouMeanMetric } from '../compiler/diagnostics/suggest.js';
import { lossStatement } from '../compiler/ir/canonical.js';
import { presentName } from '../metrics/former-names.js';
import { type Comparable, comparableMetric, isLoss, usualMetric, usualMetrics } from '../metrics/usual-metric.js';
import { largest } from '../numerics/extremes.js';
import { committedExperiment } from '../project/experiment-names.js';
import { UsageError } from '../project/usage-error.js';
import type { Project } from '../project/versioned-project.js';
import type { CommitSummary, Repository } from '../runtime/provenance/repository.js';
import { commitSnapshot } from '../runtime/provenance/snapshot.js';
import { holm, mean, pairedTTest, summarize, type TTest } from '../runtime/statistics/statistics.js';
import type { Words } from '../words/word.js';
import { changeText } from './diff/change.js';
import { experimentDifference } from './diff/experiment-difference.js';
import { ExperimentHistory } from './diff/history.js';
import { endValues } from './diff/results-difference.js';
import { unknownRevision, withoutGit } from './diff/selection.js';
import type { Version } from './diff/version.js';

/** A commit that touched an experiment or its results. */
export interface LogEntry {
  readonly commit: CommitSummary;
  readonly seeds: readonly number[];
  /** By seed, from the commit's lock file; empty if it has none. */
  readonly values: readonly number[];
  /** NaN if there are none. */
  readonly mean: number;
  readonly sd: number | null;
  /** Change of the mean over the seeds shared with the last commit that has values; null for the first. */
  readonly difference: number | null;
  readonly relative: number | null;
  /** Whether any value changed. */
  readonly moved: boolean;
  /**
   * p of the paired t test over the shared seeds, Holm-adjusted over all moves of the log; null if there is no test.
   */
  readonly p: number | null;
  /** Whether the change is significant. */
  readonly significant: boolean;
  /** The commit's changes: `encoder.code: dense 100 → 300`. */
  readonly changes: readonly string[];
  readonly note: string | null;
}

export interface MetricLog {
  readonly experiment: string;
  readonly metric: string;
  /** Whether the commits minimise different sums of terms, and the metric is a loss or replaces one. */
  readonly lossesDiffer: boolean;
  /** Oldest first. */
  readonly entries: readonly LogEntry[];
  /** Index of the entry that moved the mean most (to or from a non-finite value first); null if none did. */
  readonly largest: number | null;
  /** Whether the clone lacks part of the history. */
  readonly shallow: boolean;
}

/** An entry before its p is adjusted for the others. */
interface TestedEntry extends Omit<LogEntry, 'p' | 'significant'> {
  readonly test: TTest | null;
}

const alpha = 0.05;

/**
 * Traces a metric over the commits that touched an experiment, from git and lock files alone.
 * @param metric null for the usual one: the validation loss, or the squared error if the loss itself changed
 * @throws UsageError, MissingObjectError
 */
export function metricLog(
  word: string,
  metric: string | null,
  { project, revision, words }: { readonly project: Project; readonly revision: string; readonly words: Words },
): MetricLog {
  const { repository } = project;
  if (repository === null) throw withoutGit(project.root);
  const tip = repository.commit(revision);
  if (tip === null) throw unknownRevision(revision, repository);
  const place = committedExperiment(word, commitSnapshot(repository, tip, revision), project);
  const history = new ExperimentHistory(repository, place, tip, words);
  const commits = repository.commitsBetween(null, tip, history.paths);
  const versions = commits.map((commit) => history.versionAt(commit));
  const comparable = comparableMetric(
    versions.flatMap((version) =>
      version?.compiled && resultsOf(version) ? [lossStatement(version.compiled.canonical)] : [],
    ),
  );
  const name = chosenMetric(metric, versions, comparable, place.name);
  const entries = judged(logEntries(repository, commits, versions, name, words));
  const moves = entries.map(({ moved, difference }) => (moved ? sizeOf(difference) : 0));
  const most = largest(moves, 0);
  return {
    experiment: place.name,
    metric: name,
    lossesDiffer: comparable !== 'loss' && (metric === null || isLoss(name)),
    entries,
    largest: most > 0 ? moves.indexOf(most) : null,
    shallow: repository.isShallow,
  };
}

function sizeOf(difference: number | null): number {
  return Number.isNaN(difference) ? Infinity : Math.abs(difference ?? 0);
}

/** Adds the verdicts; searching for the commit that moved a metric tests every move. */
function judged(entries: readonly TestedEntry[]): readonly LogEntry[] {
  const tests = entries.flatMap(({ test }) => test ?? []);
  const adjusted = holm(tests.map(({ p }) => p));
  return entries.map(({ test, ...entry }): LogEntry => {
    const p = test === null ? null : (adjusted[tests.indexOf(test)] ?? null);
    return { ...entry, p, significant: p !== null && p < alpha };
  });
}

function chosenMetric(
  metric: string | null,
  versions: readonly (Version | null)[],
  comparable: Comparable,
  experiment: string,
): string {
  const known = [...new Set(versions.flatMap((version) => Object.keys(resultsOf(version)?.metrics ?? {})))];
  if (known.length === 0) {
    const hint = `aedsl lock ${experiment}, and commit the lock file with the experiment`;
    throw new UsageError(`no commit has results of '${experiment}'`, hint);
  }
  const found = metric === null ? usualMetric(known, comparable) : known.find((name) => name === presentName(metric));
  if (found !== undefined && found !== null) return found;
  const hint = (metric === null ? null : didYouMeanMetric(metric, known)) ?? `there are ${known.sort().join(', ')}`;
  throw new UsageError(
    `the results of '${experiment}' have no metric '${metric ?? usualMetrics(comparable)[0]}'`,
    hint,
  );
}

function resultsOf(version: Version | null) {
  return version?.results.find(({ params }) => params.length === 0)?.measured ?? null;
}

function logEntries(
  repository: Repository,
  commits: readonly string[],
  versions: readonly (Version | null)[],
  metric: string,
  words: Words,
): readonly TestedEntry[] {
  const entries: TestedEntry[] = [];
  for (const [i, commit] of commits.entries()) {
    const version = versions[i] ?? null;
    const results = resultsOf(version);
    const values = (results && endValues(results, metric)) ?? [];
    const seeds = values.length > 0 ? (results?.seeds ?? []) : [];
    const before = entries.findLast((entry) => entry.values.length > 0);
    const finite = values.length > 0 && values.every(Number.isFinite);
    const summary = finite ? summarize(values) : { mean: Number.NaN, sd: null };
    const change = before && values.length > 0 ? changeOf(before, { seeds, values }) : null;
    const counted =
      before && seeds.length > 0 && seeds.join() !== before.seeds.join() ? `seeds ${seeds.join(' ')}` : null;
    entries.push({
      commit: repository.summary(commit),
      seeds,
      values,
      mean: summary.mean,
      sd: summary.sd,
      ...(change ?? { difference: null, relative: null, moved: false, test: null }),
      changes: changesBetween(i === 0 ? null : (versions[i - 1] ?? null), version, words),
      note: noteOf(version) ?? counted,
    });
  }
  return entries;
}

type Values = Pick<LogEntry, 'seeds' | 'values'>;

/** Compares shared seeds, so that locking more or fewer changes nothing; all seeds if none are shared. */
function changeOf(before: Values, now: Values): Pick<TestedEntry, 'difference' | 'relative' | 'moved' | 'test'> {
  const shared = now.seeds.filter((seed) => before.seeds.includes(seed));
  const of = ({ seeds, values }: Values) =>
    shared.length === 0 ? values : shared.map((seed) => values[seeds.indexOf(seed)] ?? Number.NaN);
  const [old, current] = [of(before), of(now)];
  const [from, to] = [old, current].map((values) => (values.every(Number.isFinite) ? mean(values) : Number.NaN));
  const difference = (to ?? Number.NaN) - (from ?? Number.NaN);
  const relative = from ? difference / Math.abs(from) : Number.NaN;
  const moved = old.length !== current.length || current.some((value, i) => !Object.is(value, old[i]));
  const tested = moved && shared.length > 1 && Number.isFinite(difference);
  return {
    difference,
    relative: Number.isFinite(relative) ? relative : null,
    moved,
    test: tested ? pairedTTest(old, current) : null,
  };
}

function changesBetween(before: Version | null, after: Version | null, words: Words): readonly string[] {
  if (before === null || after === null) return [];
  const { changes, identity } = experimentDifference(before, after, words);
  return [
    ...changes.filter(({ counts }) => counts).map(changeText),
    ...identity.filter(({ what, counts }) => counts && what !== 'data').map(({ what }) => what),
  ];
}

function noteOf(version: Version | null): string | null {
  if (version === null) return 'the experiment does not exist';
  if (version.lockProblem !== null) return version.lockProblem.message;
  if (version.compiled === null) return 'it does not compile';
  const results = version.results.find(({ params }) => params.length === 0);
  if (!results) return 'not locked';
  return results.recomputed !== results.measured.experiment ? 'the lock is for another text' : null;
}
