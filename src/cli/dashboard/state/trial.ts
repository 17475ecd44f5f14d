import { ownValue } from '../../../api/compiler.js';
import {
  type Evaluating,
  hasEnded,
  type ParameterValue,
  type PictureTime,
  type PreviewPicture,
  type SweepTrialSummary,
  type TrialState,
} from '../../../api/events.js';
import type { Series } from './series.js';

/** A trial's state. Times are milliseconds of the dashboard's clock. */
export interface Trial {
  readonly trial: number;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly seed: number;
  readonly identity: string;
  readonly runId: string | null;
  readonly state: TrialState;
  /** Explains the state, if needed. */
  readonly reason: string | null;
  /** Null before its first event. */
  readonly plan: TrialPlan | null;
  readonly stage: StageProgress | null;
  /** Completed updates over all stages. */
  readonly stepsDone: number;
  /** Smoothed; null if unknown. */
  readonly stepsPerSecond: number | null;
  /** Its current or last turn on a worker; null if it had none, or ended before the dashboard opened. */
  readonly turn: Turn | null;
  /** When the last steps arrived. */
  readonly steppedAt: number | null;
  /** Seconds over which its speed was measured. */
  readonly measuredSeconds: number;
  /** Per-step metrics: `loss`, `gradient_norm`, …; prefixed by the stage unless it is `train`. */
  readonly steps: ReadonlyMap<string, Series>;
  /** Per-epoch metrics: `train.loss`, `validation.loss`, `encoder.0.dead`, …, in order of arrival. */
  readonly epochs: ReadonlyMap<string, readonly EpochPoint[]>;
  /** Final metrics, of the kept weights; empty before. */
  readonly final: Readonly<Record<string, number>>;
  readonly weightsSha256: string | null;
  readonly seconds: number | null;
  readonly pictures: { readonly moment: PictureTime | null; readonly all: readonly PreviewPicture[] } | null;
  readonly log: readonly LogLine[];
  /** Evaluations in progress. */
  readonly evaluating: Evaluating | null;
}

/** A trial's time on a worker, until it ended, was paused, or now. */
export interface Turn {
  readonly began: number;
  /** When its first stage began: a new worker has loaded the engine and the data by then. */
  readonly started: number | null;
  readonly ended: number | null;
  /** Updates in this turn. */
  readonly steps: number;
  /** Latest speed in updates per second; null if too short to measure. */
  readonly rate: number | null;
}

export interface TrialPlan {
  readonly parameters: number;
  readonly examples: { readonly train: number; readonly validation: number; readonly test: number };
  readonly stages: readonly { readonly stage: string; readonly epochs: number; readonly steps: number }[];
  /** The loss's targets for layer metrics, by name. */
  readonly targets: Readonly<Record<string, number>>;
}

export interface StageProgress {
  readonly stage: string;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  /** Completed updates of this stage. */
  readonly steps: number;
  /** Updates of earlier stages. */
  readonly before: number;
}

export interface EpochPoint {
  readonly epoch: number;
  readonly value: number;
}

export interface LogLine {
  /** Milliseconds since the dashboard first saw the sweep. */
  readonly at: number;
  readonly text: string;
}

/** Initial values, shared by all trials. */
const nothing = {
  steps: new Map<string, Series>(),
  epochs: new Map<string, readonly EpochPoint[]>(),
  final: {},
} as const;

export function newTrial({ trial, parameters, seed, identity, state, runId, ended }: SweepTrialSummary): Trial {
  return {
    trial,
    parameters,
    seed,
    identity,
    state,
    runId,
    reason: ended?.reason ?? null,
    plan: null,
    stage: null,
    stepsDone: 0,
    stepsPerSecond: null,
    turn: null,
    steppedAt: null,
    measuredSeconds: 0,
    steps: nothing.steps,
    epochs: nothing.epochs,
    final: ended?.metrics ?? nothing.final,
    weightsSha256: null,
    seconds: null,
    pictures: null,
    log: [],
    evaluating: null,
  };
}

/** Planned updates; null if unknown. */
export function plannedSteps({ plan }: Trial): number | null {
  return plan === null ? null : plan.stages.reduce((total, { steps }) => total + steps, 0);
}

/** Progress from 0 to 1; null without a plan. */
export function progressOf(trial: Trial): number | null {
  if (trial.state === 'complete' || trial.state === 'cached') return 1;
  const planned = plannedSteps(trial);
  if (planned === null || planned === 0) return null;
  return Math.min(1, trial.stepsDone / planned);
}

/** The current or last epoch, from 1, and the number of epochs of its stage. */
export function epochOf({ stage, state }: Trial): { readonly epoch: number; readonly of: number } | null {
  if (stage === null) return null;
  const { steps, stepsPerEpoch, epochs } = stage;
  const complete = stepsPerEpoch > 0 ? steps / stepsPerEpoch : 0;
  const epoch = hasEnded(state) ? Math.ceil(complete) : Math.floor(complete) + 1;
  return { epoch: Math.min(epochs, epoch), of: epochs };
}

/** Seconds left at its current speed; null if unknown. */
export function secondsLeft(trial: Trial): number | null {
  const planned = plannedSteps(trial);
  if (trial.state !== 'running' || planned === null || !trial.stepsPerSecond) return null;
  return Math.max(0, planned - trial.stepsDone) / trial.stepsPerSecond;
}

/** The current value of a metric; null if there is none. */
export function latest(trial: Trial, metric: string): number | null {
  const epochs = trial.epochs.get(metric)?.at(-1)?.value;
  const last = ownValue(trial.final, metric) ?? epochs ?? trial.steps.get(metric)?.last;
  return last === undefined ? null : last;
}
