import type { WritableStore } from '../store/store.js';
import type { SweepTrialRecord } from '../store/sweep-records.js';
import type { PruningDecision, TrialState } from './events.js';
import type { Pruning } from './pruning.js';
import type { PlannedSlot } from './schedule.js';
import type { TrialRun } from './trial-run.js';

/** The run that is reused; null for none. */
export type Reuse = string | null;

export interface Beginning {
  readonly store: WritableStore;
  readonly runs: readonly TrialRun[];
  readonly before: readonly SweepTrialRecord[];
  readonly planned: number;
  readonly wanted: (record: SweepTrialRecord) => boolean;
  readonly forced: boolean;
  readonly pruning: Pruning | null;
  readonly decided: readonly PruningDecision[];
}

/**
 * What each trial is when its sweep begins or goes on: ended, reused, or to be trained, and how it stood at the rungs.
 * Every run is told its state.
 */
export function plannedSlots(beginning: Beginning): readonly PlannedSlot[] {
  const { runs, before, planned, store, forced, pruning, decided } = beginning;
  const first = new Map<string, number>();
  return runs.map((run, trial) => {
    const record = before[trial];
    const { identity } = run.trial;
    const same = first.get(identity) ?? null;
    if (same === null) first.set(identity, trial);
    const lastRung = decided.findLast(({ pruned }) => pruned.includes(trial));
    const ended = lastRung && record?.state !== 'stopped' ? 'pruned' : endOf(beginning, record);
    const reuse = ended === null && !forced ? (store.findComplete(identity)?.id ?? null) : null;
    const known = reuse ?? record?.runId ?? null;
    if (known !== null && (reuse !== null || pruning !== null)) run.read(store, known);
    else if (record) run.objective.restoreBest(record);
    const state: TrialState | null = reuse === null ? ended : record?.runId === reuse ? 'complete' : 'cached';
    run.state = state ?? 'queued';
    const passed = decided.filter(({ kept }) => kept.includes(trial)).length;
    const { rungs } = pruning ?? { rungs: [] };
    const reached = state === null || state === 'pruned' ? rungs.slice(0, passed + (state === null ? 0 : 1)) : rungs;
    const costs = reached.map((epoch) => run.objective.cost(epoch));
    const final = state === 'complete' || state === 'cached' ? [run.objective.cost()] : [];
    const bad = state === 'failed' || state === 'diverged' ? [Number.POSITIVE_INFINITY] : [];
    return {
      ended: state,
      costs: bad.length > 0 ? [...costs.slice(0, passed), ...bad] : [...costs, ...final],
      passed,
      sameAs: state === null ? same : null,
      compared: trial < planned,
    };
  });
}

/** Of a trial that stays as it ended; null for one that is to be trained. */
function endOf({ wanted }: Beginning, record: SweepTrialRecord | undefined): TrialState | null {
  return record === undefined || wanted(record) ? null : record.state;
}
