import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pruning, PruningRule } from '../../src/sweep/pruning.js';
import { type PlannedSlot, Schedule } from '../../src/sweep/schedule.js';
import { simulate } from './simulated-sweep.js';

const newTrial: PlannedSlot = { ended: null, costs: [], passed: 0, sameAs: null, compared: true };
const schedule = (trials: number, jobs: number, pruning: Pruning | null = null) =>
  new Schedule(
    Array.from({ length: trials }, () => newTrial),
    { jobs, pruning },
  );
const launches = (effects: ReturnType<Schedule['start']>) =>
  effects.flatMap((effect) => (effect.do === 'launch' ? [effect.trial] : []));
const states = (effects: ReturnType<Schedule['start']>) =>
  effects.flatMap((effect) => (effect.do === 'state' ? [`${effect.trial} ${effect.state}`] : []));

const aTrial = (epochs: number, least = epochs) =>
  fc.record({
    costs: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: least, maxLength: epochs }),
    failsAt: fc.option(fc.integer({ min: 1, max: epochs }), { freq: 6, nil: null }),
  });
const rules: readonly PruningRule[] = [
  { kind: 'halving', reduction: 2 },
  { kind: 'halving', reduction: 3 },
  { kind: 'median' },
];

describe('the same trials are pruned after the same epochs', () => {
  it('for any number of workers, any order, and after a kill at any moment', () => {
    fc.assert(
      fc.property(
        fc.array(aTrial(8), { minLength: 1, maxLength: 12 }),
        fc.constantFrom(...rules),
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 40 }),
        fc.option(fc.nat({ max: 30 }), { nil: null }),
        (trials, rule, jobs, choices, killedAfter) => {
          const pruning = { rule, rungs: [1, 2, 4] };
          const calm = simulate(trials, { jobs: 1, pruning, choices: [0], killedAfter: null });
          expect(simulate(trials, { jobs, pruning, choices, killedAfter })).toEqual(calm);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('on a cluster, whenever which task ends, whoever merges how often, as with one worker', () => {
    fc.assert(
      fc.property(
        fc.array(aTrial(8, 1), { minLength: 1, maxLength: 12 }),
        fc.constantFrom<PruningRule>(...rules, { kind: 'asha', reduction: 2 }, { kind: 'asha', reduction: 3 }),
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 40 }),
        fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 20 }),
        fc.option(fc.nat({ max: 30 }), { nil: null }),
        (trials, rule, jobs, choices, lags, killedAfter) => {
          const pruning = { rule, rungs: [1, 2, 4] };
          const calm = simulate(trials, { jobs: 1, pruning, choices: [0], killedAfter: null });
          expect(simulate(trials, { jobs, pruning, choices, killedAfter, lags })).toEqual(calm);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('by halving: of nine trials three go on after one epoch, one to the end', () => {
    const trials = [5, 1, 4, 2, 9, 8, 7, 6, 3].map((cost) => ({ costs: Array<number>(9).fill(cost), failsAt: null }));
    const pruning: Pruning = { rule: { kind: 'halving', reduction: 3 }, rungs: [1, 3] };
    const ends = simulate(trials, { jobs: 4, pruning, choices: [2, 0, 1], killedAfter: null });
    expect(ends.map(({ epochs }) => epochs)).toEqual([1, 9, 1, 3, 1, 1, 1, 1, 3]);
    expect(ends.map(({ state }) => state).filter((state) => state === 'pruned')).toHaveLength(8);
  });
});

const anAction = fc.record({
  do: fc.constantFrom('pause', 'resume', 'stop', 'restart', 'prioritise'),
  trial: fc.nat(5),
});

describe('whatever a person does', () => {
  it('the sweep comes to its end, once the trials that were paused are let go on', () => {
    fc.assert(
      fc.property(
        fc.array(aTrial(6), { minLength: 6, maxLength: 6 }),
        fc.constantFrom<PruningRule>(...rules, { kind: 'asha', reduction: 2 }),
        fc.array(fc.tuple(fc.nat(30), anAction), { maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        (trials, rule, actions, jobs) => {
          const rungs = [1, 2, 4];
          const one = schedule(trials.length, jobs, { rule, rungs });
          const running = new Map<number, number | null>();
          const halting = new Set<number>();
          const state = new Map<number, string>();
          const carryOut = (effects: ReturnType<Schedule['start']>) => {
            for (const effect of effects) {
              if (effect.do === 'launch') running.set(effect.trial, effect.untilEpoch);
              else if (effect.do === 'halt') halting.add(effect.trial);
              else if (effect.do === 'state') state.set(effect.trial, effect.state);
              else for (const trial of effect.ends) state.set(trial, 'pruned');
            }
          };
          carryOut(one.start());
          for (let turn = 0; !one.done; turn++) {
            if (turn > 200) throw new Error(`it does not end: ${JSON.stringify([...state])}`);
            for (const [when, action] of actions) if (when === turn) carryOut(one.act(action));
            const [trial] = running.keys();
            if (trial === undefined) {
              for (const paused of state.keys()) carryOut(one.act({ do: 'resume', trial: paused }));
              continue;
            }
            const until = running.get(trial) ?? null;
            running.delete(trial);
            const { costs = [], failsAt = null } = trials[trial] ?? {};
            const cost = Math.min(...costs.slice(0, until ?? costs.length));
            if (halting.delete(trial)) carryOut(one.returned(trial, { as: 'halted', atRung: false, cost }));
            else if (failsAt !== null && failsAt <= (until ?? costs.length)) {
              carryOut(one.returned(trial, { as: 'failed', reason: 'as planned' }));
            } else if (until === null) carryOut(one.returned(trial, { as: 'complete', cost }));
            else carryOut(one.returned(trial, { as: 'halted', atRung: true, cost }));
          }
          expect([...state.values()].every((last) => /complete|failed|pruned|stopped/.test(last))).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a schedule', () => {
  it('keeps as many trials running as there are jobs, in the order of the plan', () => {
    const one = schedule(4, 2);
    expect(launches(one.start())).toEqual([0, 1]);
    expect(launches(one.returned(1, { as: 'complete', cost: 0 }))).toEqual([2]);
    expect(launches(one.act({ do: 'jobs', jobs: 3 }))).toEqual([3]);
  });

  it('retries a trial alone when its process is lost, and fails it when that is lost too', () => {
    const one = schedule(2, 2);
    one.start();
    const [, relaunch] = one.returned(0, { as: 'lost', reason: 'killed' });
    expect(relaunch).toMatchObject({ do: 'launch', trial: 0, alone: true, anew: false });
    expect(states(one.returned(0, { as: 'lost', reason: 'killed' }))).toEqual(['0 failed']);
    expect(states(one.returned(1, { as: 'complete', cost: 0 }))).toEqual(['1 complete']);
    expect(one.done).toBe(true);
  });

  it('lets a person pause, resume, stop, restart and prefer trials', () => {
    const one = schedule(4, 1);
    one.start();
    one.act({ do: 'prioritise', trial: 3 });
    expect(one.act({ do: 'pause', trial: 0 })).toEqual([{ do: 'halt', trial: 0 }]);
    const paused = one.returned(0, { as: 'halted', atRung: false, cost: 0 });
    expect([states(paused), launches(paused)]).toEqual([['0 paused'], [3]]);
    expect(states(one.act({ do: 'stop', trial: 1 }))).toEqual(['1 stopped']);
    expect(states(one.act({ do: 'resume', trial: 0 }))).toEqual(['0 queued']);
    one.act({ do: 'restart', trial: 3 });
    const again = one.returned(3, { as: 'halted', atRung: false, cost: 0 });
    expect(again.find((effect) => effect.do === 'launch')).toMatchObject({ trial: 3, anew: true });
    expect(launches(one.returned(3, { as: 'complete', cost: 0 }))).toEqual([0]);
  });

  it('begins with the trials that a person preferred, the latest first, when it goes on', () => {
    const slot = { ended: null, costs: [], passed: 0, sameAs: null, compared: true };
    const one = new Schedule([slot, slot, slot, slot], { jobs: 2, pruning: null, preferred: [1, 3] });
    expect(launches(one.start())).toEqual([3, 1]);
  });

  it('puts the trials that were started last back in the queue when there are fewer workers', () => {
    const one = schedule(3, 3);
    one.start();
    expect(one.act({ do: 'jobs', jobs: 1 })).toEqual([
      { do: 'halt', trial: 1 },
      { do: 'halt', trial: 2 },
    ]);
    expect(states(one.returned(2, { as: 'halted', atRung: false, cost: 0 }))).toEqual(['2 queued']);
  });

  it('is done after an interruption when nothing runs, with the rest not begun', () => {
    const one = schedule(3, 2);
    one.start();
    expect(one.interrupt()).toHaveLength(2);
    one.returned(0, { as: 'halted', atRung: false, cost: 0 });
    expect(one.done).toBe(false);
    expect(launches(one.returned(1, { as: 'complete', cost: 0 }))).toEqual([]);
    expect(one.done).toBe(true);
  });

  it('trains a trial that is in the plan twice once', () => {
    const twice = new Schedule([newTrial, { ...newTrial, sameAs: 0 }], { jobs: 2, pruning: null });
    expect(launches(twice.start())).toEqual([0]);
    expect(launches(twice.returned(0, { as: 'complete', cost: 0 }))).toEqual([1]);
    expect(states(twice.reused(1, [0]))).toEqual(['1 cached']);
  });
});
