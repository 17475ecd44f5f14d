import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { RemovalPlan } from '../../../src/runtime/store/removal.js';
import { openStore, type WritableStore } from '../../../src/runtime/store/store.js';
import Database from '../../sqlite.js';
import { inFolder, sampleRun, trialDone, trialStarted } from './sample-run.js';
import { sampleSweep } from './sample-sweep.js';

const writing = { mode: 'write', command: 'aedsl run', patienceMilliseconds: 0 } as const;

/** A complete run with pictures of these contents. */
function completeRun(store: WritableStore, pictures: readonly string[], changes: Parameters<typeof sampleRun>[0] = {}) {
  const run = store.startRun(sampleRun(changes));
  run.record(trialStarted());
  for (const [i, content] of pictures.entries()) run.saveFigure(`figure ${i}`, Buffer.from(content));
  run.record(trialDone());
  run.finish();
  return run.id;
}

/** A sweep of complete trials; those in `cached` reuse a run. @returns the sweep and its own runs */
function completeSweep(store: WritableStore, trials: number, cached: Readonly<Record<number, string>> = {}) {
  const description = sampleSweep(trials);
  const sweep = store.startSweep(description);
  const runs = description.trials.map(({ identity }, trial) => {
    const runId =
      cached[trial] ?? completeRun(store, [`of ${sweep.id}`], { identity, trialOf: { sweep: sweep.id, trial } });
    sweep.change({ trial, state: cached[trial] ? 'cached' : 'complete', reason: null, runId });
    return runId;
  });
  sweep.finish('complete');
  return { sweep: sweep.id, runs };
}

const remove = (store: WritableStore, ...ids: string[]) => store.removeResults(store.planRemoval(ids), ids);

async function collect(path: string, only: Parameters<WritableStore['collectGarbage']>[0] = null) {
  const store = await openStore(path, { ...writing, alone: true, existing: true });
  const collected = store.collectGarbage(only);
  store.close();
  return collected;
}

/** Names of files in a folder and those below it. */
function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** Whether every row has its file, and the rows fit together. */
async function requireWhole(path: string): Promise<void> {
  const store = await openStore(path, { mode: 'read' });
  for (const { id } of store.listRuns()) {
    for (const file of store.listFiles(id, 'figure')) expect(store.readFile(file).length).toBe(file.bytes);
    for (const { file } of store.checkpoints(id)) expect(existsSync(join(`${path}.checkpoints`, file))).toBe(true);
  }
  store.close();
  const database = new Database(path, { readonly: true });
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(database.pragma('foreign_key_check')).toEqual([]);
  database.close();
}

test('a file that two runs have stays until the last of them is deleted, and ids are never given again', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'results.db');
    const store = await openStore(path, writing);
    completeRun(store, ['both', 'first'], { source: 'first' });
    completeRun(store, ['both', 'second']);
    expect(store.planRemoval(['r1'])).toEqual({ runs: ['r1'], sweeps: [], kept: [], bytes: 'first'.length });
    const first = remove(store, 'r1');
    expect(first.objects).toHaveLength(1);
    expect(() => store.findRun('r1')).toThrow(expect.objectContaining({ reason: 'unknown_run' }));
    store.close();
    expect(filesIn(`${path}.objects`)).toHaveLength(3);
    const collected = await collect(path, first.objects);
    expect([collected.files.length, collected.texts]).toEqual([1, 1]);
    await requireWhole(path);

    const again = await openStore(path, writing);
    expect(again.listFiles('r2', 'figure').map((file) => Buffer.from(again.readFile(file)).toString())).toEqual([
      'both',
      'second',
    ]);
    remove(again, 'r2');
    expect(again.listRuns()).toEqual([]);
    expect(again.startRun(sampleRun()).id).toBe('r3');
    again.close();
    expect(filesIn(`${path}.objects`)).toHaveLength(2);
    const database = new Database(path);
    const count = (table: string) => database.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
    for (const table of ['stages', 'final_metrics', 'files', 'checkpoints'])
      expect([table, count(table)]).toEqual([table, 0]);
    expect([count('parameters'), count('texts')]).toEqual([2, 3]);
    database.close();
    expect(await collect(path)).toMatchObject({ texts: 0, notShrunk: null });
    expect(filesIn(`${path}.objects`)).toEqual([]);
    await requireWhole(path);
  }));

