import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SnapshotWorld } from '../../../src/compare/diff/snapshot-world.js';
import { explain } from '../../../src/compare/explain.js';
import { checkLocks } from '../../../src/compare/lock/check.js';
import { firstLinks } from '../../../src/compare/lock/first-links.js';
import { lockExperiments } from '../../../src/compare/lock/lock.js';
import { trialOf } from '../../../src/compare/lock/measure.js';
import { targetsOf } from '../../../src/compare/lock/targets.js';
import { rerun } from '../../../src/compare/rerun.js';
import { numericsVersion } from '../../../src/numerics/version.js';
import { onDisk, projectAround } from '../../../src/project/versioned-project.js';
import { formatLock, type LockSection, parseLock } from '../../../src/runtime/provenance/lock-file.js';
import { openStore } from '../../../src/runtime/store/store.js';
import { run } from '../../../src/sweep/run.js';
import { builtinWords } from '../../../src/words/words.js';
import { ScriptedHistory, smallExperiment, table } from '../diff/scripted-history.js';
import { readRun } from '../verify/trained.js';

const file = 'experiments/small.ae';
const lock = `${file}.lock`;
const place = new ScriptedHistory();
const project = projectAround(place.folder);
const store = join(place.folder, 'results.db');
const common = {
  project,
  backend: 'cpu',
  threads: null,
  listener: () => {},
  signal: new AbortController().signal,
  commandLine: ['aedsl', 'lock'],
} as const;

const lockAgain = (experiments: readonly string[] = []) =>
  lockExperiments({ library: builtinWords, ...common, experiments, seeds: null, sweep: false, store });
const check = (quick: boolean) => checkLocks({ library: builtinWords, ...common, experiments: [], store: null, quick });
const section = (): LockSection => {
  const [first] = parseLock(place.read(lock), lock).sections;
  if (!first) throw new Error('the lock has a section');
  return first;
};

beforeAll(async () => {
  place.write(file, smallExperiment);
  place.write('experiments/data/table.csv', table('0.5'));
  await expect(lockAgain()).rejects.toMatchObject({
    message: 'no experiment is locked yet',
    hint: `name one: aedsl lock ${file}`,
  });
  await lockExperiments({ library: builtinWords, ...common, experiments: ['small'], seeds: 2, sweep: false, store });
});
afterAll(() => place.remove());

