import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { migrations } from '../../../src/runtime/store/migrations.js';
import type { RunWriter } from '../../../src/runtime/store/run-writer.js';
import { openStore } from '../../../src/runtime/store/store.js';
import Database from '../../sqlite.js';
import { inFolder, sampleRun, trialDone, trialStarted } from './sample-run.js';

const loader = new URL('./typescript-loader.mjs', import.meta.url).href;
const endlessRun = fileURLToPath(new URL('./endless-run.ts', import.meta.url));
const writing = { mode: 'write', command: 'aedsl run second.ae', patienceMilliseconds: 0 } as const;

/** A process that records a run; resolves when it has committed `steps` steps. */
async function recordUntil(path: string, steps: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--import', loader, endlessRun, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (Number(line.split(' ')[1]) >= steps) return child;
  }
  throw new Error('the recording process ended');
}

test('kill -9 loses nothing committed; the run is running before and interrupted after', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'results.db');
    const child = await recordUntil(path, 20_000);
    const alive = await openStore(path, { mode: 'read' });
    expect(alive.findRun('r1').status).toBe('running');
    expect(alive.writers()).toMatchObject([{ pid: child.pid, command: 'aedsl run endless.ae' }]);

    const beside = await openStore(path, writing);
    expect(() => beside.resumeRun('r1', null)).toThrow(
      expect.objectContaining({
        reason: 'in_use',
        message: expect.stringMatching(`^r1 is being written by process ${child.pid} on .*aedsl run endless.ae`),
      }),
    );
    expect(beside.findRun('r1').status).toBe('running');
    expect(alive.writers()).toMatchObject([{ pid: process.pid }, { pid: child.pid }]);
    beside.close();

    const next = [...migrations, { version: migrations.length + 1, sql: 'CREATE TABLE more (a)' }];
    const refusal = await openStore(path, { ...writing, migrations: next }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ reason: 'locked' });
    expect(String(refusal)).toContain(`process ${child.pid}`);
    expect(String(refusal)).toContain('aedsl run endless.ae');

    let waitedFor: number | undefined;
    const patient = openStore(path, {
      mode: 'write',
      command: 'aedsl run patient.ae',
      patienceMilliseconds: 30_000,
      migrations: next,
      onWait: (writer) => {
        waitedFor = writer?.pid;
        child.kill('SIGKILL');
      },
    });
    await once(child, 'exit');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(alive.findRun('r1').status).toBe('interrupted');

    const store = await patient;
    expect(waitedFor).toBe(child.pid);
    const run = store.findRun('r1');
    expect(run).toMatchObject({ status: 'interrupted', finished: run.updated });
    const { values } = store.readSeries('r1', 'train', 'loss');
    expect(values.length).toBeGreaterThanOrEqual(20_000);
    expect(values.length % 1000).toBe(0);
    expect(values.every((value, i) => value === Math.fround(i))).toBe(true);
    const epochs = store.readEpochs('r1');
    expect(epochs).toHaveLength(values.length / 1000);
    expect(store.startRun(sampleRun()).id).toBe('r2');
    store.close();
    alive.close();

    const database = new Database(path);
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(database.pragma('foreign_key_check')).toEqual([]);
    database.close();
  }));

test('runs that have not ended when the store closes are interrupted, also one whose weights were never saved', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'results.db');
    const store = await openStore(path, writing);
    store.startRun(sampleRun());
    const trained = store.startRun(sampleRun());
    trained.record(trialStarted());
    trained.record(trialDone());
    store.close();
    const reader = await openStore(path, { mode: 'read' });
    expect(reader.listRuns().map((run) => run.status)).toEqual(['interrupted', 'interrupted']);
    expect(reader.writers()).toEqual([]);
    expect(readdirSync(`${path}.sessions`)).toEqual([]);
    reader.close();
  }));

