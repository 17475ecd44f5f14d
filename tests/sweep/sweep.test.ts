import { expect, test } from 'vitest';
import type { Executor } from '../../src/execute/executor.js';
import type { JournalEvent, SweepControls } from '../../src/runtime/events.js';
import { openStore } from '../../src/runtime/store/store.js';
import { resumeSweep } from '../../src/sweep/resume.js';
import { builtinWords } from '../../src/words/words.js';
import { sweepRows } from '../crash/sweep-rows.js';
import { builtExecutor, hashes, inResults, sweepOf } from './sweep-places.js';

const axes = ['rate=0.003,0.01,0.03'];
const pruned = { axes, seeds: '2', metric: 'validation.loss', prune: 'halving:reduction=2:from=1' };

/** Holds back how each trial ended for a while, so that they come back in another order. */
function shuffled(executor: Executor, delays: readonly number[]): Executor {
  return {
    start: (job, place, listener) =>
      executor.start(job, place, (message) => {
        if (message.type === 'ended') setTimeout(() => listener(message), delays[job.trial % delays.length]);
        else listener(message);
      }),
    close: () => executor.close(),
  };
}

test('the weights are the same for any number of workers, any order, and an interrupted sweep', {
  timeout: 300_000,
}, async () => {
  const expected = await inResults(async (store) => {
    await sweepOf(pruned, { store, jobs: 1 });
    return hashes(store);
  });
  expect(expected.filter((line) => line.startsWith('complete'))).toHaveLength(1);
  expect(expected.filter((line) => line.startsWith('pruned'))).toHaveLength(5);
  for (const jobs of [2, 4]) {
    await inResults(async (store) => {
      await sweepOf(pruned, { store, jobs, cores: 4 });
      expect(await hashes(store)).toEqual(expected);
    });
  }
  await inResults(async (store) => {
    const executor = shuffled(builtExecutor(), [400, 0, 200, 100]);
    await sweepOf(pruned, { store, jobs: 3, cores: 4, executor });
    expect(await hashes(store)).toEqual(expected);
  });
  await inResults(async (store) => {
    const stop = new AbortController();
    let epochs = 0;
    const listener = (event: JournalEvent) => {
      if (event.event === 'epoch' && ++epochs === 4) stop.abort();
    };
    const first = await sweepOf(pruned, { store, jobs: 2, cores: 2, listener, signal: stop.signal });
    expect(first.status).toBe('interrupted');
    const second = await resumeSweep({ library: builtinWords, store, sweep: 's1', executor: builtExecutor() });
    expect(second.status).toBe('complete');
    expect(await hashes(store)).toEqual(expected);
  });
});

test('a trial that waits at its rung keeps what it measured when the sweep is interrupted', {
  timeout: 300_000,
}, async () => {
  const expected = await inResults(async (store) => {
    await sweepOf(pruned, { store, jobs: 1 });
    return sweepRows(store);
  });
  await inResults(async (store) => {
    const stop = new AbortController();
    const waiting = new Set<number>();
    const listener = (event: JournalEvent) => {
      if (event.event === 'trial_state' && event.state === 'paused') waiting.add(event.trial);
      if (waiting.size === 3) stop.abort();
    };
    const first = await sweepOf(pruned, { store, jobs: 1, listener, signal: stop.signal });
    expect(first.status).toBe('interrupted');
    await resumeSweep({ library: builtinWords, store, sweep: 's1', executor: builtExecutor() });
    expect(sweepRows(store)).toEqual(expected);
  });
});

test('a trial that is complete is reused, and trained again only when that is asked for', async () => {
  await inResults(async (store) => {
    await sweepOf({ axes: ['rate=0.01,0.02'] }, { store });
    const overlapping = await sweepOf({ axes: ['rate=0.02,0.03'] }, { store });
    expect(overlapping.trials.map(({ state, reason }) => [state, reason])).toEqual([
      ['cached', 'the same trial as r2'],
      ['complete', null],
    ]);
    const short = await sweepOf({ axes: ['rate=0.02'], maxSteps: 3 }, { store });
    expect(short.counts).toEqual({ complete: 1 });
    const forced = await sweepOf({ axes: ['rate=0.01,0.02'] }, { store, force: true });
    expect(forced.trials.map(({ state, reason }) => [state, reason])).toEqual([
      ['complete', null],
      ['complete', null],
    ]);
  });
});

test('what a person asks for is done and recorded', async () => {
  await inResults(async (database) => {
    const held: { controls: SweepControls | null } = { controls: null };
    const added: number[] = [];
    const ended = await sweepOf(
      { axes },
      {
        store: database,
        jobs: 1,
        onControls: (controls) => {
          held.controls = controls;
        },
        listener: (event) => {
          if (event.event === 'trials_added') added.push(...event.trials.map(({ seed }) => seed));
          if (event.event !== 'trial_state' || event.trial !== 0 || event.state !== 'running') return;
          held.controls?.act({ do: 'stop', trial: 1 });
          held.controls?.act({ do: 'add_seeds', trial: 0, seeds: 2 });
          held.controls?.act({ do: 'prioritise', trial: 2 });
        },
      },
    );
    expect(ended.counts).toEqual({ complete: 4, stopped: 1 });
    expect(added).toEqual([2, 3]);
    const store = await openStore(database, { mode: 'read' });
    expect(store.sweepActions('s1').map(({ action }) => action.do)).toEqual(['stop', 'add_seeds', 'prioritise']);
    expect(store.listRuns().map(({ seed }) => seed)).toEqual([3, 2, 1, 1]);
    store.close();
  });
});

test('as many trials train at one time as the memory holds, and it is said', async () => {
  const said: JournalEvent[] = [];
  const held: { controls: SweepControls | null } = { controls: null };
  const ended = await sweepOf(
    { axes: ['rate=0.003,0.01'], maxSteps: 2 },
    {
      store: null,
      cores: 4,
      // A process for the data and one for the trials, and one trial beside them.
      memory: 275 * 1024 ** 2,
      onControls: (controls) => {
        held.controls = controls;
      },
      listener: (event) => {
        said.push(event);
        if (event.event === 'trial_state' && event.state === 'running' && event.trial === 0) {
          held.controls?.act({ do: 'jobs', jobs: 4 });
        }
      },
    },
  );
  expect(ended.counts).toEqual({ complete: 2 });
  expect(said.find(({ event }) => event === 'started')).toMatchObject({ jobs: 1 });
  expect(said.flatMap((event) => (event.event === 'note' ? [event.text] : []))).toEqual([
    '1 at a time is the most that fit the memory',
    expect.stringMatching(/^2 trials at a time would take about 3\d\d MiB of memory, .* 275 MiB: 1 trial at a time$/),
  ]);
});
