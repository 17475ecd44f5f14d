import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type FileOperations, fileOperations } from '../../../src/files/write-file.js';
import { migrations } from '../../../src/runtime/store/migrations.js';
import { openStore, readStore, readStoreAsItIs } from '../../../src/runtime/store/store.js';
import Database from '../../sqlite.js';
import { epoch, inFolder, sampleRun, steps, trialDone, trialStarted } from './sample-run.js';

const writing = { mode: 'write', command: 'aedsl run sparse.ae', patienceMilliseconds: 0 } as const;
const reading = { mode: 'read' } as const;
/** A schema version that is not released. */
const following = Math.max(...migrations.map(({ version }) => version)) + 1;
const loader = new URL('./typescript-loader.mjs', import.meta.url).href;
const openingProcess = fileURLToPath(new URL('./opening-process.ts', import.meta.url));

/** Anyone but root, who may write everywhere; undefined when the tests don't run as root. */
const ordinaryUser = process.getuid?.() === 0 ? 65534 : undefined;

test('a file that is not a results database is named as such and left as it was', () =>
  inFolder(async (folder) => {
    const text = join(folder, 'notes.txt');
    writeFileSync(text, 'not a database, but longer than the header of one: '.repeat(20));
    const foreign = join(folder, 'other.db');
    new Database(foreign).exec('CREATE TABLE runs (a)').close();
    for (const [path, reason] of [
      [text, 'not_a_database'],
      [foreign, 'foreign_database'],
      [folder, 'cannot_open'],
      [join(text, 'results.db'), 'cannot_open'],
    ] as const) {
      const before = path === folder || !existsSync(path) ? null : readFileSync(path);
      await expect(openStore(path, writing)).rejects.toMatchObject({ name: 'StoreError', reason });
      if (before !== null) expect(readFileSync(path).equals(before)).toBe(true);
    }
    await expect(openStore(text, reading)).rejects.toMatchObject({ reason: 'not_a_database' });
    await expect(openStore(join(folder, 'absent.db'), reading)).rejects.toMatchObject({ reason: 'missing' });
    expect(readdirSync(folder).sort()).toEqual(['notes.txt', 'other.db']);
  }));

test('an empty file becomes a database, as one does whose making was interrupted', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'results.db');
    writeFileSync(path, '');
    await expect(openStore(path, reading)).rejects.toMatchObject({ reason: 'missing' });
    (await openStore(path, writing)).close();
    expect((await openStore(path, reading)).listRuns()).toEqual([]);
  }));

test('a newer schema is refused; an older one is brought up to date with its runs', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'results.db');
    const old = await openStore(path, writing);
    old.startRun(sampleRun()).fail('kept');
    old.close();
    const next = [...migrations, { version: following, sql: 'ALTER TABLE runs ADD COLUMN nickname TEXT' }];
    await expect(openStore(path, { ...reading, migrations: next })).rejects.toMatchObject({ reason: 'older_schema' });
    const newer = await openStore(path, { ...writing, migrations: next });
    expect(newer.findRun('r1').error).toBe('kept');
    newer.close();
    await expect(openStore(path, reading)).rejects.toMatchObject({ reason: 'newer_schema' });
    await expect(openStore(path, writing)).rejects.toThrow(
      `schema ${following}, this one knows up to ${following - 1}`,
    );
  }));

test('results that are shown are brought up to date first', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'results.db');
    const old = await openStore(path, { ...writing, migrations: migrations.slice(0, -1) });
    old.startRun(sampleRun()).fail('kept');
    await expect(readStoreAsItIs(path, () => {})).rejects.toMatchObject({ reason: 'older_schema' });
    old.close();
    expect(await readStore(path, (store) => store.findRun('r1').error)).toBe('kept');
    (await openStore(path, reading)).close();
    await expect(readStore(join(folder, 'none.db'), () => {})).rejects.toMatchObject({ reason: 'missing' });
    expect(existsSync(join(folder, 'none.db'))).toBe(false);
  }));

