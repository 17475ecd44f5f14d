import type {
  Ended,
  JournalEvent,
  Listener,
  PruningDecision,
  Started,
  SweepAction,
  SweepTrialSummary,
  TrialState,
} from '../runtime/events.js';
import type { SweepTrialChange, SweepTrialRecord, SweepWriter } from '../runtime/store/sweep-records.js';
import { frontOf, objectivesOf } from './sweep-front.js';
import type { TrialRun } from './trial-run.js';

export interface JournalOptions {
  readonly of: Started['of'];
  /** Id in the events; null for a sweep that isn't kept, or for a run, which has that of its trial. */
  readonly shownId: string | null;
  /** Records the sweep; null for a run. */
  readonly writer: SweepWriter | null;
  readonly about: Pick<
    Started,
    'name' | 'experiment' | 'backend' | 'data' | 'axes' | 'objective' | 'moreObjectives' | 'comparable' | 'search'
  >;
  readonly listener: Listener;
  /** Monotonic clock, ms. */
  readonly clock: () => number;
}

/** Tells the store and the listener what becomes of the trials of a sweep. */
export class SweepJournal {
  readonly #options: JournalOptions;
  /** Grows as seeds are added. */
  readonly #runs: readonly TrialRun[];
  readonly #began: number;

  constructor(options: JournalOptions, runs: readonly TrialRun[]) {
    this.#options = options;
    this.#runs = runs;
    this.#began = options.clock();
  }

  emit(event: JournalEvent): void {
    this.#options.listener(event);
  }

  note(trial: number | null, text: string): void {
    this.emit({ event: 'note', trial, text });
  }

  /** @param before what an earlier part of the sweep left */
  started({ jobs, threads }: Pick<Started, 'jobs' | 'threads'>, before: readonly SweepTrialRecord[]): void {
    const { of, about } = this.#options;
    const trials = this.#runs.map(summary);
    this.emit({ event: 'started', of, id: this.#id, ...about, trials, jobs, threads });
    for (const [trial, { state, runId }] of this.#runs.entries()) {
      if (state === 'cached') this.change(trial, state, `the same trial as ${runId}`);
      else if (of === 'sweep' && state !== (before[trial]?.state ?? 'queued')) this.change(trial, state, null);
    }
  }

  /** To the store and the listener. */
  change(trial: number, state: TrialState, reason: string | null): void {
    this.#options.writer?.change(this.#changeOf(trial, state, reason));
    this.#tell(trial, state, reason);
  }

  /** A decision is kept together with the ends that come of it, so that neither is there without the other. */
  decided(decision: PruningDecision, ends: readonly number[], reason: string): void {
    this.#options.writer?.decision(
      decision,
      ends.map((trial) => this.#changeOf(trial, 'pruned', reason)),
    );
    this.emit(decision);
    for (const trial of ends) this.#tell(trial, 'pruned', reason);
  }

  acted(action: SweepAction): void {
    this.#options.writer?.action(action);
    this.emit({ event: 'action', action });
  }

  /** Tells of trials that were just added, the last `count`. @param action null for those that a search proposed */
  added(count: number, action: SweepAction | null): void {
    const first = this.#runs.length - count;
    const runs = this.#runs.slice(first);
    this.#options.writer?.add(
      runs.map(({ trial }) => trial),
      action,
    );
    if (action !== null) this.emit({ event: 'action', action });
    this.emit({ event: 'trials_added', trials: runs.map((run, i) => summary(run, first + i)) });
  }

  /** @param isWhole whether no points are left to be proposed */
  ended(found: Pick<Ended, 'differing' | 'unevaluated'>, isWhole: boolean): Ended {
    const isComplete = isWhole && !this.#runs.some(({ state }) => state === 'interrupted');
    const status = isComplete ? 'complete' : 'interrupted';
    this.#options.writer?.finish(status);
    const ended: Ended = {
      event: 'ended',
      id: this.#id,
      status,
      counts: this.#counts(),
      ...this.#bestOrFront(),
      ...found,
      seconds: (this.#options.clock() - this.#began) / 1000,
    };
    this.emit(ended);
    return ended;
  }

  get #id(): string | null {
    const { of, shownId } = this.#options;
    return of === 'sweep' ? shownId : (this.#runs[0]?.runId ?? null);
  }

  #changeOf(trial: number, state: TrialState, reason: string | null): SweepTrialChange {
    const { runId, objective } = this.#run(trial);
    const value = hasResults(state) ? objective.upTo(Number.POSITIVE_INFINITY) : null;
    return { trial, state, reason, runId, objective: value };
  }

  #tell(trial: number, state: TrialState, reason: string | null): void {
    const { runId, metrics, weightsSha256 } = this.#run(trial);
    const results = hasResults(state) ? { metrics, weightsSha256 } : { metrics: null, weightsSha256: null };
    this.emit({ event: 'trial_state', trial, state, runId, reason, ...results });
  }

  #counts(): Ended['counts'] {
    const counts: Partial<Record<TrialState, number>> = {};
    for (const { state } of this.#runs) counts[state] = (counts[state] ?? 0) + 1;
    return counts;
  }

  #bestOrFront(): Pick<Ended, 'best' | 'front'> {
    const objectives = objectivesOf(this.#options.about);
    if (objectives.length === 0) return { best: this.#best() };
    const settings = new Map<string, number[]>();
    for (const [trial, { state, trial: of }] of this.#runs.entries()) {
      if (state !== 'complete' && state !== 'cached') continue;
      const key = JSON.stringify(of.parameters);
      settings.set(key, [...(settings.get(key) ?? []), trial]);
    }
    const groups = [...settings.values()];
    const metrics = groups.map((trials) => trials.map((trial) => this.#run(trial).metrics ?? {}));
    return { best: null, front: frontOf(metrics, objectives).flatMap((group) => groups[group] ?? []) };
  }

  #best(): number | null {
    if (this.#options.about.objective === null) return null;
    let best: { readonly trial: number; readonly cost: number } | null = null;
    for (const [trial, run] of this.#runs.entries()) {
      if (run.state !== 'complete' && run.state !== 'cached') continue;
      const cost = run.objective.cost();
      if (Number.isFinite(cost) && (best === null || cost < best.cost)) best = { trial, cost };
    }
    return best?.trial ?? null;
  }

  #run(trial: number): TrialRun {
    const run = this.#runs[trial];
    if (!run) throw new RangeError(`the sweep has no trial ${trial}`);
    return run;
  }
}

function summary({ trial: { parameters, seed, identity }, state, runId }: TrialRun, trial: number): SweepTrialSummary {
  return { trial, parameters, seed, identity, state, runId };
}

/** Whether a trial in this state has metrics that are worth telling. */
function hasResults(state: TrialState): boolean {
  switch (state) {
    case 'complete':
    case 'cached':
    case 'diverged':
    case 'pruned':
    case 'stopped':
      return true;
    case 'queued':
    case 'running':
    case 'paused':
    case 'failed':
    case 'interrupted':
      return false;
  }
}
