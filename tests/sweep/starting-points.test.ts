import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { InProcessExecutor } from '../../src/execute/in-process.js';
import type { JournalEvent } from '../../src/runtime/events.js';
import { openStore } from '../../src/runtime/store/store.js';
import { resumeSweep } from '../../src/sweep/resume.js';
import { builtinWords } from '../../src/words/words.js';
import { hashes, inResults, sweepOf } from './sweep-places.js';

const executor = () => new InProcessExecutor({ library: builtinWords });

test('a sweep starts from where the trials of a shorter one ended, to the bits of one that was never ended', async () => {
  const short = { axes: ['rate=0.01,0.02'], epochs: 2 };
  const long = { axes: ['rate=0.01,0.02,0.05'], epochs: 4 };
  await inResults(async (whole) => {
    await sweepOf(long, { store: whole, backend: 'cpu', executor: executor() });
    await inResults(async (store) => {
      await sweepOf(short, { store, backend: 'cpu', keepCheckpoints: true, executor: executor() });
      const events: JournalEvent[] = [];
      const request = { store, backend: 'cpu', listener: (event: JournalEvent) => events.push(event) } as const;
      const longer = await sweepOf(long, { ...request, from: 's1', executor: executor() });
      expect(longer.counts).toEqual({ complete: 3 });
      expect(await hashes(store, 's2')).toEqual(await hashes(whole));
      const notes = events.flatMap((event) => (event.event === 'note' ? [event.text] : []));
      expect(notes.filter((note) => !note.startsWith('no commit'))).toEqual([
        'r3 goes on from r1, after 2 epochs',
        'r4 goes on from r2, after 2 epochs',
        expect.stringMatching(/^trial 2 trains from the beginning: s1 has no run to go on from \(/),
      ]);
      // The first epochs are those of the shorter runs, told once.
      const epochs = events.flatMap((event) => (event.event === 'epoch' && event.trial === 0 ? [event.epoch] : []));
      expect(epochs).toEqual([3, 4]);

      await sweepOf(
        { axes: ['rate=0.02'], epochs: 6 },
        { ...request, from: 'r4', executor: executor(), keepCheckpoints: true },
      ).then(
        () => expect.unreachable(),
        (error) => expect(String(error)).toMatch(/it has no checkpoint; a sweep keeps them with --keep-checkpoints/),
      );
      const asked = (from: string, plan = long) => sweepOf(plan, { ...request, from, executor: executor() });
      await expect(asked('s9')).rejects.toThrow(/s9/);
      await expect(asked('s1', { ...long, axes: ['rate=0.01', 'seed=7'] })).rejects.toThrow(/no run of the seeds/);
      await expect(asked('s1', { ...long, axes: ['units=3'] })).rejects.toThrow(/doesn't go on from r1/);
      await expect(sweepOf(long, { from: 's1', store: null, backend: 'cpu', executor: executor() })).rejects.toThrow(
        /--from reads a stored run/,
      );
    });
  });
});

test('a sweep that goes on starts the trials that had not begun from there too, unless it is gone', async () => {
  const plan = (epochs: number) => ({ axes: ['rate=0.01,0.02'], epochs });
  const resumed = async (isGone: boolean) =>
    inResults(async (store) => {
      await sweepOf(plan(2), { store, backend: 'cpu', keepCheckpoints: true, executor: executor() });
      const stop = new AbortController();
      const listener = ({ event }: JournalEvent) => event === 'epoch' && stop.abort();
      const request = { store, backend: 'cpu', jobs: 1, executor: executor() } as const;
      const first = await sweepOf(plan(4), { ...request, name: 'longer', from: 'last', listener, signal: stop.signal });
      expect(first.trials.map(({ state, runId }) => [state, runId])).toEqual([
        ['interrupted', 'r3'],
        ['interrupted', null],
      ]);
      if (isGone) {
        const opened = await openStore(store, { mode: 'write', command: 'aedsl rm' });
        opened.removeResults(opened.planRemoval(['s1']), ['s1']);
        opened.close();
      }
      const events: JournalEvent[] = [];
      const further = { store, sweep: 'longer', jobs: 1, executor: executor() } as const;
      await resumeSweep({ library: builtinWords, ...further, listener: (event) => events.push(event) });
      const epochs = events.flatMap((event) => (event.event === 'epoch' && event.trial === 1 ? [event.epoch] : []));
      const notes = events.flatMap((event) => (event.event === 'note' && event.trial === null ? [event.text] : []));
      return { hashes: await hashes(store, 'longer'), epochs, notes };
    });
  const [kept, gone] = [await resumed(false), await resumed(true)];
  expect(kept.epochs).toEqual([3, 4]);
  expect(gone.epochs).toEqual([1, 2, 3, 4]);
  expect(gone.hashes).toEqual(kept.hashes);
  const note = 'trial 1 trains from the beginning: s1 has no run to go on from';
  expect([kept.notes.includes(note), gone.notes.includes(note)]).toEqual([false, true]);
});

test('of two trials whose files have the same content, the second waits for the first and takes its results', () =>
  inResults(async (store) => {
    const rows = Array.from({ length: 40 }, (_, i) => `${i % 7},${(i * 13) % 5},${(i * 29) % 11}`);
    const paths = ['a.csv', 'b.csv'].map((name) => join(dirname(store), name));
    for (const path of paths) writeFileSync(path, ['x,y,z', ...rows].join('\n'));
    const text = `experiment files {
      param file = "a.csv"
      data csv(file, take=24, validation=8, test=8) { min_max() }
      encoder { code: dense(2) }
      decoder { dense(3) }
      loss mse()
      train adam(lr=0.01) { epochs = 2  batch = 8 }
    }`;
    const source = { path: join(dirname(store), 'files.ae'), text };
    const plan = { source, axes: [`file=${paths.map((path) => JSON.stringify(path)).join(',')}`] };
    const { trials } = await sweepOf(plan, { store, backend: 'cpu', jobs: 2, cores: 2, executor: executor() });
    expect(trials.map(({ state, runId, reason }) => [state, runId, reason])).toEqual([
      ['complete', 'r1', null],
      ['cached', 'r1', 'the same trial as r1'],
    ]);
  }));
