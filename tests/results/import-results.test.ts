import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importFrom } from '../../src/results/import-results.js';
import { migrations } from '../../src/runtime/store/migrations.js';
import { migrate } from '../../src/runtime/store/schema.js';
import { openStore, type Store } from '../../src/runtime/store/store.js';
import { inFolder, sampleRun, trialStarted } from '../runtime/store/sample-run.js';
import Database from '../sqlite.js';
import { sweepDatabase, threeSettings } from '../sweep/sweep-database.js';

const commandLine = ['aedsl', 'import'];

/** A database of a sweep of three settings with two seeds and of a run outside of it, in a folder of its own. */
async function another(folder: string): Promise<string> {
  const store = await sweepDatabase(
    folder,
    [{ trials: threeSettings(2).map((trial) => ({ ...trial, figures: { 'filters(code)': new Uint8Array([1, 2]) } })) }],
    [{ parameters: { rho: 0.5 }, seed: 9, losses: [3, Number.NaN] }],
  );
  store.close();
  return store.path;
}

async function inBoth(use: (other: string, store: string) => Promise<void>): Promise<void> {
  await inFolder(async (theirs) => inFolder(async (ours) => use(await another(theirs), join(ours, 'results.db'))));
}

async function reading<T>(path: string, read: (store: Store) => T): Promise<T> {
  const store = await openStore(path, { mode: 'read' });
  try {
    return read(store);
  } finally {
    store.close();
  }
}

/** All that is read of a run, but for its ids, its log and the paths of its files. */
function everything(store: Store, id: string) {
  const { id: _id, sweep, ...run } = store.findRun(id);
  const files = (['figure', 'weights', 'chain'] as const).flatMap((kind) => store.listFiles(id, kind));
  return {
    run,
    sweep,
    series: store.listSeries(id).map(({ stage, metric }) => [...store.readSeries(id, stage, metric).values]),
    epochs: store.readEpochs(id),
    curves: [...store.trials.bests([id], 'validation.loss', 'min').values()],
    final: store.readFinal(id),
    files: files.map((file) => [file.kind, file.name, Buffer.from(store.readFile(file)).toString('hex')]),
  };
}