describe('a lock', () => {
  it('has the results that running the experiment gives', async () => {
    const source = { path: join(place.folder, file), text: place.read(file) };
    const trained = await run({ source, seed: 2, backend: 'cpu' });
    trained.model?.dispose();
    expect(section().weights[1]).toBe(trained.weightsSha256);
    expect(section().metrics['test.loss']?.[1]).toBe(trained.metrics['test.loss']);
    expect(section().seeds).toEqual([1, 2]);
  });

  it('is the same text again, from stored runs and without them', async () => {
    const text = place.read(lock);
    expect((await lockAgain())?.map(({ written }) => written)).toEqual(['unchanged']);
    const anew = await lockExperiments({
      library: builtinWords,
      ...common,
      experiments: ['small'],
      seeds: null,
      sweep: false,
      store: null,
    });
    expect(anew?.map(({ written }) => written)).toEqual(['unchanged']);
    expect(place.read(lock)).toBe(text);
  });

  it('stays as it is where it has names of metrics of before, and holds', async () => {
    const text = place.read(lock);
    const former = Object.entries(section().metrics).map(([name, values]): [string, readonly number[]] => [
      name.replace(/\.loss\.mse$/, '.mse_term'),
      values,
    ]);
    const old = formatLock({ sections: [{ ...section(), metrics: Object.fromEntries(former) }] });
    expect(old).toContain('metric test.mse_term = ');
    place.write(lock, old);
    expect((await lockAgain())?.map(({ written }) => written)).toEqual(['unchanged']);
    expect((await check(false))?.[0]?.moved).toEqual([]);
    expect(place.read(lock)).toBe(old);
    place.write(lock, text);
  });

  it('holds, in full and for the first steps', async () => {
    const [full] = (await check(false)) ?? [];
    expect(full?.moved).toEqual([]);
    expect(full?.compared).toBeGreaterThan(10);
    const [quick] = (await check(true)) ?? [];
    expect(quick?.moved).toEqual([]);
    expect(quick?.compared).toBeGreaterThan(0);
  });

  it('does not hold when a result is another one, in the last bit', async () => {
    const text = place.read(lock);
    const { metrics, chain, ...rest } = section();
    const [a = 0, b = 0] = metrics['test.loss'] ?? [];
    const nudged = { ...metrics, 'test.loss': [a * (1 + Number.EPSILON), b] };
    const other = chain.map((each) => (each.step === 8 ? { ...each, sha256: '0'.repeat(64) } : each));
    place.write(lock, formatLock({ sections: [{ ...rest, metrics: nudged, chain: other }] }));
    expect((await check(false))?.[0]?.moved.map(({ what }) => what)).toEqual(['test.loss seed 1']);
    expect((await check(true))?.[0]?.moved.map(({ what }) => what)).toEqual(['seed 1 train step 8']);
    place.write(lock, formatLock({ sections: [{ ...rest, metrics, chain: chain.slice(1) }] }));
    expect((await check(true))?.[0]?.moved).toMatchObject([{ what: 'seed 1 train step 1', locked: 'not locked' }]);
    const all = chain.map((each) => ({ ...each, sha256: '0'.repeat(64) }));
    place.write(lock, formatLock({ sections: [{ ...rest, metrics, chain: all, numerics: '0' }] }));
    const [older] = (await check(true)) ?? [];
    expect(older?.moved[0]).toEqual({ what: 'numerics', locked: '0', now: numericsVersion });
    expect(older?.compared).toBe(older?.moved.length);
    expect(older?.notes).toEqual([
      `the arithmetic is version ${numericsVersion}; it was 0: other results are expected`,
    ]);
    place.write(lock, text);
  });

  it('has links of the chain that the run itself has kept', async () => {
    const { chain } = await readRun(store, 'r1');
    const kept = chain.links.map((link) => ({ seed: 1, ...link }));
    expect(section().chain.map(({ step }) => step)).toEqual([1, 8, 10]);
    for (const link of section().chain) expect(kept).toContainEqual(link);
  });

  it('has links of every stage, and of every layer that is pretrained by itself', async () => {
    const text = smallExperiment
      .replace(
        '  loss',
        '  pretrain autoencoder(on=[h, code], optimizer=adam(lr=0.01)) { epochs = 3  batch = 2 }\n  loss',
      )
      .replace('epochs = 2  batch = 10', 'epochs = 3  batch = 2');
    const source = { path: join(place.folder, file), text };
    const subject = { source, experiment: 'small', params: [], data: null };
    const links = await firstLinks(await trialOf(subject, { library: builtinWords, ...common, seeds: [1] }), 1);
    const steps = (name: string) => links.filter(({ stage }) => stage === name).map(({ step }) => step);
    expect({ pretrain: steps('pretrain'), train: steps('train') }).toEqual({
      pretrain: [1, 8, 64, 130],
      train: [1, 8, 64],
    });
  });

  it('gives a new cell of a sweep the seeds of the experiment, and a new experiment five', () => {
    const before = place.read(file);
    place.edit(file, '  data', '  sweep { lr = [0.01, 0.02] }\n  data');
    const world = new SnapshotWorld(onDisk(project));
    const seedsOf = (name: string, seeds: number | null) =>
      targetsOf({ file, name }, world, { library: builtinWords, seeds, sweep: true }).map((target) => target.seeds);
    expect(seedsOf('small', null)).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
    expect(seedsOf('small', 1)).toEqual([[1], [1], [1]]);
    place.write(file, before);
    place.edit(file, '  data', '  sweep { lr = loguniform(0.001, 0.1)  trials = 9  method = tpe }\n  data');
    place.edit(file, 'test=10', 'test=10, validation=10');
    const searched = new SnapshotWorld(onDisk(project));
    expect(() =>
      targetsOf({ file, name: 'small' }, searched, { library: builtinWords, seeds: 1, sweep: true }),
    ).toThrow('whose points depend on results');
    place.write(file, before);
    const other = 'experiments/other.ae';
    place.write(other, smallExperiment.replace('small', 'other'));
    const unlocked = targetsOf({ file: other, name: 'other' }, new SnapshotWorld(onDisk(project)), {
      library: builtinWords,
      seeds: null,
      sweep: false,
    });
    expect(unlocked.map(({ seeds }) => seeds)).toEqual([[1, 2, 3, 4, 5]]);
    rmSync(join(place.folder, other));
  });

  it('does not hold when the experiment or its data is another one, and nothing is trained then', async () => {
    place.edit(file, 'dense(2)', 'dense(3)');
    expect((await check(false))?.[0]?.moved.map(({ what }) => what)).toEqual(['experiment']);
    place.edit(file, 'dense(3)', 'dense(2)');
    place.write('experiments/data/table.csv', table('0.6'));
    expect((await check(false))?.[0]?.moved.map(({ what }) => what)).toEqual(['data']);
    place.write('experiments/data/table.csv', table('0.5'));
  });

  it('with a merge conflict is refused by a check, and made anew by locking', async () => {
    const text = place.read(lock);
    place.edit(
      lock,
      /^metric test\.loss.*$/m,
      '<<<<<<< HEAD\nmetric test.loss = 1 2\n=======\nmetric test.loss = 3 4\n>>>>>>> other',
    );
    await expect(check(false)).rejects.toThrow('a merge left both results in it');
    await lockAgain();
    // What was locked cannot be read any more, so it is locked as at first, with the seeds that a verdict needs.
    expect(section().seeds).toEqual([1, 2, 3, 4, 5]);
    expect(section().weights.slice(0, 2)).toEqual(parseLock(text, lock).sections[0]?.weights);
    place.write(lock, text);
  });
});

describe('a stored run', () => {
  it('is trained again to the same bits when its file is gone', async () => {
    const text = place.read(file);
    place.write(file, 'experiment other { }');
    const again = await rerun('r1', { library: builtinWords, ...common, backend: null, store, keep: true });
    place.write(file, text);
    again.again.model?.dispose();
    expect(again.identical).toBe(true);
    expect(again.again.runId).not.toBe('r1');
  });

  it('is explained beside another: the parts of the identity that differ, and those beside it', async () => {
    const source = { path: join(place.folder, file), text: place.read(file).replace('0.01', '0.02') };
    const trained = await run({ source, seed: 1, backend: 'cpu', store });
    trained.model?.dispose();
    const results = await openStore(store, { mode: 'read' });
    const other = explain('r1', trained.runId ?? '', results, builtinWords);
    expect(other.sameTrial).toBe(false);
    expect(other.identity.filter(({ same }) => !same).map(({ name }) => name)).toEqual(['experiment']);
    expect(other.changes?.map(({ what, from, to }) => [what, from, to])).toEqual([['adam lr', '0.01', '0.02']]);
    const seeds = explain('r1', 'r2', results, builtinWords);
    results.close();
    expect(seeds.identity.filter(({ same }) => !same).map(({ name }) => name)).toEqual(['seed']);
    expect(seeds.changes).toEqual([]);
    expect(seeds.environment.find(({ name }) => name === 'kernels')?.a).toMatch(/^[0-9a-f]{64}$/);
  });
});
