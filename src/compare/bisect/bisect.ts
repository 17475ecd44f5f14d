import { committedExperiment } from '../../project/experiment-names.js';
import { UsageError } from '../../project/usage-error.js';
import type { Project } from '../../project/versioned-project.js';
import type { CommitSummary, Repository } from '../../runtime/provenance/repository.js';
import { commitSnapshot } from '../../runtime/provenance/snapshot.js';
import { pairedTTest } from '../../runtime/statistics/statistics.js';
import type { Words } from '../../words/word.js';
import { changeText } from '../diff/change.js';
import { experimentDifference } from '../diff/experiment-difference.js';
import { refuseMetric } from '../diff/gate.js';
import { ExperimentHistory } from '../diff/history.js';
import { unknownRevision, withoutGit } from '../diff/selection.js';
import type { Condition } from './condition.js';
import { engineAt } from './installation.js';
import { changesAmong, findBoundary, type Outcomes } from './search.js';
import { CommitTrials, type TrialSettings, type Tried } from './trials.js';

export interface BisectOptions extends TrialSettings {
  /** The words to compile the commits' texts with, unless their own aedsl is installed. */
  readonly library: Words;
  readonly project: Project;
  /** The experiment, as named at the end of the range. */
  readonly experiment: string;
  readonly condition: Condition;
  /** `GOOD..BAD`; `GOOD` alone ends at HEAD. */
  readonly range: string;
  /** Train with each commit's own installation; null: only if engines differ within the range and `agrees` says yes. */
  readonly install: boolean | null;
  /** Asked for consent, with a sentence that says whose code will run, unless `install` gave it; refuses by default. */
  readonly agrees?: (what: string) => Promise<boolean>;
  /** Called for every commit whose value becomes known. */
  readonly onTried?: (tried: TriedCommit) => void;
}

export interface TriedCommit {
  readonly commit: CommitSummary;
  readonly value: number | null;
  /** By seed; empty if the commit could not be tried. */
  readonly values: readonly number[];
  /** Null if the commit could not be tried; `reason` says why. */
  readonly holds: boolean | null;
  readonly from: Tried['from'];
  readonly reason: string | null;
}

export interface Bisection {
  readonly condition: string;
  /** The commit that changed the outcome. */
  readonly culprit: CommitSummary;
  /** Commits between it and the last with the other outcome that could not be tried; each may be the one. */
  readonly suspects: readonly CommitSummary[];
  /** Its changes to the experiment. */
  readonly changes: readonly string[];
  /** In history order. */
  readonly tried: readonly TriedCommit[];
  /** p of the paired t test between the two; null for one seed, or if their differences leave nothing to test. */
  readonly p: number | null;
  /** How often the outcome changes among known commits; more than once means that another commit changed it too. */
  readonly outcomeChanges: number;
  readonly installed: boolean;
  readonly isMerge: boolean;
}

/**
 * Finds the commit at which a condition changes, along the first parents of `BAD`. Results known from lock files and
 * the database are not computed again.
 * @returns null if interrupted
 * @throws UsageError if both ends agree, the range is invalid, or consent to run the commits' code is missing;
 *   CheckoutError, and what `run` throws
 */
export async function bisect(options: BisectOptions): Promise<Bisection | null> {
  const { repository } = options.project;
  if (repository === null) throw withoutGit(options.project.root);
  const { good, bad } = endsOf(options.range, repository);
  const place = committedExperiment(
    options.experiment,
    commitSnapshot(repository, bad, bad.slice(0, 7)),
    options.project,
  );
  const history = new ExperimentHistory(repository, place, bad, options.library);
  const commits = [good, ...commitsOf(repository, good, bad)];
  const last = commits.length - 1;
  const engines = new Set(commits.map((commit) => engineAt(repository, commit)));
  const installed = options.install ?? engines.size > 1;
  if (installed) await announceInstallation(commits, repository, options);
  const trials = new CommitTrials(repository, history, options.condition, { ...options, install: installed });
  refuseUnknownMetric(options.condition.metric, [good, bad], history);
  const commitAt = (index: number): string => {
    const commit = commits[index];
    if (commit === undefined) throw new RangeError(`the range has ${commits.length} commits, and no commit ${index}`);
    return commit;
  };
  const tried = new Map<number, TriedCommit>();
  const outcomes: Outcomes = new Map();
  const note = (index: number, result: Tried): boolean | null => {
    const commit = repository.summary(commitAt(index));
    const holds = result.value === null ? null : options.condition.holds(result.value);
    const entry = {
      commit,
      value: result.value,
      values: result.values,
      holds,
      from: result.from,
      reason: result.reason,
    };
    tried.set(index, entry);
    options.onTried?.(entry);
    return holds;
  };
  for (const [index, commit] of commits.entries()) {
    const known = trials.known(commit);
    if (known !== null) outcomes.set(index, note(index, known));
  }
  const attempt = async (index: number) => {
    const result = await trials.train(commitAt(index));
    return result === 'interrupted' ? result : note(index, result);
  };
  for (const index of [0, last]) {
    if (outcomes.has(index)) continue;
    const outcome = await attempt(index);
    if (outcome === 'interrupted') return null;
    outcomes.set(index, outcome);
  }
  refuseSameEnds(options.condition, tried, last, installed);
  const boundary = await findBoundary(outcomes, last, attempt);
  if (boundary === null) return null;
  const summary = (index: number) => repository.summary(commitAt(index));
  const culprit = commitAt(boundary.first);
  return {
    condition: options.condition.text,
    culprit: summary(boundary.first),
    suspects: commits.slice(boundary.last + 1, boundary.first).map((commit) => repository.summary(commit)),
    changes: [
      ...changesOf(history, commits[boundary.last] ?? good, culprit, options.library),
      ...(installed ? engineChange(repository, commits[boundary.last] ?? good, culprit) : []),
    ],
    tried: [...tried].sort(([a], [b]) => a - b).map(([, entry]) => entry),
    p: probabilityOf(tried.get(boundary.last), tried.get(boundary.first)),
    outcomeChanges: changesAmong(outcomes),
    installed,
    isMerge: repository.commit(`${culprit}^2`) !== null,
  };
}

