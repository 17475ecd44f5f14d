import { afterAll, expect, test } from 'vitest';
import type { Executor } from '../../src/execute/executor.js';
import type { JournalEvent, Listener, SweepAction, SweepControls } from '../../src/runtime/events.js';
import { openStore } from '../../src/runtime/store/store.js';
import { resumeSweep } from '../../src/sweep/resume.js';
import { builtinWords } from '../../src/words/words.js';
import { sweepRows } from '../crash/sweep-rows.js';
import { builtExecutor, inResults, sweepOf } from './sweep-places.js';

const processes = builtExecutor();
afterAll(() => processes.close());

/** Trains on the same processes as the other sweeps here, which start once; some trials fail as soon as they begin. */
function executor(failing: readonly number[] = []): Executor {
  return {
    start(job, place, listener) {
      if (!failing.includes(job.trial)) return processes.start(job, place, listener);
      setImmediate(() => listener({ type: 'failed', reason: 'as planned' }));
      return { worker: 0, halt: () => {} };
    },
    close: async () => {},
  };
}

type Part = Omit<Parameters<typeof sweepOf>[1], 'store'> & { readonly failing?: readonly number[] };

const rates = ['rate=0.0001,0.03,0.001,0.01'];
const pruned = { axes: rates, metric: 'validation.loss', prune: 'median:from=2:every=2' };
const isKind = (event: JournalEvent, kind: JournalEvent['event']) => event.event === kind;

/** Ends a sweep at the n-th event of its kind. */
function stopAt(
  wanted: (event: JournalEvent) => boolean,
  n = 1,
): { readonly listener: Listener; readonly signal: AbortSignal } {
  const stop = new AbortController();
  let seen = 0;
  const listener = (event: JournalEvent) => {
    if (wanted(event) && ++seen === n) stop.abort();
  };
  return { listener, signal: stop.signal };
}

async function rowsOf(
  plan: Parameters<typeof sweepOf>[0],
  { failing, ...part }: Part,
  resumed: Part | null = null,
  before: readonly Parameters<typeof sweepOf>[0][] = [],
): Promise<readonly string[]> {
  return inResults(async (store) => {
    for (const earlier of before) await sweepOf(earlier, { store, executor: executor() });
    const sweep = `s${before.length + 1}`;
    const first = await sweepOf(plan, { store, jobs: 1, executor: executor(failing), ...part });
    if (resumed === null) expect(first.status).toBe('complete');
    else {
      const { failing: stillFailing = failing, ...further } = resumed;
      expect(first.status).toBe('interrupted');
      const second = await resumeSweep({
        library: builtinWords,
        store,
        sweep,
        jobs: 1,
        executor: executor(stillFailing),
        ...further,
      });
      expect(second.status).toBe('complete');
    }
    return sweepRows(store);
  });
}