test('a sweep takes its runs with it, but not those that another sweep reuses', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'results.db');
    const store = await openStore(path, writing);
    const first = completeSweep(store, 2);
    const second = completeSweep(store, 3, { 0: 'r1' });
    expect([first, second]).toEqual([
      { sweep: 's1', runs: ['r1', 'r2'] },
      { sweep: 's2', runs: ['r1', 'r3', 'r4'] },
    ]);
    const refused = (ids: readonly string[], reason: string, message: RegExp, hint = /./) => {
      expect(() => store.planRemoval(ids)).toThrow(
        expect.objectContaining({ reason, message: expect.stringMatching(message), hint: expect.stringMatching(hint) }),
      );
    };
    refused(['r2'], 'needed', /^r2 is the result of trial 1 of s1/, /aedsl rm s1/);
    refused(['s1', 'r1'], 'needed', /^r1 is the result of trial 0 of s2/, /aedsl rm s2/);
    for (const id of ['r9', 's9', 'last', '1', 'sparse', '']) refused(['s1', id], 'unknown_run', /nothing was deleted/);
    expect(store.planRemoval(['s1', 's2'])).toMatchObject({ runs: ['r1', 'r2', 'r3', 'r4'], kept: [] });

    const plan = store.planRemoval(['s1']);
    expect(plan).toMatchObject({ runs: ['r2'], sweeps: ['s1'], kept: [{ run: 'r1', by: 's2' }] });
    const other: RemovalPlan = { ...plan, runs: ['r1', 'r2'] };
    expect(() => store.removeResults(other, ['s1'])).toThrow(expect.objectContaining({ reason: 'in_use' }));
    store.removeResults(plan, ['s1']);
    expect(store.sweep('s1')).toBeNull();
    expect(store.findRun('r1').sweep).toBeNull();
    expect(store.sweepTrials('s2').map(({ runId }) => runId)).toEqual(['r1', 'r3', 'r4']);
    expect(store.trials.outsideSweeps(10).map(({ id }) => id)).toEqual(['r1']);
    remove(store, 's2');
    expect(store.listRuns().map(({ id }) => id)).toEqual(['r1']);
    remove(store, 'r1');
    expect(store.startSweep(sampleSweep(1)).id).toBe('s3');
    expect(() => store.continueSweep('s1')).toThrow(expect.objectContaining({ reason: 'unknown_run' }));
    store.close();
    await requireWhole(path);
  }));

test('what a live process writes, or may reuse, stays, and so do all files until it has ended', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'results.db');
    const live = await openStore(path, { ...writing, command: 'aedsl sweep live.ae' });
    completeRun(live, ['shared']);
    const { identity } = sampleSweep(1).trials[0] ?? {};
    completeRun(live, ['x'], { identity: identity ?? '' });
    const evaluated = live.startRun(sampleRun());
    evaluated.record(trialStarted());
    const pending = live.startRun(sampleRun());
    const [weights, chain] = [Buffer.from('weights'), Buffer.from('{}')];
    const trained = { status: 'complete', metrics: {}, weightsSha256: 'w', divergence: null, seconds: 1 } as const;
    pending.trained({ ...trained, curves: ['train.loss'], weights, chain });
    const sweep = live.startSweep(sampleSweep(1));
    // Its file is there already, and its row is not.
    evaluated.saveFigure('same', Buffer.from('shared'));

    const store = await openStore(path, writing);
    for (const [id, message] of [
      ['r3', /^r3 stays: process \d+ .*aedsl sweep live\.ae.* writes it; nothing was deleted$/],
      ['r4', /^r4 stays: .* writes it/],
      ['s1', /^s1 stays: .* writes it/],
      ['r2', /^r2 stays: .* has the same trial in s1/],
    ] as const) {
      expect(() => store.planRemoval([id])).toThrow(
        expect.objectContaining({ reason: 'in_use', message: expect.stringMatching(message) }),
      );
    }
    const { objects } = remove(store, 'r1');
    store.close();
    await expect(collect(path, objects)).rejects.toMatchObject({
      reason: 'locked',
      message: expect.stringContaining('aedsl sweep live.ae'),
    });
    expect(filesIn(`${path}.objects`)).toHaveLength(4);
    evaluated.fail('x');
    pending.finish();
    sweep.finish('interrupted');
    live.close();
    await requireWhole(path);
    expect((await collect(path, objects)).files).toEqual([]);
    const after = await openStore(path, writing);
    expect(after.listFiles('r3', 'figure')).toHaveLength(1);
    remove(after, 's1', 'r2', 'r3', 'r4');
    expect(() => after.resumeRun('r3', null)).toThrow(expect.objectContaining({ reason: 'unknown_run' }));
    expect(() => after.evaluateRun('r3')).toThrow(expect.objectContaining({ reason: 'unknown_run' }));
    expect(() => after.collectGarbage(null)).toThrow('alone');
    after.close();
    expect((await collect(path)).files).toHaveLength(4);
  }));