/** Says whose code will run, and asks for consent unless given. @throws UsageError if it is refused */
async function announceInstallation(
  commits: readonly string[],
  repository: Repository,
  { install, agrees, onProgress }: BisectOptions,
): Promise<void> {
  const authors = repository.authors(commits);
  const names = [...authors.slice(0, 3), ...(authors.length > 3 ? [`${authors.length - 3} more`] : [])].join(', ');
  const what =
    'each commit is trained with its own installation, which runs the npm scripts of its packages, its build and its aedsl: ' +
    `code of up to ${commits.length} commits by ${names}`;
  if (install === null && (await agrees?.(what)) !== true) {
    throw new UsageError(
      `the engine differs within the range; ${what}`,
      'if you trust them: --install; --no-install trains the old texts with this aedsl',
    );
  }
  onProgress?.(what);
}

/** A value beyond the limit may be noise, if the limit lies within the spread of the seeds. */
function probabilityOf(before: TriedCommit | undefined, after: TriedCommit | undefined): number | null {
  if (!before || !after || before.values.length !== after.values.length) return null;
  return pairedTTest(before.values, after.values)?.p ?? null;
}

/** Rejects an unknown metric before any training, if lock files list the metrics. */
function refuseUnknownMetric(metric: string, ends: readonly string[], history: ExperimentHistory): void {
  const results = ends.flatMap((commit) => history.versionAt(commit)?.results ?? []);
  refuseMetric(metric, [...new Set(results.flatMap(({ measured }) => Object.keys(measured.metrics)))]);
}

function endsOf(range: string, repository: Repository): { readonly good: string; readonly bad: string } {
  const [from = '', to = ''] = range.includes('..') ? range.split('..') : [range, 'HEAD'];
  const commit = (text: string): string => {
    const found = repository.commit(text === '' ? 'HEAD' : text);
    if (found === null) throw unknownRevision(text, repository);
    return found;
  };
  const [good, bad] = [commit(from), commit(to)];
  if (good === bad) throw new UsageError(`'${range}' is one commit`, 'write the range as GOOD..BAD');
  if (repository.isAncestor(good, bad)) return { good, bad };
  const turned = repository.isAncestor(bad, good);
  throw new UsageError(
    `${from || 'HEAD'} is not in the history of ${to || 'HEAD'}`,
    turned ? `the older one comes first: ${to || 'HEAD'}..${from || 'HEAD'}` : 'start from a common ancestor of both',
  );
}

/** Along first parents if `good` is on that line, else all commits between, parents first. */
function commitsOf(repository: Repository, good: string, bad: string): readonly string[] {
  const line = repository.firstParents(good, bad);
  const [first] = line;
  const onLine = first !== undefined && repository.commit(`${first}^1`) === good;
  return onLine ? line : repository.commitsBetween(good, bad);
}

function refuseSameEnds(
  condition: Condition,
  tried: ReadonlyMap<number, TriedCommit>,
  last: number,
  installed: boolean,
): void {
  const [good, bad] = [tried.get(0), tried.get(last)];
  for (const end of [good, bad]) {
    if (end && end.holds !== null) continue;
    const reason = end?.reason ?? 'it has no value';
    const hint = `choose other ends of the range${installed ? ', or train the old texts with this aedsl: --no-install' : ''}`;
    throw new UsageError(`${end?.commit.sha.slice(0, 7)} cannot be tried: ${reason}`, hint);
  }
  if (good?.holds !== bad?.holds) return;
  const [a, b] = [good, bad].map((end) => `${end?.commit.sha.slice(0, 7)} (${end?.value})`);
  const other = [...tried.values()].find(({ holds }) => holds !== null && holds !== good?.holds);
  throw new UsageError(
    `'${condition.text}' ${good?.holds ? 'holds' : 'does not hold'} at both ends, ${a} and ${b}`,
    other === undefined
      ? 'choose a limit between the two values, or other ends'
      : `it changes there and back: at ${other.commit.sha.slice(0, 7)} it is ${other.value}; make that one of the ends`,
  );
}

function changesOf(history: ExperimentHistory, before: string, culprit: string, words: Words): readonly string[] {
  const [old, now] = [history.versionAt(before), history.versionAt(culprit)];
  if (old === null || now === null) return [];
  const { changes, identity } = experimentDifference(old, now, words);
  return [
    ...changes.filter(({ counts }) => counts).map(changeText),
    ...identity.map(({ what, from, to }) => `${what}: ${from?.slice(0, 24) ?? 'none'} → ${to?.slice(0, 24) ?? 'none'}`),
  ];
}

function engineChange(repository: Repository, before: string, culprit: string): readonly string[] {
  if (engineAt(repository, before) === engineAt(repository, culprit)) return [];
  return ['engine: other sources of aedsl, or another lock file of packages'];
}