test('a migration that fails leaves the schema of before', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'results.db');
    (await openStore(path, writing)).close();
    const broken = [...migrations, { version: following, sql: 'CREATE TABLE extra (a); CREATE TABLE runs (a)' }];
    await expect(openStore(path, { ...writing, migrations: broken })).rejects.toThrow('runs');
    const store = await openStore(path, writing);
    store.close();
    const database = new Database(path, { readonly: true });
    expect(database.pragma('user_version', { simple: true })).toBe(following - 1);
    expect(database.prepare("SELECT name FROM sqlite_schema WHERE name = 'extra'").get()).toBeUndefined();
    database.close();
  }));

test('a damaged database is an error, not a wrong answer', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'results.db');
    const store = await openStore(path, writing);
    store.startRun(sampleRun()).fail('x');
    store.close();
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0xff, 100, bytes.length));
    await expect(openStore(path, reading)).rejects.toMatchObject({ reason: 'damaged' });
    await expect(openStore(path, writing)).rejects.toMatchObject({ reason: 'damaged' });
  }));

/**
 * SQLite's own limit on pages stands in for a disk: it fails the same call with the same code, in the middle of a
 * transaction.
 */
test('a full disk: what was committed stays, what was not is committed once there is room', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'results.db');
    const limited = [...migrations, { version: following, sql: 'PRAGMA max_page_count = 75' }];
    const store = await openStore(path, { ...writing, migrations: limited });
    const run = store.startRun(sampleRun());
    run.record(trialStarted());
    run.record(steps(0, new Float32Array(4096).fill(1)));
    run.record(epoch(1, { 'train.loss': 1 }));
    run.record(steps(4096, new Float32Array(40_960).fill(2)));
    expect(() => run.record(epoch(2, { 'train.loss': 2 }))).toThrow(expect.objectContaining({ reason: 'disk_full' }));
    expect(store.readSeries('r1', 'train', 'loss').values).toHaveLength(4096);
    expect(store.readEpochs('r1')).toHaveLength(1);
    expect(() => store.close()).toThrow(expect.objectContaining({ reason: 'disk_full' }));

    // The limit is the connection's, so a new one has room again.
    const reader = new Database(path, { readonly: true });
    expect(reader.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(reader.prepare('SELECT sum(steps) FROM series').pluck().get()).toBe(4096);
    reader.close();
  }));

test('after a failed commit the next one brings everything', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'results.db');
    const store = await openStore(path, writing);
    const run = store.startRun(sampleRun());
    run.record(trialStarted());
    const other = new Database(path);
    other.exec(`CREATE TRIGGER no_room BEFORE INSERT ON epoch_metrics BEGIN SELECT RAISE(ROLLBACK, 'no room'); END`);
    run.record(steps(0, [1, 2]));
    expect(() => run.record(epoch(1, { 'train.loss': 1, 'train.new_metric': 3 }))).toThrow('no room');
    expect(store.readEpochs('r1')).toEqual([]);
    other.exec('DROP TRIGGER no_room');
    other.close();
    run.record(steps(2, [3]));
    run.record(epoch(2, { 'train.loss': 0.5 }));
    run.record(trialDone());
    run.finish();
    expect([...store.readSeries('r1', 'train', 'loss').values]).toEqual([1, 2, 3]);
    expect(store.readEpochs('r1').map(({ epoch: at, metric }) => `${at} ${metric}`)).toEqual([
      '1 train.loss',
      '1 train.new_metric',
      '2 train.loss',
    ]);
    store.close();
  }));

