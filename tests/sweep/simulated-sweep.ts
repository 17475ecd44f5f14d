import type { TrialState } from '../../src/runtime/events.js';
import type { Pruning } from '../../src/sweep/pruning.js';
import { type Effect, type PlannedSlot, Schedule } from '../../src/sweep/schedule.js';

/** A trial whose cost after each epoch is known beforehand. */
export interface SimulatedTrial {
  readonly costs: readonly number[];
  /** Epoch in which it fails; null: never. */
  readonly failsAt: number | null;
}

export interface SimulatedEnd {
  readonly state: TrialState;
  /** Epochs that it trained, over all parts. */
  readonly epochs: number;
}

export interface SimulationSettings {
  readonly jobs: number;
  readonly pruning: Pruning | null;
  /** Which of the running trials comes back next, as a number that is taken modulo their number. */
  readonly choices: readonly number[];
  /** Returns after which the whole sweep is killed and gone on with; null: never. */
  readonly killedAfter: number | null;
  /**
   * Sessions that a part of a trial takes elsewhere, from the one in which it is first wanted, as numbers that are taken in
   * turn; null if all is trained in the session.
   */
  readonly lags?: readonly number[] | null;
}

interface Progress {
  state: TrialState;
  epochs: number;
  passed: number;
  /** Session in which its next part has ended, if it is trained elsewhere. */
  readyIn: number | null;
}

const fresh = (): Progress => ({ state: 'queued', epochs: 0, passed: 0, readyIn: null });

/** Runs a sweep without training anything, as the schedule wants it. */
export function simulate(trials: readonly SimulatedTrial[], settings: SimulationSettings): readonly SimulatedEnd[] {
  const progress = trials.map(fresh);
  const decided: number[] = [];
  let returns = 0;
  let killed = false;
  for (let session = 0; ; session++) {
    if (session > 1000) throw new Error('it does not end');
    const kill = settings.killedAfter === null || killed ? null : settings.killedAfter;
    const finished = part(trials, progress, decided, settings, session, () => kill !== null && ++returns > kill);
    if (finished) return progress.map(({ state, epochs }) => ({ state, epochs }));
    killed = true;
  }
}

/** @returns false when it was killed */
function part(
  trials: readonly SimulatedTrial[],
  progress: readonly Progress[],
  decided: number[],
  { jobs, pruning, choices, lags = null }: SimulationSettings,
  session: number,
  isKilled: () => boolean,
): boolean {
  const at = (trial: number) => progress[trial] ?? fresh();
  const costAt = (trial: number, epoch: number) =>
    Math.min(...(trials[trial]?.costs.slice(0, epoch) ?? []), Number.POSITIVE_INFINITY);
  const length = (trial: number) => trials[trial]?.costs.length ?? 0;
  const slots = progress.map(({ state, passed }, trial): PlannedSlot => {
    const ended = ['queued', 'running', 'paused', 'interrupted'].includes(state) ? null : state;
    const rungs = (pruning?.rungs ?? []).slice(0, ended === 'complete' ? undefined : passed + (ended === null ? 0 : 1));
    const costs = rungs.map((epoch) => costAt(trial, epoch));
    const last =
      ended === 'complete' ? [costAt(trial, length(trial))] : ended === 'failed' ? [Number.POSITIVE_INFINITY] : [];
    return {
      ended,
      costs: ended === 'failed' ? [...costs.slice(0, passed), ...last] : [...costs, ...last],
      passed,
      sameAs: null,
      compared: true,
    };
  });
  const known = pruning?.rule.kind === 'asha' ? [] : [...new Set(decided)];
  const schedule = new Schedule(slots, { jobs, pruning, inOrder: lags !== null }, known);
  const launched = new Map<number, number | null>();
  const carryOut = (effects: readonly Effect[]) => {
    for (const effect of effects) {
      switch (effect.do) {
        case 'launch':
          launched.set(effect.trial, effect.untilEpoch);
          break;
        case 'state':
          at(effect.trial).state = effect.state;
          break;
        case 'decide':
          decided.push(effect.rung);
          for (const trial of effect.kept) Object.assign(at(trial), { passed: effect.rung + 1, readyIn: null });
          for (const trial of effect.ends) at(trial).state = 'pruned';
          break;
        case 'halt':
          break;
      }
    }
  };
  carryOut(schedule.start());
  for (let turn = 0; launched.size > 0; turn++) {
    if (launched.size > jobs) throw new Error('more trials run than there are jobs');
    if (isKilled()) return false;
    const running = [...launched.keys()];
    const trial = running[(choices[turn % Math.max(1, choices.length)] ?? 0) % running.length] ?? 0;
    const until = launched.get(trial) ?? null;
    launched.delete(trial);
    if (lags !== null) {
      const progressed = at(trial);
      progressed.readyIn ??= session + (lags[(trial + progressed.passed) % lags.length] ?? 0);
      if (progressed.readyIn > session) {
        carryOut(schedule.returned(trial, { as: 'elsewhere' }));
        continue;
      }
    }
    const { failsAt = null } = trials[trial] ?? {};
    const end = Math.min(until ?? length(trial), length(trial));
    if (failsAt !== null && failsAt <= end) {
      at(trial).epochs = failsAt;
      carryOut(schedule.returned(trial, { as: 'failed', reason: 'as planned' }));
    } else if (until !== null && until < length(trial)) {
      at(trial).epochs = end;
      carryOut(schedule.returned(trial, { as: 'halted', atRung: true, cost: costAt(trial, end) }));
    } else {
      at(trial).epochs = end;
      carryOut(schedule.returned(trial, { as: 'complete', cost: costAt(trial, end) }));
    }
  }
  if (!schedule.done) throw new Error('nothing runs, and the sweep is not done');
  return progress.every(({ state }) => state !== 'interrupted' && state !== 'paused');
}
