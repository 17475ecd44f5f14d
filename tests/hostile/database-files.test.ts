import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sqlitePackageFor } from '../../src/runtime/store/sqlite.js';
import { openStore } from '../../src/runtime/store/store.js';
import { inFolder, sampleRun } from '../runtime/store/sample-run.js';
import Database from '../sqlite.js';

const writing = { mode: 'write', command: 'aedsl run', patienceMilliseconds: 0 } as const;
const reading = { mode: 'read' } as const;

/** A database with one run, closed. */
async function databaseIn(folder: string): Promise<string> {
  const path = join(folder, 'results.db');
  const store = await openStore(path, writing);
  store.startRun(sampleRun()).fail('x');
  store.close();
  return path;
}

function altered(path: string, sql: string): void {
  new Database(path).exec(sql).close();
}

const checkpointRow = (file: string, run = 1) =>
  `INSERT INTO checkpoints (run, stage, step, epochs, seconds, file, sha256, bytes, time)
   VALUES (${run}, 0, 1, 0, 0, '${file}', '${createHash('sha256').update('secret').digest('hex')}', 6, '')`;

const checkpoint = (step: number) => {
  const file = `r1-0-${step}.safetensors`;
  return { stage: 0, step, epochs: 0, seconds: 1, file, sha256: String(step), bytes: 1 };
};

test('rows of checkpoints delete and read nothing but checkpoints of their own run', () =>
  inFolder(async (folder) => {
    const path = await databaseIn(folder);
    const checkpoints = `${path}.checkpoints`;
    mkdirSync(join(checkpoints, 'r1-0-9.safetensors'), { recursive: true });
    const outside = ['thesis.txt', 'r1-0-5.safetensors'].map((name) => join(folder, name));
    const inside = ['notes.txt', 'r2-0-5.safetensors'].map((name) => join(checkpoints, name));
    for (const file of [...outside, ...inside]) writeFileSync(file, 'secret');
    const names = ['../thesis.txt', outside[0] ?? '', '../r1-0-5.safetensors', 'notes.txt', 'r1-0-9.safetensors', '..'];
    const rows = [...names, 'r2-0-5.safetensors'].map((name) => checkpointRow(name));
    altered(path, [...rows, "UPDATE runs SET status = 'interrupted'"].join(';'));
    const store = await openStore(path, writing);
    for (const row of store.checkpoints('r1')) {
      if (row.file !== 'r2-0-5.safetensors') expect(store.readCheckpoint(row)).toBeNull();
    }
    const run = store.resumeRun('r1', null);
    for (const step of [1, 2, 3]) run.checkpoint(checkpoint(step));
    store.close();
    for (const file of [...outside, ...inside]) expect(readFileSync(file, 'utf8')).toBe('secret');
    expect(readdirSync(checkpoints)).toContain('r1-0-9.safetensors');
  }));

test('a folder that belongs to another program stays as it was', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'model');
    const names = ['epoch-1.pt', 'best.safetensors', 'r1.safetensors', 'r0-1-1.safetensors'];
    for (const other of ['checkpoints', 'objects', 'objects/temporary']) {
      mkdirSync(join(folder, `model.${other}`), { recursive: true });
      for (const name of names) writeFileSync(join(folder, `model.${other}`, name), 'x');
    }
    const store = await openStore(path, writing);
    store.startRun(sampleRun()).saveFigure('filters(code)', Uint8Array.of(1));
    store.close();
    for (const other of ['checkpoints', 'objects', 'objects/temporary']) {
      expect(readdirSync(join(folder, `model.${other}`))).toEqual(expect.arrayContaining(names));
    }
  }));

