import { spawnSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { openStore } from '../../src/runtime/store/store.js';
import { workplace } from '../cli/command.js';
import { killAll, Sweeping } from '../crash/sweeping.js';
import { inFolder, sampleRun, trialDone, trialStarted } from '../runtime/store/sample-run.js';

const writing = { mode: 'write', command: 'aedsl run', patienceMilliseconds: 0 } as const;
const loader = new URL('../runtime/store/typescript-loader.mjs', import.meta.url).href;
const openingProcess = fileURLToPath(new URL('../runtime/store/opening-process.ts', import.meta.url));

afterEach(killAll);

test('a link to a database, or to where one will be, is another name of the same database', () =>
  inFolder(async (folder) => {
    mkdirSync(join(folder, 'real'));
    symlinkSync('real/results.db', join(folder, 'link.db'));
    symlinkSync('link.db', join(folder, 'second.db'));
    symlinkSync('real', join(folder, 'same'));
    const real = join(folder, 'real', 'results.db');
    for (const [i, name] of ['second.db', 'link.db', 'same/results.db', 'real/results.db'].entries()) {
      const store = await openStore(join(folder, name), writing);
      expect(store.path).toBe(real);
      const run = store.startRun(sampleRun());
      expect(run.id).toBe(`r${i + 1}`);
      expect(run.saveFigure('x', Uint8Array.of(i)).path.startsWith(`${real}.objects`)).toBe(true);
      store.close();
    }
    expect(readdirSync(folder).sort()).toEqual(['link.db', 'real', 'same', 'second.db']);
    symlinkSync('loop.db', join(folder, 'loop.db'));
    await expect(openStore(join(folder, 'loop.db'), writing)).rejects.toMatchObject({ reason: 'cannot_open' });
  }));

test('a database with two names is not written by either, and can still be read', () =>
  inFolder(async (folder) => {
    const [one, two] = ['one.db', 'two.db'].map((name) => join(folder, name));
    const store = await openStore(one ?? '', writing);
    store.startRun(sampleRun()).fail('x');
    store.close();
    linkSync(one ?? '', two ?? '');
    for (const path of [one ?? '', two ?? '']) {
      await expect(openStore(path, writing)).rejects.toMatchObject({
        reason: 'several_names',
        message: expect.stringContaining('2 names'),
      });
      expect(readdirSync(folder).filter((name) => /two\.db-/.test(name))).toEqual([]);
      const reader = await openStore(path, { mode: 'read' });
      expect(reader.listRuns()).toHaveLength(1);
      reader.close();
      for (const ending of ['-wal', '-shm']) rmSync(`${path}${ending}`, { force: true });
    }
    rmSync(two ?? '');
    (await openStore(one ?? '', writing)).close();
  }));

const canMount = spawnSync('unshare', ['-m', 'true']).status === 0;

test.skipIf(!canMount)('a database that is mounted by itself is not written: its log lies elsewhere', () =>
  inFolder(async (folder) => {
    const [one, two] = ['one.db', 'a file.db'].map((name) => join(folder, name));
    (await openStore(one ?? '', writing)).close();
    writeFileSync(two ?? '', '');
    const script = `mount --bind '${one}' '${two}' && exec '${process.execPath}' --import '${loader}' '${openingProcess}' '${two}' write '${one}' write`;
    const { stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', script], { encoding: 'utf8' });
    expect([stdout, stderr]).toEqual(['several_names\nundefined undefined\n', '']);
  }),
);

describe('a database that loses its place while it is written', () => {
  for (const { what, happens, says } of [
    { what: 'is deleted', happens: (path: string) => rmSync(path), says: 'was deleted while this command wrote to it' },
    {
      what: 'is moved',
      happens: (path: string) => renameSync(path, `${path}.old`),
      says: 'results.db.old while this command wrote to it',
    },
    {
      what: 'is replaced',
      happens: (path: string) => {
        rmSync(path);
        writeFileSync(path, '');
      },
      says: 'Another file has its name now',
    },
    {
      what: 'loses its folder',
      happens: (path: string) => renameSync(join(path, '..'), join(path, '..', '..', 'new')),
      says: 'new/results.db while this command wrote to it',
    },
    {
      what: 'loses its objects',
      happens: (path: string) => rmSync(`${path}.objects`, { recursive: true }),
      says: 'results.db.objects: this folder was deleted',
    },
    {
      what: 'loses the locks of its sessions',
      happens: (path: string) => rmSync(`${path}.sessions`, { recursive: true }),
      says: 'others no longer see that this command writes',
    },
  ]) {
    test(`and ${what}`, () =>
      inFolder(async (folder) => {
        const path = join(folder, 'old', 'results.db');
        const store = await openStore(path, writing);
        const run = store.startRun(sampleRun());
        run.saveWeights('initial', Uint8Array.of(1));
        run.record(trialStarted());
        happens(path);
        const refused = expect.objectContaining({ reason: 'moved', message: expect.stringContaining(says) });
        expect(() => run.record(trialDone())).toThrow(refused);
        expect(() => run.saveWeights('final', Uint8Array.of(2))).toThrow(refused);
        expect(() => store.checkpointFolder).toThrow(refused);
        expect(() => run.finish()).toThrow(refused);
        expect(() => store.close()).toThrow(refused);
        if (what === 'loses its folder') expect(existsSync(join(folder, 'old'))).toBe(false);
      }));
  }

  const long = `experiment told {
    data digits(take=600, validation=100, test=100) { center_crop(16) }
    encoder { code: dense(24, activation=sigmoid) }
    decoder { dense(input.size, activation=sigmoid) }
    loss mse()
    train adam(lr=0.01) { epochs = 2000  batch = 10 }
  }`;

  test('ends a sweep and a run with a sentence that says so', { timeout: 120_000 }, async () => {
    const place = workplace();
    try {
      for (const [i, command] of ['sweep', 'run'].entries()) {
        const folder = join(place.folder, `${i}`);
        mkdirSync(folder);
        // A project of its own, with its own results.
        writeFileSync(join(folder, 'package.json'), '{}');
        writeFileSync(join(folder, 'told.ae'), long);
        const training = new Sweeping(folder, command, 'told.ae');
        await training.printed('"event":"epoch"');
        renameSync(folder, `${folder}-new`);
        expect(await training.ended).toBe(4);
        expect(training.err).toContain(`moved to ${folder}-new/results.db while this command wrote to it`);
        expect(training.err).toContain(`aedsl resume --db ${folder}-new/results.db`);
        expect(existsSync(folder)).toBe(false);
      }
    } finally {
      place.leave();
    }
  });
});
