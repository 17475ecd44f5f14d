import { partMetric } from '../../metrics/metric-name.js';
import { type Comparable, comparableMetric, usualMetrics } from '../../metrics/usual-metric.js';
import {
  hasEnded,
  type JournalEvent,
  type Started,
  type SweepTrialSummary,
  type TrialState,
  type TrialStateChanged,
} from '../../runtime/events.js';
import type { Store } from '../../runtime/store/store.js';
import type { SweepRecord, SweepTrialRecord } from '../../runtime/store/sweep-records.js';
import { searchFacts } from '../../sweep/plan/point-search.js';
import { RunFollower } from './run-follower.js';

type Metrics = ReadonlyMap<string, Readonly<Record<string, number>>>;

/** Reads what a sweep has recorded since the last poll, as its events. */
export class SweepFollower {
  readonly #store: Store;
  readonly #id: string;
  readonly #metricsBefore: 'all' | 'ranking';
  readonly #known = new Map<number, { readonly state: TrialState; readonly runId: string | null }>();
  readonly #runs = new Map<number, { readonly runId: string; readonly follower: RunFollower }>();
  #started = false;
  #done = false;
  #mark: string | null = null;
  #decisions = 0;
  #actions = 0;
  #comparable: Comparable = 'loss';

  /**
   * @param id `s3`
   * @param metrics of trials that had already ended: `all`, or only those for ranking and the training loss
   */
  constructor(store: Store, id: string, metrics: 'all' | 'ranking') {
    this.#store = store;
    this.#id = id;
    this.#metricsBefore = metrics;
  }

  get isDone(): boolean {
    return this.#done;
  }

