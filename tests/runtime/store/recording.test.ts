import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openStore } from '../../../src/runtime/store/store.js';
import Database from '../../sqlite.js';
import { epoch, inFolder, sampleRun, stageDone, steps, trialDone, trialStarted } from './sample-run.js';

const writing = { mode: 'write', command: 'aedsl run sparse.ae' } as const;
const reading = { mode: 'read' } as const;

test('a run is read back as it was recorded, by another connection', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'made', 'results.db');
    const writer = await openStore(path, writing);
    const run = writer.startRun(
      sampleRun({
        parameters: [
          { name: 'rho', value: 0.1, origin: 'given' },
          { name: 'name', value: '5', origin: 'given' },
          { name: 'on', value: true, origin: 'default' },
          { name: 'sizes', value: [3, 4], origin: 'given' },
          { name: 'labels', value: ['a', 'b'], origin: 'default' },
        ],
      }),
    );
    run.record(trialStarted());
    run.record({ event: 'stage_started', stage: 'train', epochs: 2, stepsPerEpoch: 10 });
    run.record(steps(0, [3, 2, 1]));
    run.record(epoch(1, { 'train.loss': 2, 'train.mse': 1.5 }));
    run.record({
      event: 'diagnostics',
      stage: 'train',
      epoch: 1,
      metrics: { 'encoder.0.dead': 0.25 },
    });
    run.record({ event: 'checkpoint', stage: 'train', step: 3, sha256: 'c0ffee' });
    run.record({ event: 'evaluation', stage: 'train', part: 'test', epoch: 1, metrics: { 'test.mse': 1.25 } });
    run.record(stageDone(1, 3));
    run.record(trialDone({ 'train.loss': 2, 'test.mse': 1.25 }));
    const figure = run.saveFigure('filters(code)', Uint8Array.of(1, 2, 3));
    run.saveWeights('final', Uint8Array.of(4, 5));

    const store = await openStore(path, reading);
    expect(store.findRun('r1').status).toBe('running');
    run.finish();
    const record = store.findRun('last');
    expect(record).toMatchObject({
      ...sampleRun(),
      id: 'r1',
      data: 'digits',
      status: 'complete',
      trainableParameters: 20200,
      seconds: 1.5,
      divergence: null,
      error: null,
      parameters: [
        { name: 'rho', value: 0.1, origin: 'given' },
        { name: 'name', value: '5', origin: 'given' },
        { name: 'on', value: true, origin: 'default' },
        { name: 'sizes', value: [3, 4], origin: 'given' },
        { name: 'labels', value: ['a', 'b'], origin: 'default' },
      ],
      stages: [
        { stage: 'train', epochs: 2, steps: 20, epochsDone: 1, stepsDone: 3, stepsPerSecond: 1000, reason: 'complete' },
      ],
    });
    expect(store.readSeries('r1', 'train', 'loss')).toEqual({ firstStep: 0, values: Float32Array.of(3, 2, 1) });
    expect(store.listSeries('r1')).toEqual([{ stage: 'train', metric: 'loss', steps: 3 }]);
    expect(store.readEpochs('r1')).toEqual([
      { stage: 'train', epoch: 1, metric: 'encoder.0.dead', value: 0.25 },
      { stage: 'train', epoch: 1, metric: 'test.mse', value: 1.25 },
      { stage: 'train', epoch: 1, metric: 'train.loss', value: 2 },
      { stage: 'train', epoch: 1, metric: 'train.mse', value: 1.5 },
    ]);
    expect(store.readFinal('r1')).toEqual({ 'train.loss': 2, 'test.mse': 1.25 });
    const [stored] = store.listFiles('r1', 'figure');
    expect(stored).toEqual({ kind: 'figure', name: 'filters(code)', ...figure });
    expect(stored && [...store.readFile(stored)]).toEqual([1, 2, 3]);
    expect(store.listFiles('r1', 'weights').map((file) => file.name)).toEqual(['final']);
    expect(store.readLog('r1').map((entry) => entry.event)).toEqual([
      'trial_started',
      'stage_started',
      'checkpoint',
      'stage_done',
      'trial_done',
    ]);
    store.close();
    writer.close();
    expect(existsSync(`${path}-wal`)).toBe(false);
  }));