test('a file of weights is whole or absent, whichever step of writing it fails', () =>
  inFolder(async (folder) => {
    for (const failing of ['open', 'write', 'sync', 'rename', 'syncFolder'] as const) {
      const path = join(folder, `${failing}.db`);
      let broken = true;
      const failAt = (step: keyof FileOperations) => {
        if (broken && step === failing) {
          throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
        }
      };
      const injected: FileOperations = {
        ...fileOperations,
        open: (file) => {
          failAt('open');
          return fileOperations.open(file);
        },
        // A disk takes some bytes before it is full.
        write: (file, bytes) => {
          if (bytes.length < 50) failAt('write');
          return fileOperations.write(file, bytes.subarray(0, 10));
        },
        sync: (file) => {
          failAt('sync');
          fileOperations.sync(file);
        },
        rename: (from, to) => {
          failAt('rename');
          fileOperations.rename(from, to);
        },
        syncFolder: (path) => {
          failAt('syncFolder');
          fileOperations.syncFolder(path);
        },
      };
      const store = await openStore(path, { ...writing, fileOperations: injected });
      const run = store.startRun(sampleRun());
      const weights = new Uint8Array(100).fill(7);
      expect(() => run.saveWeights('final', weights)).toThrow(expect.objectContaining({ reason: 'disk_full' }));
      expect(readdirSync(join(`${path}.objects`, 'temporary'))).toEqual([]);
      broken = false;
      const { path: file } = run.saveWeights('final', weights);
      expect(readFileSync(file).equals(weights)).toBe(true);
      store.close();
    }
  }));

test('a missing or altered file of weights is noticed, and a new run mends it', () =>
  inFolder(async (folder) => {
    const store = await openStore(join(folder, 'results.db'), writing);
    const run = store.startRun(sampleRun());
    run.record(trialStarted());
    const weights = Uint8Array.of(1, 2, 3);
    const { path } = run.saveWeights('final', weights);
    store.flush();
    const [file] = store.listFiles('r1', 'weights');
    if (file === undefined) throw new Error('no file');
    writeFileSync(path, Uint8Array.of(1, 2, 4));
    expect(() => store.readFile(file)).toThrow(expect.objectContaining({ reason: 'altered_object' }));
    run.saveWeights('final', weights);
    expect([...store.readFile(file)]).toEqual([1, 2, 3]);
    expect(() => store.readFile({ ...file, sha256: '0'.repeat(64) })).toThrow(
      expect.objectContaining({ reason: 'missing_object' }),
    );
    store.close();
    const objects = dirname(dirname(path));
    rmSync(objects, { recursive: true });
    const later = await openStore(join(folder, 'results.db'), reading);
    expect(() => later.readFile(file)).toThrow(`${objects}: this folder, which has the weights`);
    later.close();
  }));

test('in a folder that may not be written: reading works, writing says so', () =>
  inFolder(async (folder) => {
    const locked = join(folder, 'locked');
    mkdirSync(locked);
    const path = join(locked, 'results.db');
    const store = await openStore(path, writing);
    store.startRun(sampleRun()).fail('x');
    store.close();
    const older = join(locked, 'older.db');
    (await openStore(older, { ...writing, migrations: migrations.slice(0, -1) })).close();
    for (const entry of [...readdirSync(locked).map((name) => join(locked, name)), locked, folder]) {
      if (ordinaryUser !== undefined) chownSync(entry, ordinaryUser, ordinaryUser);
    }
    for (const name of readdirSync(locked)) chmodSync(join(locked, name), 0o444);
    chmodSync(locked, 0o555);
    try {
      expect(
        openInTurn(
          [path, 'show'],
          [path, 'write'],
          [older, 'show'],
          [join(locked, 'new.db'), 'write'],
          [join(locked, 'a', 'b.db'), 'write'],
        ),
      ).toEqual(['r1 failed', 'read_only', 'older_schema', 'read_only', 'read_only']);
    } finally {
      chmodSync(locked, 0o755);
    }
  }));

/** Opens stores in a process without root's rights. Returns of each the newest run and its status, or the error's reason. */
function openInTurn(
  ...stores: readonly (readonly [path: string, mode: 'read' | 'show' | 'write'])[]
): readonly string[] {
  const user = ordinaryUser === undefined ? {} : { uid: ordinaryUser, gid: ordinaryUser };
  const args = ['--import', loader, openingProcess, ...stores.flat()];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', ...user });
  return [...stdout.trim().split('\n'), ...(stderr === '' ? [] : [stderr])];
}