test('links beside a database are neither written through nor emptied', () =>
  inFolder(async (folder) => {
    const path = await databaseIn(folder);
    const mine = join(folder, 'mine');
    mkdirSync(mine);
    const names = ['r1-0-1.safetensors', 'r9-0-1.safetensors.part', `${'a'.repeat(64)}.png`];
    for (const name of names) writeFileSync(join(mine, name), 'precious');
    for (const ending of ['.checkpoints', '.objects', '.lock', '-wal', '-shm', '-journal']) {
      rmSync(`${path}${ending}`, { recursive: true, force: true });
      const target = /^\.[co]/.test(ending) ? mine : join(mine, names[0] ?? '');
      symlinkSync(target, `${path}${ending}`);
      await expect(openStore(path, writing)).rejects.toMatchObject({
        reason: 'foreign_file',
        message: expect.stringContaining(`results.db${ending}: this is a symbolic link`),
      });
      if (ending.startsWith('-'))
        await expect(openStore(path, reading)).rejects.toMatchObject({ reason: 'foreign_file' });
      else (await openStore(path, reading)).close();
      rmSync(`${path}${ending}`);
    }
    mkdirSync(`${path}.objects`);
    symlinkSync(mine, `${path}.objects/temporary`);
    const store = await openStore(path, writing);
    const run = store.startRun(sampleRun());
    expect(() => run.saveFigure('filters(code)', Uint8Array.of(1))).toThrow(
      expect.objectContaining({ reason: 'foreign_file' }),
    );
    store.close();
    for (const name of names) expect(readFileSync(join(mine, name), 'utf8')).toBe('precious');
    expect(readdirSync(mine).sort()).toEqual([...names].sort());
  }));

/** A transaction that was killed once its pages had reached the file. */
const killedTransaction = `
const database = require('${sqlitePackageFor(process.versions.napi)}')(process.argv[1]);
database.pragma('cache_size = 1');
database.exec('CREATE TABLE t (a); BEGIN');
for (let i = 0; i < 50; i++) database.exec('INSERT INTO t VALUES (zeroblob(100000))');
process.kill(process.pid, 'SIGKILL');
`;

test('a journal that names another file is not played back, which would delete that file', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'results.db');
    const victim = join(folder, 'thesis.txt');
    writeFileSync(victim, 'years of work');
    spawnSync(process.execPath, ['-e', killedTransaction, path]);
    const name = Buffer.from(victim);
    const end = Buffer.alloc(name.length + 20);
    end.writeUInt32BE(2 ** 30 / 4096 + 1, 0);
    name.copy(end, 4);
    end.writeUInt32BE(name.length, name.length + 4);
    end.writeInt32BE(
      new Int8Array(name).reduce((sum, byte) => sum + byte, 0),
      name.length + 8,
    );
    Buffer.from('d9d505f920a163d7', 'hex').copy(end, name.length + 12);
    appendFileSync(`${path}-journal`, end);
    await expect(openStore(path, writing)).rejects.toMatchObject({ reason: 'foreign_file' });
    await expect(openStore(path, reading)).rejects.toMatchObject({ reason: 'foreign_file' });
    expect(readFileSync(victim, 'utf8')).toBe('years of work');
    // The attack itself works, or nothing was tested.
    new Database(path).exec('SELECT count(*) FROM t').close();
    expect(() => readFileSync(victim)).toThrow('ENOENT');
  }));

test('objects that are named by rows stay within their folder; pipes and endless files are not read', () =>
  inFolder(async (folder) => {
    const path = await databaseIn(folder);
    const sha256 = createHash('sha256').update('a').digest('hex');
    const store = await openStore(path, writing);
    const run = store.startRun(sampleRun());
    const object = run.saveWeights('final', Uint8Array.of(1, 2, 3));
    run.checkpoint({ ...checkpoint(1), file: 'r2-0-1.safetensors' });
    store.close();
    rmSync(object.path);
    mkdirSync(`${path}.checkpoints`);
    execFileSync('mkfifo', [object.path, join(`${path}.checkpoints`, 'r2-0-1.safetensors')]);
    const reader = await openStore(path, reading);
    const [file] = reader.listFiles('r2', 'weights');
    if (!file) throw new Error('no file');
    expect(() => reader.readFile(file)).toThrow(expect.objectContaining({ reason: 'altered_object' }));
    const [known] = reader.checkpoints('r2');
    expect(known && reader.readCheckpoint(known)).toBeNull();
    for (const names of [
      { sha256: '../../x', extension: 'png' },
      { sha256, extension: '../../../x' },
      { sha256, extension: '' },
    ]) {
      expect(() => reader.readFile({ ...file, ...names })).toThrow(expect.objectContaining({ reason: 'damaged' }));
    }
    reader.close();
  }));
