import { hasEnded } from '../../../runtime/sweep/events.js';
import type { DashboardState } from './state.js';
import { plannedSteps, progressOf } from './trial.js';

/** How much of a sweep's training is done, from 0 to 1; trials whose plan isn't known yet count as the mean of the others. */
export function sweepShare(state: DashboardState): number {
  const { trials } = state;
  if (trials.length === 0) return 0;
  const done = trials.reduce((total, trial) => total + (hasEnded(trial.state) ? 1 : (progressOf(trial) ?? 0)), 0);
  return done / trials.length;
}

/** Seconds until all trials are done, if all workers keep their speed; null before that can be told. */
export function sweepSecondsLeft(state: DashboardState): number | null {
  if (state.done !== null) return null;
  const plans = state.trials.flatMap((trial) => plannedSteps(trial) ?? []);
  const running = state.trials.filter((trial) => trial.state === 'running' && trial.stepsPerSecond !== null);
  const speed = running.reduce((total, { stepsPerSecond }) => total + (stepsPerSecond ?? 0), 0);
  if (plans.length === 0 || speed <= 0) return null;
  const typical = plans.reduce((total, steps) => total + steps, 0) / plans.length;
  const steps = state.trials.reduce(
    (total, trial) =>
      total + (hasEnded(trial.state) ? 0 : Math.max(0, (plannedSteps(trial) ?? typical) - trial.stepsDone)),
    0,
  );
  return steps / speed;
}
