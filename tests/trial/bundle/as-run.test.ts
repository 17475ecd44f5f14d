import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rerun } from '../../../src/compare/rerun.js';
import { apply } from '../../../src/models/apply.js';
import { openStore, type Store } from '../../../src/runtime/store/store.js';
import { resumeRun } from '../../../src/sweep/resume.js';
import { run } from '../../../src/sweep/run.js';
import { type ArchivedFiles, packArchive } from '../../../src/trial/bundle/archive.js';
import { bundleRun, openBundle } from '../../../src/trial/bundle/bundle.js';
import { BundleError } from '../../../src/trial/bundle/bundle-error.js';
import { decodeManifest, encodeManifest } from '../../../src/trial/bundle/manifest.js';
import { decodeHistory, encodeHistory, type RunHistory } from '../../../src/trial/bundle/run-history.js';
import { takeIn } from '../../../src/trial/bundle/take-in.js';
import { load } from '../../../src/trial/load.js';
import { withNamedRun } from '../../../src/trial/run-argument.js';
import { builtinWords } from '../../../src/words/words.js';

const folder = mkdtempSync(join(tmpdir(), 'aedsl-as-run-'));
const database = join(folder, 'results.db');
const none = join(folder, 'none.db');
const tgz = join(folder, 'run.tgz');
const source = {
  path: join(folder, 'small.ae'),
  text: `experiment small {
  param rate = 0.01
  data digits(take=80, validation=20, test=20) { center_crop(8) }
  encoder { code: dense(4, activation=sigmoid) }
  decoder { dense(input.size, activation=sigmoid) }
  loss mse()
  train adam(lr=rate) { epochs = 3  batch = 10 }
  evaluate { psnr() }
  show { filters(code)  loss_curves() }
}
`,
};

async function reading<T>(path: string, read: (store: Store) => T): Promise<T> {
  const store = await openStore(path, { mode: 'read' });
  try {
    return read(store);
  } finally {
    store.close();
  }
}

/** Everything that is known of a run, but for when its rows were written. */
function known(store: Store, id: string) {
  const { updated: _updated, finished: _finished, ...record } = store.findRun(id);
  const series = store.listSeries(record.id);
  return {
    record,
    final: store.readFinal(record.id),
    epochs: store.readEpochs(record.id),
    series: series.map((one) => ({ ...one, ...store.readSeries(record.id, one.stage, one.metric) })),
    files: (['figure', 'weights', 'chain'] as const).flatMap((kind) =>
      store.listFiles(record.id, kind).map(({ name, sha256 }) => [kind, name, sha256]),
    ),
    checkpoints: store.checkpoints(record.id).map(({ file: _file, ...checkpoint }) => checkpoint),
  };
}

beforeAll(async () => {
  // So that ids differ.
  for (const seed of [1, 2]) (await run({ source, store: database, backend: 'cpu', seed })).model?.dispose();
  writeFileSync(tgz, await reading(database, (store) => bundleRun(store, 'r2')));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a bundle in place of a run', () => {
  it('has all that the database had, under the number it had there, and leaves nothing behind', async () => {
    const original = await reading(database, (store) => known(store, 'r2'));
    expect(original.files).toHaveLength(4);
    let place = '';
    const again = await withNamedRun(tgz, none, builtinWords, ({ store: path, id }) => {
      place = path;
      return reading(path, (store) => known(store, id));
    });
    expect(again).toEqual({ ...original, record: { ...original.record, sweep: null } });
    expect(() => readdirSync(join(place, '..'))).toThrow('ENOENT');
  });

  it('is a model, and is trained again', async () => {
    const options = { output: 'code', backend: 'cpu' } as const;
    const own = await apply('r2', { library: builtinWords, ...options, store: database });
    expect(await apply(tgz, { library: builtinWords, ...options, store: none })).toEqual(own);
    const model = await load(tgz, { store: none, backend: 'cpu' });
    expect(model.experiment.name).toBe('small');
    model.dispose();
    const { original, identical, again } = await rerun(tgz, {
      library: builtinWords,
      store: none,
      keep: false,
      backend: null,
      threads: null,
      listener: () => {},
      signal: new AbortController().signal,
      commandLine: [],
    });
    again.model?.dispose();
    expect({ original, identical }).toEqual({ original: tgz, identical: true });
  });

  it('has its data beside it, wherever it was taken', async () => {
    const [here, there] = ['here', 'there'].map((name) => join(folder, name));
    for (const place of [here, there]) mkdirSync(place ?? '');
    const path = join(here ?? '', 'table.ae');
    const text = `experiment table {
      data csv("rows.csv")
      encoder { code: dense(1) }
      decoder { dense(2) }
      loss mse()
      train adam() { epochs = 1  batch = 2 }
    }`;
    writeFileSync(path, text);
    const rows = 'a,b\n1,2\n3,4\n5,6\n';
    writeFileSync(join(here ?? '', 'rows.csv'), rows);
    const results = join(here ?? '', 'table.db');
    (await run({ source: { path, text }, store: results, backend: 'cpu' })).model?.dispose();
    const moved = join(there ?? '', 'table.tgz');
    writeFileSync(moved, await reading(results, (store) => bundleRun(store, 'r1')));
    rmSync(here ?? '', { recursive: true });
    const options = { store: none, output: 'code', backend: 'cpu' } as const;
    await expect(apply(moved, options)).rejects.toThrow(/are in none of these places: [^,\\]+ \(not there\), /);
    writeFileSync(join(there ?? '', 'rows.csv'), rows);
    expect(await apply(moved, { library: builtinWords, ...options })).toMatchObject({
      count: 3,
      rows: 'all 3 rows of its own data (csv)',
    });
  });

  it('is taken into results once, under the next id', async () => {
    const other = join(folder, 'other.db');
    expect(await takeIn(tgz, other, '', builtinWords)).toEqual({ from: 'r2', to: 'r1', known: false });
    expect(await takeIn(tgz, other, '', builtinWords)).toEqual({ from: 'r2', to: 'r1', known: true });
    const [there, here] = [
      await reading(database, (store) => known(store, 'r2')),
      await reading(other, (store) => known(store, 'r1')),
    ];
    expect(here).toEqual({ ...there, record: { ...there.record, id: 'r1' } });
  });

  it('of a run that was interrupted goes on to the same bits', async () => {
    const interrupted = join(folder, 'interrupted.db');
    const ended = new AbortController();
    let steps = 0;
    await run({
      source,
      store: interrupted,
      backend: 'cpu',
      seed: 2,
      checkpoints: { seconds: null, epochs: 1 },
      signal: ended.signal,
      listener: (event) => {
        if (event.event === 'epoch' && ++steps === 2) ended.abort();
      },
    });
    const part = join(folder, 'part.tgz');
    writeFileSync(part, await reading(interrupted, (store) => bundleRun(store, 'r1')));
    const other = join(folder, 'goes-on.db');
    const { to } = await takeIn(part, other, '', builtinWords);
    const before = await reading(other, (store) => known(store, to));
    expect(before.record.status).toBe('interrupted');
    expect(before.checkpoints[0]?.step).toBeGreaterThanOrEqual(16);
    const finished = await resumeRun({
      library: builtinWords,
      store: other,
      run: to,
      checkpoints: { seconds: null, epochs: null },
      listener: () => {},
      signal: new AbortController().signal,
      commandLine: [],
    });
    finished.model?.dispose();
    expect(finished.weightsSha256).toBe((await reading(database, (store) => store.findRun('r2'))).weightsSha256);
  });
});

