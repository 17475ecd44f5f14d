import type { PruningDecision, TrialState } from '../runtime/events.js';
import type { SweepTrialRecord } from '../runtime/store/sweep-records.js';
import type { Pruning } from './pruning.js';
import type { PlannedSlot } from './schedule.js';
import type { SweepTrial } from './sweep-trial.js';
import type { TrialRun } from './trial-run.js';

/** The trials' states when a sweep begins. */
export interface PlannedSweep {
  readonly runs: readonly TrialRun[];
  readonly before: readonly SweepTrialRecord[];
  readonly planned: number;
  readonly wanted: (record: SweepTrialRecord) => boolean;
  /** A complete run of the same trial. */
  readonly reusable: (trial: SweepTrial) => string | null;
  readonly pruning: Pruning | null;
  readonly decided: readonly PruningDecision[];
  /** Whether the metrics of ended trials are needed, and not only the objective. */
  readonly readsMetrics: boolean;
}

/**
 * Initial state of each trial when a sweep begins or resumes: ended, reused or to be trained, and its costs at the
 * rungs. Also sets the state of every run.
 */
export function plannedSlots(sweep: PlannedSweep): readonly PlannedSlot[] {
  const { runs, before, planned, reusable, pruning, decided, readsMetrics } = sweep;
  const first = new Map<string, number>();
  const rungsPassed = countOf(decided.flatMap(({ kept }) => kept));
  const rungsDecided = new Set(decided.map(({ rung }) => rung));
  const decidedAgainst = new Set(decided.flatMap(({ pruned }) => pruned));
  return runs.map((run, trial) => {
    const record = before[trial];
    const { identity } = run.trial;
    const same = first.get(identity) ?? null;
    if (same === null) first.set(identity, trial);
    const ended = endOf(sweep, record);
    const reuse = ended === null ? reusable(run.trial) : null;
    const known = reuse ?? record?.runId ?? null;
    if (known !== null && (reuse !== null || pruning !== null || readsMetrics)) run.read(known);
    else if (record) run.objective.restoreBest(record);
    const state: TrialState | null = reuse === null ? ended : record?.runId === reuse ? 'complete' : 'cached';
    run.state = state ?? 'queued';
    const passed = rungsPassed.get(trial) ?? 0;
    // A trial that goes on after its rung was decided was restarted by the user or by `--failed`; it trains to its end.
    const isOut = pruning?.rule.kind === 'asha' ? decidedAgainst.has(trial) : rungsDecided.has(passed);
    return {
      ended: state,
      costs: costsOf(run, state, passed, pruning?.rungs ?? []),
      passed,
      sameAs: state === null ? same : null,
      compared: trial < planned && (state !== null || !isOut),
    };
  });
}

/** Its costs at the rungs it reached. */
function costsOf(
  { objective }: TrialRun,
  state: TrialState | null,
  passed: number,
  rungs: readonly number[],
): readonly number[] {
  const at = (reached: readonly number[]) => reached.map((epoch) => objective.cost(epoch));
  switch (state) {
    case 'complete':
    case 'cached':
      return [...at(rungs), objective.cost()];
    case 'failed':
    case 'diverged':
      return [...at(rungs.slice(0, passed)), Number.POSITIVE_INFINITY];
    case 'pruned':
      return at(rungs.slice(0, passed + 1));
    case 'stopped':
    case 'interrupted':
    case 'queued':
    case 'running':
    case 'paused':
    case null:
      return at(rungs.slice(0, passed));
  }
}

/** For a trial that keeps its end; null for one to train. */
function endOf({ wanted }: PlannedSweep, record: SweepTrialRecord | undefined): TrialState | null {
  return record === undefined || wanted(record) ? null : record.state;
}

function countOf(trials: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const trial of trials) counts.set(trial, (counts.get(trial) ?? 0) + 1);
  return counts;
}
