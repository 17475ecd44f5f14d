import { SweepFolder } from '../execute/slurm/sweep-folder.js';
import { hostText } from '../execute/ssh/ssh-host.js';
import { UsageError } from '../project/usage-error.js';
import type { JournalEvent, TrialState } from '../runtime/events.js';
import type { RunRecord, RunStatus } from '../runtime/store/records.js';
import type { Store } from '../runtime/store/store.js';
import type { SweepSummary } from '../runtime/store/sweep-records.js';
import type { Words } from '../words/word.js';
import { RunFollower } from './watch/run-follower.js';
import { SubmittedFollower } from './watch/submitted-follower.js';
import { SweepFollower } from './watch/sweep-follower.js';
import { storedTrials, type TrialLibrary } from './watch/trial-library.js';

export { storedTrials, type TrialDetails, type TrialLibrary } from './watch/trial-library.js';

/** A sweep or a run of a database, as it grows. */
export interface Watch {
  /** ISO 8601. */
  readonly started: string;
  /**
   * Returns what was recorded since the last call, as the events that the training process emitted. @throws StoreError
   */
  poll(): readonly JournalEvent[];
  /** Whether it has ended; a sweep may still be resumed. */
  isDone(): boolean;
  /** The sweep, if another host trains it: what is polled is what was brought from there. */
  readonly broughtFrom: { readonly sweep: string; readonly host: string } | null;
  readonly library: TrialLibrary;
}

/**
 * Watches a sweep (`s3`, or by name), a run (`r12`, an identity), or, for null and `last`, the newest of either. A
 * single run is a sweep of one trial.
 *
 * @param metrics to report for trials that had already ended: all, or only those for ranking and the training loss,
 *   with others read from the library on demand
 * @throws UsageError if there is nothing to watch; StoreError
 */
export function watch(store: Store, subject: string | null, words: Words, metrics: 'all' | 'ranking' = 'all'): Watch {
  const newestAsked = subject === null || subject === 'last';
  const sweep = newestAsked ? newestSweep(store) : store.sweep(subject);
  if (sweep !== null) return watchSweep(store, sweep, metrics, words);
  if (!newestAsked && /^s\d+$/.test(subject)) {
    throw new UsageError(`${store.path} has no sweep '${subject}'`, '`aedsl ls` lists the sweeps and runs');
  }
  if (!newestAsked) return watchRun(store, store.findRun(subject).id, words);
  const [newest] = store.listRuns({ limit: 1 });
  if (newest === undefined) {
    throw new UsageError(`${store.path}: nothing to watch yet`, 'start something with `aedsl run` or `aedsl sweep`');
  }
  return watchRun(store, newest.id, words);
}

/** Null if a run outside sweeps is newer. */
function newestSweep(store: Store) {
  const sweep = store.sweep('last');
  const [run] = store.trials.outsideSweeps(1);
  return sweep !== null && run !== undefined && run.started > sweep.started && sweep.status !== 'running'
    ? null
    : sweep;
}

function watchSweep(store: Store, { id, started }: SweepSummary, metrics: 'all' | 'ranking', words: Words): Watch {
  const results = new SweepFollower(store, id, metrics);
  const folder = SweepFolder.of(store.path, id);
  const follower = folder.exists ? new SubmittedFollower(results, folder) : results;
  const host = folder.exists ? folder.readPlan().host : null;
  return {
    started,
    poll: () => follower.poll(),
    isDone: () => follower.isDone,
    broughtFrom: host && { sweep: id, host: hostText(host) },
    library: storedTrials(store, words),
  };
}

function watchRun(store: Store, id: string, words: Words): Watch {
  const follower = new RunFollower(store, id);
  let state: TrialState | null = null;
  let done = false;
  const poll = (): readonly JournalEvent[] => {
    const run = store.findRun(id);
    const events: JournalEvent[] = state === null ? [beginning(run)] : [];
    if (run.status !== state) events.push(changed(run));
    state = run.status;
    for (const training of follower.poll()) events.push({ ...training, trial: 0 });
    if (!done && isEnd(run.status)) {
      done = true;
      events.push(ended(run));
    }
    return events;
  };
  const { started } = store.findRun(id);
  return { started, poll, isDone: () => done, broughtFrom: null, library: storedTrials(store, words) };
}

function beginning({ id, experiment, backend, data, identity, seed }: RunRecord): JournalEvent {
  return {
    event: 'started',
    of: 'run',
    id,
    name: experiment,
    experiment,
    backend,
    data,
    axes: [],
    trials: [{ trial: 0, parameters: {}, seed, identity, state: 'queued', runId: id }],
    objective: null,
    comparable: 'loss',
    jobs: 0,
    threads: 1,
  };
}

function changed({ id, status, error, weightsSha256 }: RunRecord): JournalEvent {
  return { event: 'trial_state', trial: 0, state: status, runId: id, reason: error, weightsSha256, metrics: null };
}

function ended({ id, status, seconds }: RunRecord): JournalEvent {
  return {
    event: 'ended',
    id,
    status: status === 'interrupted' ? 'interrupted' : 'complete',
    counts: { [status]: 1 },
    best: null,
    differing: [],
    unevaluated: [],
    seconds: seconds ?? 0,
  };
}

function isEnd(status: RunStatus): boolean {
  return status !== 'running' && status !== 'paused';
}
