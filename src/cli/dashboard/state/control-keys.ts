import { hasEnded, type SweepAction } from '../../../api/events.js';
import { countText } from '../../../api/text.js';
import { type DashboardState, requested, selectedTrial, whatTrains, withMessage, withUi } from './state.js';
import type { Trial } from './trial.js';

/** Keys that control the training. */
const controlKeys = ['p', 'x', 'R', 'P', '+', '=', '-', 'A'] as const;

type ControlKey = (typeof controlKeys)[number];

/** Those of them that mean something here: a run has one trial, and pauses with a checkpoint. */
export function controlsHere({ sweep }: DashboardState): readonly ControlKey[] {
  if (sweep?.of !== 'run') return controlKeys;
  return sweep.id === null ? ['x'] : ['p', 'x'];
}

/** Handles a control key; null for any other key. */
export function controlKey(state: DashboardState, key: string): DashboardState | null {
  const control = controlKeys.find((one) => one === key);
  if (control === undefined) return null;
  if (state.mode === 'watch') return withMessage(state, 'read only: the sweep is controlled where it runs');
  if (!state.controlled) return withMessage(state, `${whatTrains(state)} is still starting`);
  if (state.done !== null) return withMessage(state, overText(state));
  if (!controlsHere(state).includes(control)) {
    return withMessage(
      state,
      control === 'p'
        ? 'a run that is not kept has no checkpoint to resume from'
        : 'this is a run of one trial; `aedsl sweep` trains several',
    );
  }
  return asked(state, control);
}

function overText(state: DashboardState): string {
  const resumable = state.sweep?.of !== 'run' || state.done?.status === 'interrupted';
  return `${whatTrains(state)} is over${resumable ? '; `aedsl resume` trains what is missing' : ''}`;
}

function asked(state: DashboardState, key: ControlKey): DashboardState {
  const trial = selectedTrial(state);
  switch (key) {
    case '+':
    case '=':
      return acted(state, { do: 'jobs', jobs: state.jobs + 1 }, countText(state.jobs + 1, 'worker'));
    case '-': {
      if (state.jobs <= 1) return withMessage(state, 'one worker is the minimum; p pauses a trial');
      return acted(
        state,
        { do: 'jobs', jobs: state.jobs - 1 },
        `${countText(state.jobs - 1, 'worker')}, as trials end`,
      );
    }
    case 'p':
    case 'x':
    case 'R':
    case 'P':
    case 'A':
      return trial === null ? state : askedOfTrial(state, trial, key);
  }
}

function askedOfTrial(state: DashboardState, trial: Trial, key: 'p' | 'x' | 'R' | 'P' | 'A'): DashboardState {
  const number = trial.trial;
  const isRun = state.sweep?.of === 'run';
  const name = isRun ? whatTrains(state) : `trial ${number}`;
  switch (key) {
    case 'p':
      if (hasEnded(trial.state)) return withMessage(state, `${name} is ${trial.state}`);
      return trial.state === 'paused'
        ? acted(state, { do: 'resume', trial: number }, `${name} resumes`)
        : acted(state, { do: 'pause', trial: number }, `${name} pauses after its step; p resumes it`);
    case 'x':
      if (hasEnded(trial.state)) {
        return withMessage(state, `${name} is ${trial.state}${isRun ? '' : '; R trains it again'}`);
      }
      return confirmed(state, `stop ${name}?`, { do: 'stop', trial: number });
    case 'R':
      if (trial.state === 'queued') return withMessage(state, `${name} has not begun`);
      return confirmed(state, `train ${name} again from the start?`, { do: 'restart', trial: number });
    case 'P':
      if (trial.state !== 'queued')
        return withMessage(state, `${name} is ${trial.state}; only a queued trial can be next`);
      return acted(state, { do: 'prioritise', trial: number }, `${name} is next`);
    case 'A':
      return withUi(state, { prompt: { kind: 'seeds', trial: number, text: '' } });
  }
}

function acted(state: DashboardState, action: SweepAction, message: string): DashboardState {
  return withMessage(requested(state, { kind: 'act', action }), message);
}

function confirmed(state: DashboardState, question: string, action: SweepAction): DashboardState {
  return withUi(state, { prompt: { kind: 'confirm', question, request: { kind: 'act', action } } });
}