const states = (rows: readonly string[]) => rows.flatMap((row) => /^\{.*"state":"(\w+)"/.exec(row)?.[1] ?? []);

test('a trial that failed or was cached before its rung was decided stays so when the sweep goes on', async () => {
  const part = { failing: [1] };
  const complete = [{ axes: ['rate=0.0001'] }];
  const expected = await rowsOf(pruned, part, null, complete);
  expect(states(expected)).toEqual(['complete', 'cached', 'failed', 'pruned', 'complete']);
  const stopped = stopAt((event) => isKind(event, 'rung'));
  expect(await rowsOf(pruned, { ...part, ...stopped }, {}, complete)).toEqual(expected);
});

test('a rung and the trials that end by it are kept together, or not at all', async () => {
  const expected = await rowsOf(pruned, {});
  await inResults(async (store) => {
    const listener = (event: JournalEvent) => {
      if (isKind(event, 'rung')) throw new Error('the process ends here');
    };
    await expect(sweepOf(pruned, { store, jobs: 1, executor: executor(), listener })).rejects.toThrow('ends here');
    await resumeSweep({ library: builtinWords, store, sweep: 's1', jobs: 1, executor: executor() });
    expect(sweepRows(store)).toEqual(expected);
  });
});

test('asha goes on by the log of its decisions', async () => {
  const plan = { ...pruned, prune: 'asha:reduction=2:from=1' };
  const expected = await rowsOf(plan, {});
  for (const nth of [1, 3]) {
    expect(
      await rowsOf(
        plan,
        stopAt((event) => isKind(event, 'rung'), nth),
        {},
      ),
    ).toEqual(expected);
  }
});

/** Does something at the first event that is wanted. */
function acting(
  actions: readonly SweepAction[],
  wanted: (event: JournalEvent) => boolean,
): Part & { readonly listener: Listener } {
  const held: { controls: SweepControls | null; done: boolean } = { controls: null, done: false };
  return {
    onControls: (controls) => {
      held.controls = controls;
    },
    listener: (event) => {
      if (held.done || !wanted(event)) return;
      held.done = true;
      for (const action of actions) held.controls?.act(action);
    },
  };
}

const both =
  (a: Listener, b: Listener): Listener =>
  (event) => {
    a(event);
    b(event);
  };

test('seeds that were added are trained to their end, compared with nobody, interrupted or not', async () => {
  const isRunning = (event: JournalEvent) => event.event === 'trial_state' && event.state === 'running';
  const adding = () => acting([{ do: 'add_seeds', trial: 0, seeds: 2 }], isRunning);
  const expected = await rowsOf(pruned, adding());
  expect(states(expected)).toHaveLength(6);
  expect(states(expected).slice(4)).toEqual(['complete', 'complete']);
  const stopped = stopAt((event) => isKind(event, 'trials_added'));
  const { listener, ...added } = adding();
  const part = { ...added, signal: stopped.signal, listener: both(listener, stopped.listener) };
  expect(await rowsOf(pruned, part, {})).toEqual(expected);
});

test('a trial that a person trains again after its rung decided against it trains to its end', async () => {
  const isPruned = (event: JournalEvent) =>
    event.event === 'trial_state' && event.state === 'pruned' && event.trial === 0;
  const again = () => acting([{ do: 'restart', trial: 0 }], isPruned);
  const expected = await rowsOf(pruned, again());
  expect(states(expected)[0]).toBe('complete');
  const stopped = stopAt((event) => event.event === 'epoch' && event.trial === 0, 5);
  const { listener, ...restarted } = again();
  const part = { ...restarted, signal: stopped.signal, listener: both(listener, stopped.listener) };
  expect(states(await rowsOf(pruned, part, {}))).toEqual(states(expected));
});

test('a trial that was stopped before it began can be trained after the sweep went on', async () => {
  const began = (event: JournalEvent) => isKind(event, 'started');
  const { listener, ...stopping } = acting([{ do: 'stop', trial: 3 }], began);
  const stopped = stopAt((event) => event.event === 'epoch');
  const part = { ...stopping, signal: stopped.signal, listener: both(listener, stopped.listener) };
  const rows = await rowsOf({ axes: rates }, part, acting([{ do: 'restart', trial: 3 }], began));
  expect(states(rows)).toEqual(['complete', 'complete', 'complete', 'complete']);
});

test('trials that failed are trained only when that is asked for, whatever their rung decided', async () => {
  await inResults(async (store) => {
    const failing = await sweepOf(pruned, { store, jobs: 1, executor: executor([2]) });
    expect(failing.counts).toMatchObject({ failed: 1 });
    const rows = sweepRows(store);
    await resumeSweep({ library: builtinWords, store, sweep: 's1', executor: executor() });
    expect(sweepRows(store)).toEqual(rows);
    const again = await resumeSweep({ library: builtinWords, store, sweep: 's1', failed: true, executor: executor() });
    const { failed: _failed, complete = 0, ...others } = failing.counts;
    expect(again.counts).toEqual({ ...others, complete: complete + 1 });
  });
});

test('a sweep that trains everything again goes on with doing so', async () => {
  // Long enough for the second trial to be halted before its end.
  const plan = { axes: ['rate=0.01,0.02'], epochs: 120 };
  const expected = await rowsOf(plan, { force: true }, null, [plan]);
  const stopped = stopAt((event) => event.event === 'trial_state' && event.state === 'complete');
  expect(await rowsOf(plan, { force: true, ...stopped }, {}, [plan])).toEqual(expected);
  await inResults(async (store) => {
    await sweepOf(plan, { store, executor: executor() });
    await sweepOf(plan, {
      store,
      executor: executor(),
      force: true,
      ...stopAt((event) => isKind(event, 'started')),
    });
    await resumeSweep({ library: builtinWords, store, sweep: 's2', executor: executor() });
    const reader = await openStore(store, { mode: 'read' });
    expect(reader.listRuns().map(({ status }) => status)).toEqual(['complete', 'complete', 'complete', 'complete']);
    reader.close();
  });
});