describe('a database that is imported', () => {
  it('is here as it was there, under new ids, and is imported once', async () => {
    await inBoth(async (other, store) => {
      const database = new Database(other);
      database.exec(`UPDATE runs SET evaluation = 'failed', evaluation_error = 'no labels', error = 'why', file = 'a.ae',
        max_steps = 3, initial_sha256 = 'i', trainable_parameters = 7, divergence = '{"stage":"train","step":1,"layer":"x"}'`);
      database.close();
      const own = await openStore(store, { mode: 'write', command: 'test' });
      const writer = own.startRun(sampleRun());
      writer.fail('a run of its own');
      own.close();
      const first = await importFrom({ other, subjects: [], store, commandLine });
      expect(first.runs.map(({ from, to }) => [from, to])).toEqual(
        [1, 2, 3, 4, 5, 6, 7].map((run) => [`r${run}`, `r${run + 1}`]),
      );
      expect(first.sweeps).toEqual([{ from: 's1', to: 's1', known: false }]);
      const [theirs, trials] = await reading(other, (read) => [
        first.runs.map(({ from }) => everything(read, from)),
        read.sweepTrials('s1'),
      ]);
      await reading(store, (read) => {
        expect(first.runs.map(({ to }) => everything(read, to))).toEqual(theirs);
        expect(read.sweepTrials('s1').map(({ runId: _, ...trial }) => trial)).toEqual(
          trials.map(({ runId: _, ...trial }) => trial),
        );
        expect(read.sweepTrials('s1').map(({ runId }) => runId)).toEqual(first.runs.slice(0, 6).map(({ to }) => to));
        expect(read.readLog('r2').at(-1)).toMatchObject({ event: 'imported' });
      });
      const again = await importFrom({ other, subjects: ['s1', 'last'], store, commandLine });
      expect([...again.runs, ...again.sweeps].every(({ known }) => known)).toBe(true);
      const itself = await importFrom({ other: store, subjects: [], store, commandLine });
      expect([...itself.runs, ...itself.sweeps].every(({ from, to, known }) => known && from === to)).toBe(true);
      expect(await reading(store, (read) => [read.listRuns().length, read.sweeps().length])).toEqual([8, 1]);
    });
  });

  it('can be imported in part; a sweep brings its runs', async () => {
    await inBoth(async (other, store) => {
      const run = await importFrom({ other, subjects: ['r7'], store, commandLine });
      expect([run.runs, run.sweeps]).toEqual([[{ from: 'r7', to: 'r1', known: false }], []]);
      const sweep = await importFrom({ other, subjects: ['sparse', 'r7'], store, commandLine });
      expect(sweep.runs.filter(({ known }) => known)).toEqual([{ from: 'r7', to: 'r1', known: true }]);
      expect(await reading(store, (read) => read.findRun('r2').sweep)).toBe('s1');
      await expect(importFrom({ other, subjects: ['s9'], store, commandLine })).rejects.toThrow("no sweep 's9'");
      await expect(importFrom({ other, subjects: ['r99'], store, commandLine })).rejects.toThrow("no run 'r99'");
    });
  });

  it('is imported whole or not at all, whatever is wrong with it', async () => {
    await inBoth(async (other, store) => {
      const object = await reading(other, (read) => read.listFiles('r6', 'weights')[0]?.path ?? '');
      writeFileSync(object, 'other weights');
      await expect(importFrom({ other, subjects: [], store, commandLine })).rejects.toMatchObject({
        reason: 'altered_object',
      });
      expect(await reading(store, (read) => [read.listRuns().length, read.sweeps().length])).toEqual([0, 0]);
      rmSync(object);
      await expect(importFrom({ other, subjects: [], store, commandLine })).rejects.toMatchObject({
        reason: 'missing_object',
      });
      for (const [sql, reason] of [
        ["UPDATE runs SET status = 'complete', seconds = -1 WHERE run = 7", 'invalid_row'],
        ['DELETE FROM stages WHERE run = 7', 'invalid_row'],
        ['UPDATE sweep_trials SET run = 99 WHERE trial = 5', 'unknown_run'],
        ['CREATE TRIGGER t AFTER INSERT ON runs BEGIN SELECT 1; END', 'altered_schema'],
      ] as const) {
        const database = new Database(other);
        database.pragma('foreign_keys = OFF');
        database.exec(sql);
        database.close();
        await expect(importFrom({ other, subjects: ['s1', 'r7'], store, commandLine }), sql).rejects.toMatchObject({
          name: 'StoreError',
        });
        if (reason === 'altered_schema') {
          await expect(importFrom({ other, subjects: [], store, commandLine })).rejects.toMatchObject({ reason });
        }
      }
      expect(await reading(store, (read) => [read.listRuns().length, read.sweeps().length])).toEqual([0, 0]);
    });
  });

  it('leaves out what is running there, and takes it once it has ended', async () => {
    await inFolder(async (folder) => {
      const [other, store] = [join(folder, 'other.db'), join(folder, 'results.db')];
      const writer = await openStore(other, { mode: 'write', command: 'test' });
      const run = writer.startRun(sampleRun());
      run.record(trialStarted());
      expect(await importFrom({ other, subjects: [], store, commandLine })).toMatchObject({
        runs: [],
        running: ['r1'],
      });
      writer.close();
      const ended = await importFrom({ other, subjects: [], store, commandLine });
      expect(ended.runs).toEqual([{ from: 'r1', to: 'r1', known: false }]);
      expect(await reading(store, (read) => read.findRun('r1').status)).toBe('interrupted');
    });
  });

  it('may be of any released schema, and is not changed', async () => {
    await inFolder(async (folder) => {
      for (const { version } of migrations.slice(0, 2)) {
        const [other, store] = [join(folder, `old-${version}.db`), join(folder, `new-${version}.db`)];
        const database = new Database(other);
        migrate(database, other, migrations.slice(0, version));
        database.exec(`
          INSERT INTO sessions VALUES (1, 1, 'host', 'aedsl run', '2024-01-01T00:00:00.000Z', NULL);
          INSERT INTO texts VALUES (1, 'a', '{}');
          INSERT INTO runs (run, session, identity, experiment, source, ir_sha256, ir, seed, backend, numerics, data,
            data_sha256, environment, status, started, updated) VALUES (1, 1, 'abc', 'old', 1, 'a', 1, 1, 'cpu', '1',
            'digits', 'd', 1, 'running', '2024-01-01', '2024-01-01');
        `);
        database.close();
        const { runs } = await importFrom({ other, subjects: [], store, commandLine });
        expect(runs).toEqual([{ from: 'r1', to: 'r1', known: false }]);
        expect(await reading(store, (read) => read.findRun('r1'))).toMatchObject({
          status: 'interrupted',
          identity: 'abc',
        });
        const after = new Database(other, { readonly: true });
        expect(after.pragma('user_version', { simple: true })).toBe(version);
        after.close();
      }
    });
  });

  it('is here whole or not at all when the import is killed', async () => {
    await inBoth(async (other, store) => {
      const loader = join('tests', 'runtime', 'store', 'typescript-loader.mjs');
      const script = `import('./src/results/import-results.ts').then(({ importFrom }) => importFrom(${JSON.stringify({ other, subjects: [], store, commandLine })}))`;
      for (const milliseconds of [0, 20, 60, 150]) {
        const child = spawn(process.execPath, ['--import', `./${loader}`, '--input-type=module', '-e', script]);
        const ended = once(child, 'exit');
        // Loading takes seconds, the import itself little: it is killed from the moment it makes its database.
        while (!existsSync(store) && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 2));
        await new Promise((resolve) => setTimeout(resolve, milliseconds));
        child.kill('SIGKILL');
        await ended;
        const opened = await openStore(store, { mode: 'write', command: 'test' });
        const count = opened.listRuns().length;
        expect([0, 7]).toContain(count);
        for (const { id } of opened.listRuns()) expect(everything(opened, id).files).not.toEqual([]);
        opened.close();
      }
      await importFrom({ other, subjects: [], store, commandLine });
      expect(await reading(store, (read) => read.listRuns().length)).toBe(7);
    });
  }, 120_000);
});