test('garbage is what no row names, and nothing that is not ours; a database that is not there has none', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'results.db');
    const [objects, checkpoints] = [`${path}.objects`, `${path}.checkpoints`];
    const sha256 = 'ab'.repeat(32);
    const outside = join(folder, 'mine');
    for (const made of [outside, join(objects, 'ab'), join(objects, 'temporary'), checkpoints])
      mkdirSync(made, { recursive: true });
    const write = (file: string) => {
      writeFileSync(file, 'precious');
      return file;
    };
    const foreign = [
      join(folder, 'thesis.txt'),
      join(outside, `${'ef'.repeat(32)}.png`),
      join(objects, 'thesis.txt'),
      join(objects, 'ab', 'thesis.txt'),
      join(objects, 'ab', `${'cd'.repeat(32)}.png`),
      join(objects, `${sha256}.png`),
      join(checkpoints, 'best.safetensors'),
      // A row of another run will name it.
      join(checkpoints, 'r1-0-7.safetensors'),
    ].map(write);
    const ours = [
      join(objects, 'ab', `${sha256}.png`),
      join(objects, 'temporary', `0123456789abcdef-${sha256}.png`),
      join(checkpoints, 'r77-0123456789abcdef-0-400.safetensors'),
      join(checkpoints, 'r1-0-1.safetensors.part'),
    ].map(write);
    await expect(collect(path)).rejects.toMatchObject({ reason: 'missing' });
    writeFileSync(path, '');
    await expect(collect(path)).rejects.toMatchObject({ reason: 'missing' });
    for (const file of [...foreign, ...ours]) expect(existsSync(file)).toBe(true);
    rmSync(path);

    const store = await openStore(path, writing);
    for (let i = 0; i < 30; i++) completeRun(store, [], { source: `${i} ${'x'.repeat(20_000)}` });
    store.close();
    symlinkSync(outside, join(objects, 'ef'));
    symlinkSync(foreign[0] ?? '', join(objects, 'ab', `${'ab'.repeat(31)}00.png`));
    const database = new Database(path);
    const insert = database.prepare(
      `INSERT INTO checkpoints (run, stage, step, epochs, seconds, file, sha256, bytes, time) VALUES (?, 0, 1, 0, 0, ?, '', 1, '')`,
    );
    for (const name of ['../thesis.txt', foreign[0], '..', 'best.safetensors', 'r2-0-1.safetensors'])
      insert.run(1, name);
    insert.run(2, 'r1-0-7.safetensors');
    write(join(checkpoints, 'r2-0-1.safetensors'));
    database.exec(`INSERT INTO objects (sha256, extension, bytes) VALUES ('../../thesis', 'txt', 1);
      INSERT INTO files SELECT 1, 'figure', 'f', object FROM objects`);
    database.close();

    const reader = await openStore(path, { mode: 'read' });
    const found = reader.findGarbage().files.map(({ folder, name }) => join(folder, name));
    expect(found.toSorted()).toEqual(ours.toSorted());
    reader.close();
    const writer = await openStore(path, writing);
    const ids = writer
      .listRuns()
      .map(({ id }) => id)
      .filter((id) => id !== 'r2');
    expect(remove(writer, ...ids).checkpoints.map(({ name }) => name)).toEqual(['r1-0-1.safetensors.part']);
    writer.close();
    const size = statSync(path).size;
    const collected = await collect(path);
    expect(collected.databaseBytes).toBeGreaterThan(400_000);
    expect(statSync(path).size).toBeLessThan(size - 400_000);
    expect(ours.filter((file) => existsSync(file))).toEqual([]);
    for (const file of foreign) expect(readFileSync(file, 'utf8')).toBe('precious');
    expect(readdirSync(join(objects, 'ab'))).toHaveLength(3);
    expect((await collect(path)).files).toEqual([]);
  }));

test('a kill at any moment leaves every row its files, and the rest to the next collection', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'results.db');
    const loader = new URL('./typescript-loader.mjs', import.meta.url).href;
    const program = fileURLToPath(new URL('./removing-process.ts', import.meta.url));
    for (let kill = 0; kill < 3; kill++) {
      const child = spawn(process.execPath, ['--import', loader, program, path], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(child.stdout, 'data');
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 120));
      child.kill('SIGKILL');
      await once(child, 'exit');
      await requireWhole(path);
    }
    await collect(path);
    await requireWhole(path);
    const store = await openStore(path, { mode: 'read' });
    const runs = store.listRuns();
    expect(runs.length).toBeGreaterThan(0);
    const named = runs.flatMap(({ id }) => store.listFiles(id, 'figure').map(({ path: file }) => file));
    expect(filesIn(`${path}.objects`)).toHaveLength(new Set(named).size);
    expect(filesIn(`${path}.checkpoints`)).toHaveLength(runs.flatMap(({ id }) => store.checkpoints(id)).length);
    expect(filesIn(`${path}.sessions`)).toEqual([]);
    store.close();
  }));
