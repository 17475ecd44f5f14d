import { hasEnded } from '../../../api/events.js';
import { largest, smallest } from '../../../api/statistics.js';
import type { DashboardState } from './state.js';
import { plannedSteps, progressOf, type Trial, type Turn } from './trial.js';

/** The share of a sweep's training that is done, 0 to 1; trials without a plan count as the mean of the others. */
export function sweepShare(state: DashboardState): number {
  const { trials } = state;
  if (trials.length === 0) return 0;
  const done = trials.reduce((total, trial) => total + (hasEnded(trial.state) ? 1 : (progressOf(trial) ?? 0)), 0);
  return done / Math.max(trials.length, state.sweep?.search?.trials ?? 0);
}

/**
 * Estimates the seconds until all trials are done, from those before; null if unknown. Includes what a trial takes
 * besides its updates (starting, evaluating, drawing), which is most of a short trial.
 */
export function sweepSecondsLeft(state: DashboardState): number | null {
  if (state.done !== null) return null;
  const { trials, now } = state;
  const running = trials.filter((trial) => trial.state === 'running');
  const waiting = trials.filter((trial) => trial.state === 'queued' || trial.state === 'paused');
  const ended = trials.filter(
    (trial) => (trial.state === 'complete' || trial.state === 'pruned') && trial.turn !== null,
  );
  const rate = meanOf([...running, ...ended].flatMap(({ turn }) => turn?.rate ?? []));
  if (running.length === 0 || (rate === null && ended.length === 0)) return null;
  const turns = ended.flatMap(({ turn }) => turn ?? []);
  const firstEnd = smallest(turns.map((turn) => turn.ended ?? now));
  // The first trials waited for the engine and the data to load, which others need not.
  const later = turns.filter(({ began }) => began >= firstEnd);
  const first = turns.length > 0 ? turns : running.flatMap(({ turn }) => turn ?? []);
  const besides = meanOf(
    later.length > 0
      ? later.map((turn) => secondsBeside(turn, now))
      : first.map((turn) => secondsBeside({ ...turn, began: turn.started ?? turn.ended ?? now }, now)),
  );
  const undecided = Math.max(0, (state.sweep?.search?.trials ?? 0) - trials.length);
  const typical = meanOf(trials.flatMap((trial) => plannedSteps(trial) ?? [])) ?? 0;
  const training = (trial: Trial, speed: number | null) =>
    speed === null ? 0 : Math.max(0, (plannedSteps(trial) ?? typical) - trial.stepsDone) / speed;
  const left = [
    ...running.map((trial) => {
      const spent = trial.turn === null ? 0 : secondsBeside(trial.turn, now);
      return training(trial, trial.turn?.rate ?? rate) + Math.max(0, (besides ?? 0) - spent);
    }),
    ...waiting.map((trial) => training(trial, rate) + (besides ?? 0)),
    ...Array.from({ length: undecided }, () => (rate === null ? 0 : typical / rate) + (besides ?? 0)),
  ];
  const workers = Math.max(1, Math.min(state.jobs > 0 ? state.jobs : running.length, left.length));
  return Math.max(left.reduce((total, seconds) => total + seconds, 0) / workers, largest(left, 0));
}

/** Seconds of a turn besides its updates. */
function secondsBeside({ began, ended, steps, rate }: Turn, now: number): number {
  const seconds = ((ended ?? now) - began) / 1000;
  return Math.max(0, seconds - (rate === null ? 0 : steps / rate));
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((total, value) => total + value, 0) / values.length;
}