test('a run that has ended takes nothing more', () =>
  inFolder(async (folder) => {
    const store = await openStore(join(folder, 'results.db'), writing);
    const checkpoint = { stage: 0, step: 1, epochs: 1, seconds: 1, file: 'r1-0-1.safetensors', sha256: '', bytes: 0 };
    const ends: readonly ((run: RunWriter) => void)[] = [
      (run) => {
        run.record(trialDone());
        run.finish();
      },
      (run) => run.fail('out of memory'),
      (run) => run.suspend('stopped', null),
    ];
    for (const end of ends) {
      const run = store.startRun(sampleRun());
      run.record(trialStarted());
      end(run);
      const late: readonly (() => void)[] = [
        () => run.record(trialDone()),
        () => run.note('late'),
        () => run.saveFigure('filters(code)', Uint8Array.of(1)),
        () => run.saveWeights('final', Uint8Array.of(1)),
        () => run.saveChain(Uint8Array.of(1)),
        () => run.checkpoint(checkpoint),
        () => run.finish(),
        () => run.fail('late'),
        () => run.suspend('paused', null),
      ];
      for (const ask of late) expect(ask).toThrow(`${run.id} has`);
      expect(store.listFiles(run.id, 'figure')).toEqual([]);
    }
    store.close();
  }));

test('half-written files of a killed process are removed by the next writer', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'results.db');
    const killed = await openStore(path, {
      ...writing,
      fileOperations: {
        ...(await import('../../../src/files/write-file.js')).fileOperations,
        rename: () => undefined,
      },
    });
    const object = killed.startRun(sampleRun()).saveFigure('filters(code)', Uint8Array.of(1));
    const temporary = join(`${path}.objects`, 'temporary');
    const [name = ''] = readdirSync(temporary);
    expect(name).toMatch(new RegExp(`^[0-9a-f]{16}-${object.sha256}\\.png$`));
    const left = join(temporary, name);
    const beside = await openStore(path, writing);
    expect(existsSync(left)).toBe(true);
    beside.close();
    killed.close();
    const next = await openStore(path, writing);
    expect(existsSync(left)).toBe(false);
    next.close();
  }));

test('the clock may jump back; only the times shown change', () =>
  inFolder(async (folder) => {
    const times = ['2030-01-01', '2030-01-01', '2001-01-01'];
    const clock = () => new Date(times.length > 1 ? (times.shift() ?? 0) : (times[0] ?? 0));
    const store = await openStore(join(folder, 'results.db'), { ...writing, clock });
    const run = store.startRun(sampleRun());
    run.record(trialStarted());
    run.record(trialDone());
    run.finish();
    expect(store.findRun('r1')).toMatchObject({ status: 'complete', finished: '2001-01-01T00:00:00.000Z' });
    store.close();
  }));

test('a checkpoint that a live session has written and not yet recorded is left alone, also by a second session', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'results.db');
    const first = await openStore(path, writing);
    const run = first.startRun(sampleRun());
    const file = `${first.checkpointPrefix(run.id)}-0-10.safetensors`;
    writeFileSync(join(first.checkpointFolder, file), 'state');
    const place = join(`${path}.checkpoints`, file);
    (await openStore(path, writing)).close();
    expect(existsSync(place)).toBe(true);
    first.close();
    // Of a session that has ended nobody records it any more.
    (await openStore(path, writing)).close();
    expect(existsSync(place)).toBe(false);
  }));

test('a run that one session evaluates is not evaluated by another', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'results.db');
    const [first, second] = [await openStore(path, writing), await openStore(path, writing)];
    const run = first.startRun(sampleRun());
    run.record(trialStarted());
    const end = { metrics: {}, weightsSha256: 'a'.repeat(64), divergence: null, seconds: 1, curves: [] };
    run.trained({ ...end, status: 'complete', weights: Uint8Array.of(1), chain: Uint8Array.of(2) });
    expect(() => second.evaluateRun(run.id)).toThrow(expect.objectContaining({ reason: 'in_use' }));
    first.close();
    // A session that was just seen alive is believed to be for a tenth of a second.
    await pause(150);
    expect(second.evaluateRun(run.id).id).toBe(run.id);
    second.close();
  }));