  /** @throws StoreError */
  poll(): readonly JournalEvent[] {
    const sweep = this.#store.sweep(this.#id);
    if (sweep === null) return [];
    const events: JournalEvent[] = [];
    // The time or the counts change whenever a trial does, so trials are read only then.
    const mark = JSON.stringify([sweep.updated, sweep.status, sweep.counts]);
    if (mark !== this.#mark) {
      this.#mark = mark;
      for (const event of this.#changes(sweep)) events.push(event);
    }
    for (const event of this.#training()) events.push(event);
    if (sweep.status === 'running') this.#done = false;
    else if (!this.#done) {
      this.#done = true;
      events.push(this.#end(sweep, sweep.status));
    }
    return events;
  }

  #changes(sweep: SweepRecord): readonly JournalEvent[] {
    const trials = this.#store.sweepTrials(this.#id);
    const events: JournalEvent[] = [];
    if (!this.#started) {
      this.#started = true;
      events.push(this.#beginning(sweep, trials));
    } else {
      const added = trials.filter(({ trial }) => !this.#known.has(trial));
      if (added.length > 0) events.push({ event: 'trials_added', trials: added.map(queued) });
      const comparable = this.#comparableOf(trials);
      if (comparable !== this.#comparable) events.push({ event: 'comparable', comparable });
      this.#comparable = comparable;
    }
    const changed = trials.filter(({ trial, state, runId }) => {
      const known = this.#known.get(trial);
      return known === undefined ? state !== 'queued' : known.state !== state || known.runId !== runId;
    });
    const metrics = this.#metricsOf(sweep, changed);
    for (const one of changed) events.push(changeOf(one, metrics));
    for (const { trial, state, runId } of trials) this.#known.set(trial, { state, runId });
    for (const { trial, state, runId } of changed) this.#follow(trial, state, runId);
    return [...events, ...this.#decided()];
  }

  /** Reports all trials that ended before in a single event. */
  #beginning(sweep: SweepRecord, trials: readonly SweepTrialRecord[]): Started {
    const first = trials.find(({ runId }) => runId !== null)?.runId;
    const data = first ? (this.#store.trials.outcomes([first]).get(first)?.data ?? '') : '';
    const ended = trials.filter(({ state }) => hasEnded(state));
    this.#comparable = this.#comparableOf(trials);
    const names = this.#metricsBefore === 'all' ? undefined : rankedBy(sweep, this.#comparable);
    const metrics = this.#metricsOf(sweep, ended, names);
    for (const { trial, state, runId } of ended) this.#known.set(trial, { state, runId });
    return {
      event: 'started',
      of: 'sweep',
      id: sweep.id,
      name: sweep.name,
      experiment: sweep.experiment,
      backend: sweep.backend,
      data,
      axes: sweep.axes,
      trials: trials.map((one) => (hasEnded(one.state) ? endedBefore(one, metrics) : queued(one))),
      objective: sweep.objective,
      ...(sweep.moreObjectives.length === 0 ? {} : { moreObjectives: sweep.moreObjectives }),
      comparable: this.#comparable,
      ...(sweep.search === null ? {} : { search: searchFacts(sweep.search) }),
      jobs: 0,
      threads: 1,
    };
  }

  /** Uses the trials that have begun; what the others minimise is known once they begin. */
  #comparableOf(trials: readonly SweepTrialRecord[]): Comparable {
    if (this.#comparable === 'mse') return this.#comparable;
    return comparableMetric(this.#store.trials.lossStatements(trials.flatMap(({ runId }) => runId ?? [])));
  }

  /** Final metrics of ended trials, by run. */
  #metricsOf({ objective }: SweepRecord, trials: readonly SweepTrialRecord[], names?: readonly string[]): Metrics {
    const ids: string[] = [];
    for (const { state, runId } of trials) if (runId !== null && hasEnded(state)) ids.push(runId);
    const finals = new Map(this.#store.trials.finals(ids, names));
    if (objective === null) return finals;
    // The best value over the epochs serves until they are read.
    for (const { runId, objective: best } of trials) {
      if (runId !== null && best !== null) finals.set(runId, { ...finals.get(runId), [objective.metric]: best });
    }
    return finals;
  }

  #follow(trial: number, state: TrialState, runId: string | null): void {
    const present = this.#runs.get(trial);
    // A run that ended while followed is read once more, to its end.
    if (runId === null || (hasEnded(state) && present?.runId !== runId)) return;
    if (present?.runId !== runId) this.#runs.set(trial, { runId, follower: new RunFollower(this.#store, runId) });
  }

  #training(): readonly JournalEvent[] {
    const events: JournalEvent[] = [];
    for (const [trial, { follower }] of this.#runs) {
      for (const training of follower.poll()) events.push({ ...training, trial });
      if (hasEnded(this.#known.get(trial)?.state ?? 'queued')) this.#runs.delete(trial);
    }
    return events;
  }

  #decided(): readonly JournalEvent[] {
    const decisions = this.#store.sweepDecisions(this.#id).slice(this.#decisions);
    const actions = this.#store.sweepActions(this.#id).slice(this.#actions);
    this.#decisions += decisions.length;
    this.#actions += actions.length;
    return [...decisions, ...actions.map(({ action }): JournalEvent => ({ event: 'action', action }))];
  }

  #end({ id, started, finished, counts }: SweepRecord, status: 'complete' | 'interrupted'): JournalEvent {
    const seconds = finished === null ? 0 : (Date.parse(finished) - Date.parse(started)) / 1000;
    return { event: 'ended', id, status, counts, best: null, differing: [], unevaluated: [], seconds };
  }
}

function rankedBy({ objective, moreObjectives }: SweepRecord, comparable: Comparable): readonly string[] {
  return [
    partMetric('train', 'loss'),
    ...(objective === null ? usualMetrics(comparable) : [objective, ...moreObjectives].map(({ metric }) => metric)),
  ];
}

/** Its state follows as an event. */
function queued({ trial, parameters, seed, identity }: SweepTrialRecord): SweepTrialSummary {
  return { trial, parameters, seed, identity, state: 'queued', runId: null };
}

function endedBefore(
  { trial, parameters, seed, identity, state, runId, reason }: SweepTrialRecord,
  metrics: Metrics,
): SweepTrialSummary {
  const ended = { reason, metrics: metrics.get(runId ?? '') ?? null };
  return { trial, parameters, seed, identity, state, runId, ended };
}

function changeOf({ trial, state, reason, runId }: SweepTrialRecord, metrics: Metrics): TrialStateChanged {
  const known = metrics.get(runId ?? '') ?? null;
  return { event: 'trial_state', trial, state, runId, reason, weightsSha256: null, metrics: known };
}