describe('the history in a bundle', () => {
  const repacked = (change: (files: Map<string, Uint8Array>) => void): Uint8Array => {
    const { files, manifest } = openBundle(bytes(), 'x');
    const changed = new Map(files);
    change(changed);
    changed.delete('bundle.json');
    const hashes = [...changed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, file]) => [name, sha256(file)]);
    const described = encodeManifest({ ...manifest, files: Object.fromEntries(hashes) });
    return packArchive(new Map([['bundle.json', described], ...changed]));
  };
  const withHistory = (change: Partial<RunHistory>) =>
    repacked((files) => files.set('history.json', encodeHistory({ ...historyIn(files), ...change })));
  let packed = new Uint8Array();
  const bytes = () => packed;

  beforeAll(async () => {
    packed = Uint8Array.from(await reading(database, (store) => bundleRun(store, 'r2')));
  });

  it('may be missing, as in bundles of before', async () => {
    const old = repacked((files) => {
      for (const name of [...files.keys()]) if (/^(history|series|figure)/.test(name)) files.delete(name);
    });
    const path = join(folder, 'old.tgz');
    writeFileSync(path, old);
    const record = await withNamedRun(path, none, builtinWords, ({ store, id }) =>
      reading(store, (opened) => ({ ...opened.findRun(id), final: opened.readFinal(id) })),
    );
    expect(record).toMatchObject({ id: 'r2', status: 'complete', final: {}, parameters: [{ name: 'rate' }] });
    expect(record.stages).toMatchObject([{ stage: 'train', epochs: 3, stepsDone: 24, reason: 'complete' }]);
    const own = await apply('r2', { library: builtinWords, store: database, output: 'code', backend: 'cpu' });
    expect(await apply(path, { library: builtinWords, store: none, output: 'code', backend: 'cpu' })).toEqual(own);
  });

  it('is refused where it contradicts the rest, or is none', () => {
    expect(() => openBundle(withHistory({ status: 'interrupted' }), 'x')).toThrow(/different runs/);
    expect(() => openBundle(withHistory({ figures: ['filters(code)'] }), 'x')).toThrow(/pictures/);
    expect(() =>
      openBundle(
        repacked((files) => files.delete('figure-1.png')),
        'x',
      ),
    ).toThrow(/pictures/);
    const { epochs = [], stages = [] } = openBundle(bytes(), 'x').history ?? {};
    const [epoch, stage] = [epochs.slice(0, 1), stages.slice(0, 1)];
    for (const twice of [{ epochs: [...epoch, ...epoch] }, { stages: [...stage, ...stage] }]) {
      expect(() => openBundle(withHistory(twice), 'x')).toThrow(/something twice/);
    }
    expect(() => openBundle(withHistory({ stages: [] }), 'x')).toThrow(/a stage that its run does not have/);
    const broken = ['{}', '[]', '{"status":"complete"}', '\u0000'];
    for (const text of broken) {
      const bad = repacked((files) => files.set('history.json', new TextEncoder().encode(text)));
      expect(() => openBundle(bad, 'x'), text).toThrow(BundleError);
    }
    const bad = repacked((files) => files.set('series.safetensors', new TextEncoder().encode('no tensors')));
    expect(() => openBundle(bad, 'x')).toThrow(BundleError);
  });

  it('keeps numbers that are not finite', () => {
    const metrics = { a: Number.NaN, b: Number.POSITIVE_INFINITY, c: -1.5 };
    expect(openBundle(withHistory({ metrics }), 'x').history?.metrics).toEqual(metrics);
  });
});

function historyIn(files: ArchivedFiles): RunHistory {
  return decodeHistory(files.get('history.json') ?? new Uint8Array());
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

it('a manifest is as it was', async () => {
  const { manifest } = openBundle(await reading(database, (store) => bundleRun(store, 'r1')), 'x');
  expect(decodeManifest(encodeManifest(manifest))).toEqual(manifest);
});
