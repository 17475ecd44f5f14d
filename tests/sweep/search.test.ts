import { afterAll, expect, test } from 'vitest';
import type { Executor } from '../../src/execute/executor.js';
import type { JournalEvent } from '../../src/runtime/events.js';
import { resumeSweep } from '../../src/sweep/resume.js';
import { builtinWords } from '../../src/words/words.js';
import { sweepRows } from '../crash/sweep-rows.js';
import { builtExecutor, inResults, sweepOf } from './sweep-places.js';

const processes = builtExecutor();
afterAll(() => processes.close());

/** Holds back how each trial ended, so that they come back in another order. */
function executor(delays: readonly number[] = [0]): Executor {
  return {
    start: (job, place, listener) =>
      processes.start(job, place, (message) => {
        if (message.type === 'ended') setTimeout(() => listener(message), delays[job.trial % delays.length]);
        else listener(message);
      }),
    close: async () => {},
  };
}

const plan = {
  axes: ['rate=loguniform:1e-4:10', 'units=int:1:6'],
  draws: 10,
  method: 'cmaes',
  lag: 3,
  maxSteps: 2,
} as const;

test('a search has the same points and hashes for any number of workers, and when it is interrupted', {
  timeout: 120_000,
}, async () => {
  const expected = await inResults(async (store) => {
    const { trials } = await sweepOf(plan, { store, jobs: 1, executor: executor() });
    const points = trials.map(({ parameters }) => JSON.stringify(parameters));
    expect(new Set(points).size).toBe(10);
    return sweepRows(store);
  });
  await inResults(async (store) => {
    const added: number[] = [];
    const listener = (event: JournalEvent) => {
      if (event.event === 'trials_added') added.push(event.trials.length);
      if (event.event === 'started') expect(event.search).toEqual({ method: 'cmaes', lag: 3, trials: 10 });
    };
    await sweepOf(plan, { store, jobs: 4, cores: 4, executor: executor([0, 60, 30, 10, 0]), listener });
    expect(added).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect(sweepRows(store)).toEqual(expected);
  });
  await inResults(async (store) => {
    // Once while the first trials train, once just after a point was decided, and then to the end.
    for (const [kind, count, status] of [
      ['trial_started', 2, 'interrupted'],
      ['trials_added', 4, 'interrupted'],
      ['ended', 2, 'complete'],
    ] as const) {
      const stop = new AbortController();
      let seen = 0;
      const listener = (event: JournalEvent) => {
        if (event.event === kind && ++seen === count) stop.abort();
      };
      const request = { store, jobs: 2, cores: 4, executor: executor([0, 30]), listener, signal: stop.signal };
      const outcome =
        kind === 'trial_started'
          ? await sweepOf(plan, request)
          : await resumeSweep({ library: builtinWords, sweep: 's1', ...request });
      expect(outcome.status).toBe(status);
    }
    expect(sweepRows(store)).toEqual(expected);
  });
});
