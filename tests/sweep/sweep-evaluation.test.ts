import { expect, test } from 'vitest';
import type { Executor } from '../../src/execute/executor.js';
import type { TrialMessage } from '../../src/execute/job.js';
import { openStore } from '../../src/runtime/store/store.js';
import { resumeSweep } from '../../src/sweep/resume.js';
import { builtinWords } from '../../src/words/words.js';
import { sweepRows } from '../crash/sweep-rows.js';
import { builtExecutor, inResults, smallExperiment, sweepOf } from './sweep-places.js';

const plan = {
  source: {
    path: 'evaluated.ae',
    text: smallExperiment.replace(/\}\s*$/, '  evaluate { knn(k=3)  psnr() }\n  show { loss_curves() }\n}\n'),
  },
  axes: ['rate=0.003,0.01'],
  metric: 'validation.loss',
};

/** Whose trial 1 ends in another way once it is trained; `times` times. */
function losing(executor: Executor, last: TrialMessage, times: number): Executor & { readonly trained: number[] } {
  let left = times;
  const trained: number[] = [];
  return {
    trained,
    start(job, place, listener) {
      let lost = false;
      const running = executor.start(job, place, (message) => {
        if (lost) return;
        if (message.type === 'trained') trained.push(job.trial);
        listener(message);
        const isDue = job.trained !== null || message.type === 'trained';
        if (job.trial !== 1 || !isDue || left === 0) return;
        left--;
        lost = true;
        listener(last);
      });
      return running;
    },
    close: () => executor.close(),
  };
}

test('an evaluation that takes its thread or process with it costs no weights', { timeout: 300_000 }, async () => {
  const expected = await inResults(async (store) => {
    await sweepOf(plan, { store, jobs: 1 });
    return sweepRows(store);
  });
  const lost: TrialMessage = { type: 'lost', reason: 'its process was killed' };
  await inResults(async (store) => {
    // It may have been another trial's fault: it is evaluated again in a process of its own, and not trained.
    const executor = losing(builtExecutor(), lost, 1);
    const done = await sweepOf(plan, { store, jobs: 1, executor });
    expect(done).toMatchObject({ status: 'complete', counts: { complete: 2 }, unevaluated: [] });
    expect(sweepRows(store)).toEqual(expected);
    expect(executor.trained).toEqual([0, 1]);
  });
  const ways: readonly (readonly [TrialMessage, number])[] = [
    [lost, 2],
    [{ type: 'failed', reason: 'it ran out of memory' }, 1],
  ];
  for (const [last, times] of ways) {
    await inResults(async (store) => {
      const executor = losing(builtExecutor(), last, times);
      const done = await sweepOf(plan, { store, jobs: 1, executor });
      expect(done).toMatchObject({ status: 'complete', counts: { complete: 2 }, unevaluated: [1] });
      const reader = await openStore(store, { mode: 'read' });
      const [, trial] = reader.sweepTrials('s1');
      const run = reader.findRun(trial?.runId ?? '');
      expect(trial).toMatchObject({ state: 'complete', reason: expect.stringContaining('its evaluation failed: it') });
      expect(run).toMatchObject({ status: 'complete', evaluation: 'failed' });
      expect(reader.listFiles(run.id, 'weights')).toHaveLength(1);
      reader.close();
    });
  }
});

test('a sweep that is interrupted while a trial is evaluated evaluates it when it goes on', {
  timeout: 300_000,
}, async () => {
  const expected = await inResults(async (store) => {
    await sweepOf(plan, { store, jobs: 1 });
    return sweepRows(store);
  });
  await inResults(async (store) => {
    const stop = new AbortController();
    const real = builtExecutor();
    const executor: Executor = {
      start: (job, place, listener) => {
        const running = real.start(job, place, (message) => {
          // Before the thread has begun with its evaluations, or while it is at them.
          if (message.type === 'trained' && job.trial === 0) stop.abort();
          listener(message);
        });
        return running;
      },
      close: () => real.close(),
    };
    const first = await sweepOf(plan, { store, jobs: 1, executor, signal: stop.signal });
    expect(first.status).toBe('interrupted');
    const trained: number[] = [];
    const again = builtExecutor();
    const watching: Executor = {
      start: (job, place, listener) =>
        again.start(job, place, (message) => {
          if (message.type === 'trained') trained.push(job.trial);
          listener(message);
        }),
      close: () => again.close(),
    };
    const second = await resumeSweep({ library: builtinWords, store, sweep: 's1', executor: watching });
    expect(second.status).toBe('complete');
    expect(trained).toEqual([1]);
    expect(sweepRows(store)).toEqual(expected);
  });
});
