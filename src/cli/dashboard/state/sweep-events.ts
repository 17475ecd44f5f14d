import {
  isTraining,
  type JournalEvent,
  type Started,
  type SweepAction,
  type TrialState,
  type TrialStateChanged,
} from '../../../api/events.js';
import { countText } from '../../../api/text.js';
import { thinned } from './series.js';
import { type DashboardState, type SweepFacts, type Worker, whatTrains, withMessage } from './state.js';
import { logged, trained } from './training.js';
import { type LogLine, newTrial, type Trial, type Turn } from './trial.js';

const logLines = 500;
const speeds = 60;
/** Buckets kept for curves of older trials. */
const bucketsAfterwards = 256;
/** Trials with full curves. */
const fullTrials = 64;

/** Handles an event that arrived at `now` milliseconds. */
export function happened(state: DashboardState, event: JournalEvent, now: number): DashboardState {
  const at = now - state.started;
  if (isTraining(event)) return withTrial(state, event.trial, (trial) => trained(trial, event, now));
  switch (event.event) {
    case 'started':
      return begun(state, event, now);
    case 'comparable':
      return state.sweep === null ? state : { ...state, sweep: { ...state.sweep, comparable: event.comparable } };
    case 'trials_added':
      return { ...state, trials: [...state.trials, ...event.trials.map(newTrial)] };
    case 'trial_state':
      return noted(withoutEnded(withTrial(state, event.trial, (trial) => changed(trial, event, at, now))), {
        at,
        text: stateText(event),
      });
    case 'preview': {
      const { moment, pictures } = event;
      return withTrial(state, event.trial, (trial) => ({ ...trial, pictures: { moment, all: pictures } }));
    }
    case 'worker':
      return { ...state, workers: withWorker(state.workers, event) };
    case 'jobs':
      return noted(
        { ...state, jobs: event.jobs, workers: state.workers.filter((w) => w.worker < event.jobs) },
        { at, text: countText(event.jobs, 'worker') },
      );
    case 'rung': {
      const { rung, epoch, kept, pruned } = event;
      const text = `rung ${rung} after epoch ${epoch}: ${kept.length} kept, ${pruned.length} pruned`;
      return noted({ ...state, rungs: [...state.rungs, event] }, { at, text });
    }
    case 'action':
      return noted(state, { at, text: actionText(event.action) });
    case 'note': {
      const line = { at, text: event.trial === null ? event.text : `trial ${event.trial}: ${event.text}` };
      const told =
        event.trial === null
          ? withMessage(state, event.text)
          : withTrial(state, event.trial, (t) => logged(t, { at, text: event.text }));
      return noted(told, line);
    }
    case 'ended':
      return noted(
        { ...state, done: event, interrupting: false, touched: false, workers: [] },
        { at, text: `${whatTrains(state)} ${event.status === 'complete' ? 'is complete' : 'was interrupted'}` },
      );
  }
}

function begun(state: DashboardState, event: Started, now: number): DashboardState {
  const { event: _, trials, ...facts } = event;
  const sweep: SweepFacts = { ...facts, varying: varyingOf(event) };
  return {
    ...state,
    sweep,
    trials: [...trials].sort((a, b) => a.trial - b.trial).map(newTrial),
    jobs: event.jobs,
    started: state.mode === 'watch' ? state.started : now,
    log: [],
    done: null,
    ui: { ...state.ui, marked: new Set() },
  };
}

function varyingOf({ axes, trials }: Started): readonly string[] {
  const names = new Set(axes.map(({ name }) => name).filter((name) => name !== 'seed'));
  for (const { parameters } of trials.slice(0, 1)) for (const name of Object.keys(parameters)) names.add(name);
  return [...names];
}

function withTrial(state: DashboardState, number: number, change: (trial: Trial) => Trial): DashboardState {
  const before = state.trials[number];
  if (before === undefined) return state;
  const after = change(before);
  return after === before ? state : { ...state, trials: state.trials.with(number, after) };
}

function changed(trial: Trial, event: TrialStateChanged, at: number, now: number): Trial {
  const { state, runId, reason, metrics, weightsSha256 } = event;
  const restarted = state === 'queued' && trial.state !== 'paused' && trial.state !== 'queued';
  const from: Trial = restarted
    ? { ...newTrial({ ...trial, state, runId }), log: trial.log }
    : { ...trial, state, runId: runId ?? trial.runId };
  const over = state !== 'running' && state !== 'paused' && state !== 'queued';
  const told = reason === null ? from : logged(from, { at, text: `${state}: ${reason}` });
  return {
    ...told,
    reason,
    final: metrics ?? from.final,
    turn: turnAfter(from.turn, trial.state, state, now),
    weightsSha256: weightsSha256 ?? from.weightsSha256,
    stepsPerSecond: over ? null : from.stepsPerSecond,
    steps:
      over && trial.trial >= fullTrials
        ? new Map([...from.steps].map(([name, series]) => [name, thinned(series, bucketsAfterwards)]))
        : from.steps,
  };
}

function turnAfter(turn: Turn | null, before: TrialState, after: TrialState, now: number): Turn | null {
  if (after === 'running') {
    return before === 'running' ? turn : { began: now, started: null, ended: null, steps: 0, rate: null };
  }
  return turn === null || turn.ended !== null ? turn : { ...turn, ended: now };
}

/** A worker whose trial ended is idle while trials are left, and gone otherwise. */
function withoutEnded(state: DashboardState): DashboardState {
  const isTraining = ({ trial }: Worker) => trial === null || state.trials[trial]?.state === 'running';
  if (state.workers.every(isTraining)) return state;
  const more = state.trials.some((trial) => trial.state === 'queued');
  const workers = state.workers
    .map((worker) => (isTraining(worker) ? worker : { ...worker, trial: null, stepsPerSecond: null, bytes: 0 }))
    .filter(({ trial }) => trial !== null || more);
  return { ...state, workers };
}

function withWorker(
  workers: readonly Worker[],
  { worker, trial, stepsPerSecond, bytes }: Worker | Omit<Worker, 'speeds'>,
): readonly Worker[] {
  const before = workers.find((one) => one.worker === worker);
  const report = {
    worker,
    trial,
    stepsPerSecond,
    bytes,
    speeds: [...(before?.speeds ?? []).slice(1 - speeds), stepsPerSecond ?? 0],
  };
  return [...workers.filter((one) => one.worker !== worker), report].sort((a, b) => a.worker - b.worker);
}

function noted(state: DashboardState, line: LogLine): DashboardState {
  return { ...state, log: [...state.log.slice(1 - logLines), line] };
}

function stateText({ trial, state, reason }: TrialStateChanged): string {
  return `trial ${trial} ${state}${reason === null ? '' : `: ${reason}`}`;
}

/** An action as a line of the log. */
function actionText(action: SweepAction): string {
  switch (action.do) {
    case 'pause':
      return `paused trial ${action.trial}`;
    case 'resume':
      return `resumed trial ${action.trial}`;
    case 'stop':
      return `stopped trial ${action.trial}`;
    case 'restart':
      return `restarted trial ${action.trial}`;
    case 'prioritise':
      return `trial ${action.trial} is next`;
    case 'jobs':
      return `asked for ${countText(action.jobs, 'worker')}`;
    case 'add_seeds':
      return `added ${countText(action.seeds, 'seed')} to trial ${action.trial}`;
  }
}