test('numbers survive: NaN, infinities, and any float32 at any step', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'results.db');
    const store = await openStore(path, writing);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.float32Array({ maxLength: 5000 }), { maxLength: 4 }),
        fc.dictionary(fc.string(), fc.double()),
        async (parts, metrics) => {
          const run = store.startRun(sampleRun());
          run.record(trialStarted());
          let step = 0;
          for (const part of parts) {
            run.record(steps(step, part));
            if (step % 2 === 0) store.flush();
            step += part.length;
          }
          run.record(epoch(1, metrics));
          run.record(trialDone(metrics));
          run.finish();
          const all = Float32Array.from(parts.flatMap((part) => [...part]));
          expect(sameNumbers(store.readSeries(run.id, 'train', 'loss').values, all)).toBe(true);
          const byName = Object.fromEntries(store.readEpochs(run.id).map(({ metric, value }) => [metric, value]));
          for (const [name, value] of Object.entries(metrics)) {
            // SQLite has no negative zero.
            expect(byName[name]).toBe(value + 0);
            expect(store.readFinal(run.id)[name]).toBe(value + 0);
          }
        },
      ),
      { numRuns: 40 },
    );
    store.close();
  }));

test('a part of a series is read without the rest', () =>
  inFolder(async (folder) => {
    const store = await openStore(join(folder, 'results.db'), writing);
    const run = store.startRun(sampleRun());
    run.record(trialStarted());
    run.record(
      steps(
        0,
        Array.from({ length: 10_000 }, (_, i) => i),
      ),
    );
    run.record(stageDone(1, 10_000));
    expect([...store.readSeries('r1', 'train', 'loss', { from: 4090, to: 4100 }).values]).toEqual([
      4090, 4091, 4092, 4093, 4094, 4095, 4096, 4097, 4098, 4099,
    ]);
    expect(store.readSeries('r1', 'train', 'loss', { from: 9_998 })).toEqual({
      firstStep: 9_998,
      values: Float32Array.of(9_998, 9_999),
    });
    expect(store.readSeries('r1', 'train', 'loss', { from: 20_000 }).values).toHaveLength(0);
    expect(store.readSeries('r1', 'train', 'no such metric').values).toHaveLength(0);
    expect(store.readSeriesBlocks('r1', 'train', 'loss')).toEqual([
      { firstStep: 0, steps: 4096, minimum: 0, maximum: 4095, firstNonFinite: null },
      { firstStep: 4096, steps: 4096, minimum: 4096, maximum: 8191, firstNonFinite: null },
      { firstStep: 8192, steps: 1808, minimum: 8192, maximum: 9999, firstNonFinite: null },
    ]);
    store.close();
  }));

test('the documented views give a row for each run, metric of an epoch, and block of steps', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'results.db');
    const store = await openStore(path, writing);
    const run = store.startRun(
      sampleRun({
        parameters: [
          { name: 'rho', value: 0.1, origin: 'given' },
          { name: 'hidden', value: 100, origin: 'default' },
          { name: 'label', value: 'a "b"', origin: 'given' },
          { name: 'on', value: false, origin: 'given' },
          { name: 'sizes', value: [3, 4], origin: 'given' },
        ],
      }),
    );
    run.record(trialStarted());
    run.record(steps(0, [1.5, Number.NaN]));
    run.record(epoch(1, { 'train.loss': Infinity }));
    run.record(trialDone({ 'train.loss': Number.NaN, 'train.mse': 0.1 }));
    run.finish();
    store.close();

    const database = new Database(path, { readonly: true });
    expect(
      database
        .prepare(
          `SELECT run, experiment, seed, status, json_extract(parameters, '$.rho') AS rho, parameters, metrics FROM v_trials`,
        )
        .all(),
    ).toEqual([
      {
        run: 'r1',
        experiment: 'sparse',
        seed: 1,
        status: 'complete',
        rho: 0.1,
        parameters: '{"hidden":100,"label":"a \\"b\\"","on":false,"rho":0.1,"sizes":[3,4]}',
        metrics: '{"train.loss":"NaN","train.mse":0.1}',
      },
    ]);
    expect(database.prepare('SELECT * FROM v_epochs').all()).toEqual([
      {
        run: 'r1',
        number: 1,
        experiment: 'sparse',
        seed: 1,
        stage: 'train',
        epoch: 1,
        metric: 'train.loss',
        value: null,
        nonfinite: 'Infinity',
      },
    ]);
    expect(
      database.prepare('SELECT first_step, steps, first_nonfinite, hex(float32) AS hex FROM v_steps').all(),
    ).toEqual([{ first_step: 0, steps: 2, first_nonfinite: 1, hex: '0000C03F0000C07F' }]);
    database.close();
  }));

