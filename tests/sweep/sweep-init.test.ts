import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { InProcessExecutor } from '../../src/execute/in-process.js';
import type { JournalEvent } from '../../src/runtime/events.js';
import { openStore } from '../../src/runtime/store/store.js';
import { resumeSweep } from '../../src/sweep/resume.js';
import { run } from '../../src/sweep/run.js';
import { builtinWords } from '../../src/words/words.js';
import { builtExecutor, hashes, inResults, smallExperiment, sweepOf } from './sweep-places.js';

const source = { path: 'small.ae', text: smallExperiment };

/** The weights that a short run ended with, as a file. */
async function trainedWeights(database: string): Promise<string> {
  const { runId, model } = await run({ source, seed: 9, epochs: 1, store: database, threads: 1 });
  model?.dispose();
  const store = await openStore(database, { mode: 'read' });
  try {
    const file = store.listFiles(runId ?? '', 'weights').find(({ name }) => name === 'final');
    if (!file) throw new Error('the run has no weights');
    const path = join(dirname(database), 'start.safetensors');
    writeFileSync(path, store.readFile(file));
    return path;
  } finally {
    store.close();
  }
}

test('the trials of a sweep start from given weights as a run does, also when it goes on without their file', async () => {
  await inResults(async (elsewhere) => {
    const init = await trainedWeights(elsewhere);
    const alone = await run({ source, seed: 2, init, store: null, threads: 1 });
    alone.model?.dispose();
    await inResults(async (store) => {
      // Interrupted before a trial began, and cleaned up after.
      const early = new AbortController();
      const nothing = await sweepOf(
        { seeds: '3' },
        { store, init, jobs: 1, listener: () => early.abort(), signal: early.signal },
      );
      expect(nothing.trials.map(({ runId }) => runId)).toEqual([null, null, null]);
      const cleaning = await openStore(store, { mode: 'write', existing: true, alone: true, command: 'gc' });
      expect(cleaning.collectGarbage(null).files).toEqual([]);
      cleaning.close();
      const stop = new AbortController();
      const listener = (event: JournalEvent) => {
        if (event.event === 'epoch' && event.trial === 0) stop.abort();
      };
      const part = await sweepOf({ seeds: '3' }, { store, init, jobs: 1, listener, signal: stop.signal });
      expect(part.status).toBe('interrupted');
      writeFileSync(init, 'gone');
      const whole = await resumeSweep({
        library: builtinWords,
        store,
        sweep: 's2',
        jobs: 1,
        executor: builtExecutor(),
      });
      const request = { library: builtinWords, store, sweep: 's1', executor: builtExecutor() };
      expect((await resumeSweep(request)).counts).toEqual({ cached: 3 });
      expect(whole.trials[1]?.identity).toBe(alone.trialId);
      const drawn = await run({ source, seed: 2, store: null, threads: 1 });
      drawn.model?.dispose();
      expect(drawn.weightsSha256).not.toBe(alone.weightsSha256);
      expect((await hashes(store, 's2'))[1]).toBe(`complete ${alone.weightsSha256}`);
    });
  });
});

test('points that a resumed search proposes start from given weights too', async () => {
  const plan = { axes: ['rate=loguniform:1e-4:1'], draws: 2, method: 'tpe', lag: 1, maxSteps: 1 } as const;
  const settings = () => ({ jobs: 1, executor: new InProcessExecutor({ library: builtinWords }) });
  await inResults(async (whole) => {
    const init = await trainedWeights(whole);
    await sweepOf(plan, { store: whole, init, backend: 'cpu', ...settings() });
    await inResults(async (store) => {
      const stop = new AbortController();
      const listener = (event: JournalEvent) => {
        if (event.event === 'trial_done') stop.abort();
      };
      const part = { store, init, backend: 'cpu', listener, signal: stop.signal, ...settings() } as const;
      expect((await sweepOf(plan, part)).trials).toHaveLength(1);
      expect((await resumeSweep({ library: builtinWords, store, sweep: 's1', ...settings() })).counts.complete).toBe(2);
      expect(await hashes(store)).toEqual(await hashes(whole));
    });
  });
});

test('weights of another network are refused before a sweep is recorded', async () => {
  await inResults(async (store) => {
    const init = await trainedWeights(store);
    const sweep = sweepOf({ axes: ['units=8,9'], seeds: '1' }, { store, init });
    await expect(sweep).rejects.toThrow("the weight 'encoder.0.weight' has the shape [9, 144], not [8, 144]");
    const results = await openStore(store, { mode: 'read' });
    expect(results.sweep('last')).toBeNull();
    results.close();
  });
});
