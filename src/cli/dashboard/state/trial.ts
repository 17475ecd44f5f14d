import { ownValue } from '../../../api/compiler.js';
import {
  type Evaluating,
  hasEnded,
  type ParameterValue,
  type PictureMoment,
  type PreviewPicture,
  type SweepTrialSummary,
  type TrialState,
} from '../../../api/events.js';
import type { Series } from './series.js';

/** What is known of a trial. Times are milliseconds of the dashboard's clock. */
export interface Trial {
  readonly trial: number;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly seed: number;
  readonly identity: string;
  readonly runId: string | null;
  readonly state: TrialState;
  /** Why it is in this state, where that needs a sentence. */
  readonly reason: string | null;
  /** Before its first event there is no plan. */
  readonly plan: TrialPlan | null;
  readonly stage: StageProgress | null;
  /** Updates over all stages that were done. */
  readonly stepsDone: number;
  /** Smoothed; null before it is known. */
  readonly stepsPerSecond: number | null;
  /** Of its present or last time on a worker; null before, and for one that ended before anybody looked. */
  readonly turn: Turn | null;
  /** When the last steps came in. */
  readonly steppedAt: number | null;
  /** Of each step: `loss`, `gradient_norm`, …; names begin with the stage where it isn't `train`. */
  readonly steps: ReadonlyMap<string, Series>;
  /** Of each epoch: `train.loss`, `validation.loss`, `encoder.0.dead`, …, in the order they came. */
  readonly epochs: ReadonlyMap<string, readonly EpochPoint[]>;
  /** At the end: of the weights that were kept. Empty before. */
  readonly final: Readonly<Record<string, number>>;
  readonly weightsSha256: string | null;
  readonly seconds: number | null;
  readonly pictures: { readonly moment: PictureMoment | null; readonly all: readonly PreviewPicture[] } | null;
  readonly log: readonly LogLine[];
  /** Of a model that is trained: which evaluations are being made. */
  readonly evaluating: Evaluating | null;
}

/** What a trial did from when it was given to a worker until it ended, was paused, or now. */
export interface Turn {
  readonly began: number;
  readonly ended: number | null;
  /** Updates since it began. */
  readonly steps: number;
  /** Updates a second while it trained, as last known; null where that was too short to tell. */
  readonly rate: number | null;
}

export interface TrialPlan {
  readonly parameters: number;
  readonly examples: { readonly train: number; readonly validation: number; readonly test: number };
  readonly stages: readonly { readonly stage: string; readonly epochs: number; readonly steps: number }[];
  /** What the loss asks metrics of layers to be, by their names. */
  readonly targets: Readonly<Record<string, number>>;
}

export interface StageProgress {
  readonly stage: string;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  /** Updates of this stage that were done. */
  readonly steps: number;
  /** Updates of the stages before it. */
  readonly before: number;
}

export interface EpochPoint {
  readonly epoch: number;
  readonly value: number;
}

export interface LogLine {
  /** Milliseconds since the sweep was first seen. */
  readonly at: number;
  readonly text: string;
}

/** Shared by all trials that have none of it yet. */
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

/** Updates it is planned to do; null before it is known. */
export function plannedSteps({ plan }: Trial): number | null {
  return plan === null ? null : plan.stages.reduce((total, { steps }) => total + steps, 0);
}

/** From 0 to 1; null before there is a plan. */
export function progressOf(trial: Trial): number | null {
  if (trial.state === 'complete' || trial.state === 'cached') return 1;
  const planned = plannedSteps(trial);
  if (planned === null || planned === 0) return null;
  return Math.min(1, trial.stepsDone / planned);
}

/** The epoch it is in, or the last one it was in, from 1, and how many there are in its stage. */
export function epochOf({ stage, state }: Trial): { readonly epoch: number; readonly of: number } | null {
  if (stage === null) return null;
  const { steps, stepsPerEpoch, epochs } = stage;
  const complete = stepsPerEpoch > 0 ? steps / stepsPerEpoch : 0;
  const epoch = hasEnded(state) ? Math.ceil(complete) : Math.floor(complete) + 1;
  return { epoch: Math.min(epochs, epoch), of: epochs };
}

/** Seconds until it is done at its present speed; null where it can't be told. */
export function secondsLeft(trial: Trial): number | null {
  const planned = plannedSteps(trial);
  if (trial.state !== 'running' || planned === null || !trial.stepsPerSecond) return null;
  return Math.max(0, planned - trial.stepsDone) / trial.stepsPerSecond;
}

/** The value of a metric that a person would call its present one; null where there is none. */
export function latest(trial: Trial, metric: string): number | null {
  const epochs = trial.epochs.get(metric)?.at(-1)?.value;
  const last = ownValue(trial.final, metric) ?? epochs ?? trial.steps.get(metric)?.last;
  return last === undefined ? null : last;
}