test('runs are found by id, number, `last` and the beginning of their identity', () =>
  inFolder(async (folder) => {
    const store = await openStore(join(folder, 'results.db'), writing);
    const complete = (identity: string, reason: 'complete' | 'max_steps' = 'complete') => {
      const run = store.startRun(sampleRun({ identity, experiment: identity.slice(0, 2) }));
      run.record(trialStarted());
      run.record({ event: 'stage_done', stage: 'train', epochs: 2, steps: 20, reason });
      run.record(trialDone());
      run.finish();
    };
    complete('abcd11');
    store.startRun(sampleRun({ identity: 'abcd11', experiment: 'ab' })).fail('out of memory');
    complete('abcd22');
    complete('ffff33', 'max_steps');

    expect(store.findRun('r2')).toMatchObject({ id: 'r2', status: 'failed', error: 'out of memory' });
    expect(store.findRun('2').id).toBe('r2');
    expect(store.findRun('last').id).toBe('r4');
    expect(store.findRun('abcd1').id).toBe('r1');
    expect(() => store.findRun('abcd')).toThrow(expect.objectContaining({ reason: 'ambiguous_run' }));
    for (const text of ['r5', 'r0', 'abcd3', "r1'; DROP TABLE runs", '']) {
      expect(() => store.findRun(text)).toThrow(expect.objectContaining({ reason: 'unknown_run' }));
    }
    expect(store.findComplete('abcd11')?.id).toBe('r1');
    expect(store.findComplete('ffff33')).toBeNull();
    expect(store.listRuns().map((run) => run.id)).toEqual(['r4', 'r3', 'r2', 'r1']);
    expect(store.listRuns({ experiment: 'ab', limit: 2 }).map((run) => run.id)).toEqual(['r3', 'r2']);
    store.close();
  }));

test('runs that are recorded side by side keep their values apart', () =>
  inFolder(async (folder) => {
    const store = await openStore(join(folder, 'results.db'), writing);
    const runs = [1, 2, 3].map((seed) => store.startRun(sampleRun({ seed })));
    for (const run of runs) run.record(trialStarted());
    for (let step = 0; step < 5000; step += 50) {
      runs.forEach((run, i) => {
        run.record(steps(step, new Float32Array(50).fill(i)));
        if (step % 1000 === 0) run.record(epoch(step / 1000 + 1, { 'train.loss': i }));
      });
    }
    runs.forEach((run, i) => {
      run.record(trialDone({ 'train.loss': i }));
      run.finish();
      expect(store.readSeries(run.id, 'train', 'loss').values).toEqual(new Float32Array(5000).fill(i));
      expect(store.readEpochs(run.id).map(({ value }) => value)).toEqual(Array<number>(5).fill(i));
      expect(store.readFinal(run.id)).toEqual({ 'train.loss': i });
    });
    store.close();
  }));

test('a diverged run says where', () =>
  inFolder(async (folder) => {
    const store = await openStore(join(folder, 'results.db'), writing);
    const run = store.startRun(sampleRun());
    const divergence = { stage: 'train', step: 7, layer: 'encoder.0' };
    run.record(trialStarted());
    run.record({
      event: 'trial_done',
      status: 'diverged',
      metrics: {},
      weightsSha256: 'ab',
      divergence,
      seconds: 1,
    });
    run.finish();
    expect(store.findRun('r1')).toMatchObject({ status: 'diverged', divergence });
    store.close();
  }));

function sameNumbers(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}
