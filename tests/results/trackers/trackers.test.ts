import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import crc32c from 'crc-32/crc32c.js';
import { encode } from 'fast-png';
import protobuf from 'protobufjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveSubject } from '../../../src/results/table-subject.js';
import type { TrackerFile } from '../../../src/results/trackers/tracked-runs.js';
import { type TrackerFormat, trackerFiles } from '../../../src/results/trackers/tracker-files.js';
import { openStore, type Store } from '../../../src/runtime/store/store.js';
import Database from '../../sqlite.js';
import { type SampleSweep, sweepDatabase, threeSettings } from '../../sweep/sweep-database.js';

/** A Python with the trackers: `AEDSL_PYTHON`, else `python3`. */
const python = process.env.AEDSL_PYTHON ?? 'python3';
const has = (module: string) => spawnSync(python, ['-c', `import ${module}`]).status === 0;

const png = encode({ width: 2, height: 3, data: new Uint8Array(18), channels: 3, depth: 8 });
const [first, ...others] = threeSettings(2);
if (!first) throw new Error('there are settings');
const plain: SampleSweep = {
  trials: [
    { ...first, parameters: { rho: 0.1, kind: 'a', on: true, sizes: [1, 2] }, figures: { 'filters(code)': png } },
    ...others,
  ],
};

/** Names that lead out of a folder, or are markup, and numbers that JSON doesn't have. */
const nasty = '../../x\n"y": <b>😀';
const hostile: SampleSweep = {
  experiment: nasty,
  name: nasty,
  trials: [
    {
      parameters: { [nasty]: nasty, '..': 1 },
      seed: 1,
      losses: [1, Number.NaN, Number.POSITIVE_INFINITY],
      figures: { [nasty]: png },
    },
    { parameters: {}, seed: 2, losses: [], state: 'failed' },
  ],
};

const place = mkdtempSync(join(tmpdir(), 'aedsl-trackers-'));
let store: Store;
beforeAll(async () => {
  store = await sweepDatabase(place, [plain, hostile]);
});
afterAll(() => {
  store.close();
  rmSync(place, { recursive: true, force: true });
});

const formats: readonly TrackerFormat[] = ['tensorboard', 'mlflow', 'wandb-offline'];

const filesOf = (subject: string, format: TrackerFormat): readonly TrackerFile[] => [
  ...trackerFiles(store, resolveSubject(store, subject), format, join(place, format)),
];

/** Of sweeps, in one folder. */
function written(format: TrackerFormat, subjects = ['s1', 's2']): string {
  const folder = join(place, format, subjects.join('-'));
  for (const subject of subjects) {
    for (const { path, content } of trackerFiles(store, resolveSubject(store, subject), format, folder)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
  }
  return folder;
}

describe('the files of trackers', () => {
  it.each(formats)('of %s lie within their folder, and are the same for the same runs', (format) => {
    for (const subject of ['s1', 's2', 'r1']) {
      const files = filesOf(subject, format);
      expect(files.length).toBeGreaterThan(0);
      const parts = files.flatMap(({ path }) => path.split('/'));
      expect(parts.filter((part) => !/^(?!\.)[\w.-]{1,160}$/.test(part))).toEqual([]);
      expect(new Set(files.map(({ path }) => path)).size).toBe(files.length);
      expect(filesOf(subject, format)).toEqual(files);
    }
  });

  it('of TensorBoard are records with their checksums', () => {
    const file = filesOf('s1', 'tensorboard').find(({ path }) => path.startsWith('r1/'));
    const bytes = Buffer.from(file?.content ?? '');
    const masked = (part: Uint8Array) => {
      const sum = crc32c.buf(part) >>> 0;
      return (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
    };
    let count = 0;
    for (let at = 0; at < bytes.length; count++) {
      const length = Number(bytes.readBigUInt64LE(at));
      expect(bytes.readUInt32LE(at + 8)).toBe(masked(bytes.subarray(at, at + 8)));
      expect(bytes.readUInt32LE(at + 12 + length)).toBe(masked(bytes.subarray(at + 12, at + 12 + length)));
      at += length + 16;
    }
    // The version, the beginning and the end of the session, two metrics of three epochs, one of the end, a picture.
    expect(count).toBe(3 + 6 + 1 + 1);
  });

  it('of W&B cut records where a block ends', async () => {
    const folder = mkdtempSync(join(place, 'long-'));
    const long = 'x'.repeat(70_000);
    const other = await sweepDatabase(folder, [], [{ parameters: { long }, seed: 1, losses: [1] }]);
    const [file] = trackerFiles(other, resolveSubject(other, 'r1'), 'wandb-offline', folder);
    other.close();
    const bytes = Buffer.from(file?.content ?? '');
    expect(bytes.subarray(0, 7).toString('latin1')).toBe(':W&B\u00e1\u00be\u0000');
    const fragments = fragmentsOf(bytes);
    const texts = fragments.map(({ part }) => part.toString('latin1')).join('');
    const kinds = fragments.map(({ kind }) => kind).join('');
    expect(texts).toContain(`"${long}"`);
    // Whole records, and those with a first fragment, some in the middle and a last one.
    expect(kinds).toMatch(/^(1|23*4)+$/);
    expect(kinds).toContain('234');
  });

  it('of W&B say when a run began and how long it took, and whether it was complete, as an exit code', async () => {
    const folder = mkdtempSync(join(place, 'ended-'));
    (await sweepDatabase(folder, [], [{ parameters: {}, seed: 1, losses: [1] }])).close();
    const written = async () => {
      const read = await openStore(join(folder, 'results.db'), { mode: 'read' });
      const [file] = trackerFiles(read, resolveSubject(read, 'r1'), 'wandb-offline', folder);
      read.close();
      const records = fragmentsOf(Buffer.from(file?.content ?? '')).map(({ part }) => Record.decode(part));
      const { history = null } =
        records.map((record) => Record.toObject(record)).find((record) => record.history) ?? {};
      return { path: file?.path, start: records[1], items: history?.item, end: records.at(-1) };
    };
    expect(await written()).toMatchObject({ end: { exit: { exitCode: 0, runtime: 0 } } });
    const db = new Database(join(folder, 'results.db'));
    const times = [Date.UTC(2026, 1, 3, 4, 5, 6, 250), Date.UTC(2026, 1, 3, 4, 7, 8, 750)].map((time) =>
      new Date(time).toISOString(),
    );
    db.prepare("UPDATE runs SET status = 'interrupted', started = ?, finished = ?").run(...times);
    db.close();
    expect(await written()).toMatchObject({
      path: expect.stringMatching(/^offline-run-20260203_040506-/),
      start: { run: { startTime: { seconds: Date.UTC(2026, 1, 3, 4, 5, 6) / 1000, nanos: 250_000_000 } } },
      // There is one epoch, which ends with the run.
      items: expect.arrayContaining([
        { nestedKey: ['_timestamp'], valueJson: String(Date.UTC(2026, 1, 3, 4, 7, 8, 750) / 1000) },
        { nestedKey: ['_runtime'], valueJson: '122.5' },
      ]),
      end: { exit: { exitCode: 1, runtime: 123 } },
    });
  });

  it('of W&B have what is known of a run in the fields that it reads', () => {
    const file = filesOf('s1', 'wandb-offline')[0];
    const records = fragmentsOf(Buffer.from(file?.content ?? '')).map(({ part }) =>
      Record.toObject(Record.decode(part)),
    );
    expect(records.map(({ num }) => Number(num))).toEqual(records.map((_, i) => i + 1));
    const [header, run, byEpoch, all, ...others] = records;
    expect(header).toMatchObject({ header: { versionInfo: { producer: 'aedsl', minConsumer: expect.any(String) } } });
    expect(run).toMatchObject({
      run: {
        runId: expect.stringMatching(/^[0-9a-f]{16}$/),
        project: 'sparse',
        runGroup: 'sparse (s1)',
        displayName: 's1 trial 0, seed 1',
        config: { update: expect.arrayContaining([{ key: 'rho', valueJson: '0.1' }]) },
      },
    });
    expect(byEpoch).toMatchObject({ metric: { name: 'epoch', options: { defined: true } } });
    expect(all).toMatchObject({ metric: { globName: '*', stepMetric: 'epoch', options: { stepSync: true } } });
    const [first] = others;
    expect(others.flatMap(({ history }) => history?.step.num ?? [])).toEqual([1, 2]);
    expect(first?.history.item).toEqual(
      expect.arrayContaining([
        { nestedKey: ['train.loss'], valueJson: '2.9' },
        { nestedKey: ['epoch'], valueJson: '1' },
        { nestedKey: ['_step'], valueJson: '0' },
      ]),
    );
    expect(others.at(-2)).toMatchObject({
      summary: { update: expect.arrayContaining([{ nestedKey: ['test.sse'], valueJson: expect.any(String) }]) },
    });
  });

  it('of TensorBoard have what is known of a run in the fields that it reads', () => {
    const file = filesOf('s1', 'tensorboard').find(({ path }) => path.startsWith('r1/'));
    const bytes = Buffer.from(file?.content ?? '');
    const [Event, Parameters] = [tensorboard.lookupType('Event'), tensorboard.lookupType('Parameters')];
    const events: ReturnType<typeof Event.toObject>[] = [];
    for (let at = 0; at < bytes.length; ) {
      const length = Number(bytes.readBigUInt64LE(at));
      events.push(Event.toObject(Event.decode(bytes.subarray(at + 12, at + 12 + length))));
      at += length + 16;
    }
    expect(events[0]?.fileVersion).toMatch(/^brain\.Event:\d$/);
    const seen = (tag: string) =>
      events.flatMap(({ step, summary }) => (summary?.value[0].tag === tag ? [[step, summary.value[0]]] : []));
    expect(seen('train/loss').map(([step, { simpleValue }]) => [step, simpleValue])).toEqual([
      [1, expect.closeTo(2.9)],
      [2, expect.closeTo(1.91)],
      [3, expect.closeTo(2.4)],
    ]);
    expect(seen('pictures/filters(code)')).toMatchObject([
      [3, { image: { height: 3, width: 2, colorspace: 3, encodedImageString: Buffer.from(png) } }],
    ]);
    const plugins = events.flatMap(({ summary }) => summary?.value[0].metadata?.pluginData ?? []);
    expect(plugins.map(({ pluginName }) => pluginName)).toEqual(['hparams', 'hparams']);
    const [start, end] = plugins.map(({ content }) => Parameters.toObject(Parameters.decode(content)));
    expect(start?.sessionStartInfo.hparams).toMatchObject({
      rho: { numberValue: 0.1 },
      kind: { stringValue: 'a' },
      on: { boolValue: true },
    });
    expect(end).toMatchObject({ sessionEndInfo: { status: 1 } });
  });
});

/** Of wandb_internal.proto, with the numbers that it gives its fields. */
const Record = protobuf
  .parse(
    `syntax = "proto3";
     message Record { int64 num = 1; History history = 2; Summary summary = 3; Metric metric = 12; Run run = 17;
       Exit exit = 18; Header header = 21; }
     message Header { Version version_info = 1; }
     message Version { string producer = 1; string min_consumer = 2; }
     message Run { string run_id = 1; string project = 3; Summary config = 4; string run_group = 6;
       string display_name = 8; Time start_time = 17; }
     message Time { int32 seconds = 1; int32 nanos = 2; }
     message History { repeated Item item = 1; Step step = 2; }
     message Step { int32 num = 1; }
     message Summary { repeated Item update = 1; }
     message Item { string key = 1; repeated string nested_key = 2; string value_json = 16; }
     message Metric { string name = 1; string glob_name = 2; string step_metric = 4; Options options = 6; }
     message Options { bool step_sync = 1; bool hidden = 2; bool defined = 3; }
     message Exit { int32 exit_code = 1; int32 runtime = 2; }`,
  )
  .root.lookupType('Record');

/** Of TensorFlow's event.proto and summary.proto, and of the plugin of hyperparameters. */
const tensorboard = protobuf.parse(
  `syntax = "proto3";
   message Event { double wall_time = 1; int32 step = 2; string file_version = 3; Summary summary = 5; }
   message Summary { repeated Value value = 1; }
   message Value { string tag = 1; float simple_value = 2; Image image = 4; Tensor tensor = 8; Metadata metadata = 9; }
   message Image { int32 height = 1; int32 width = 2; int32 colorspace = 3; bytes encoded_image_string = 4; }
   message Tensor { int32 dtype = 1; }
   message Metadata { Plugin plugin_data = 1; }
   message Plugin { string plugin_name = 1; bytes content = 2; }
   message Parameters { int32 version = 1; Start session_start_info = 3; End session_end_info = 4; }
   message Start { map<string, Any> hparams = 1; double start_time_secs = 5; }
   message End { int32 status = 1; double end_time_secs = 2; }
   message Any { double number_value = 2; string string_value = 3; bool bool_value = 4; }`,
).root;

/** The fragments of records in a log of LevelDB's format, after W&B's mark. */
function fragmentsOf(bytes: Buffer): readonly { readonly kind: number; readonly part: Buffer }[] {
  const fragments: { kind: number; part: Buffer }[] = [];
  for (let at = 7; at < bytes.length; ) {
    const room = 32_768 - (at % 32_768);
    if (room < 7) {
      at += room;
      continue;
    }
    const length = bytes.readUInt16LE(at + 4);
    const kind = bytes.readUInt8(at + 6);
    const part = bytes.subarray(at + 7, at + 7 + length);
    expect(length).toBeLessThanOrEqual(room - 7);
    expect(bytes.readUInt32LE(at)).toBe(crc32(part, crc32(Uint8Array.of(kind))));
    fragments.push({ kind, part });
    at += 7 + length;
  }
  return fragments;
}

function readBack(tool: string, folder: string): unknown {
  const { stdout, stderr } = spawnSync(python, ['tests/results/trackers/read_trackers.py', tool, folder], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const last = stdout.trim().split('\n').at(-1) ?? '';
  if (!/^[[{]/.test(last)) throw new Error(stderr);
  return JSON.parse(last);
}

describe.skipIf(!has('tensorboard'))('TensorBoard (skipped without it in AEDSL_PYTHON)', () => {
  it('reads runs, pictures and hyperparameters', { timeout: 60_000 }, () => {
    expect(readBack('tensorboard', written('tensorboard', ['s1']))).toMatchObject({
      runs: {
        r1: {
          scalars: {
            'train/loss': [
              [1, expect.closeTo(2.9)],
              [2, expect.closeTo(1.91)],
              [3, expect.closeTo(2.4)],
            ],
            'test/sse': [[3, expect.closeTo(140)]],
          },
          images: { 'pictures/filters(code)': [2, 3] },
        },
      },
      parameters: expect.arrayContaining(['rho', 'kind', 'on', 'sizes', 'hidden', 'seed']),
      sessions: expect.arrayContaining([{ rho: 0.1, kind: 'a', on: true, sizes: '[1,2]', hidden: 100, seed: 1 }]),
    });
    expect(readBack('tensorboard', written('tensorboard', ['s2']))).toMatchObject({
      runs: {
        r7: {
          scalars: {
            'train/loss': [
              [1, 2],
              [2, 'nan'],
              [3, 'inf'],
            ],
          },
        },
      },
      sessions: expect.arrayContaining([{ [nasty]: nasty, '..': 1, hidden: 100, seed: 1 }]),
    });
  });
});

describe.skipIf(!has('mlflow'))('MLflow (skipped without it in AEDSL_PYTHON)', () => {
  it('moves the runs into its database', { timeout: 120_000 }, () => {
    const read = readBack('mlflow', written('mlflow'));
    expect(read).toMatchObject({ experiments: [`${nasty} (s2)`, 'sparse (s1)'] });
    expect(read).toHaveProperty(
      'runs',
      expect.arrayContaining([
        {
          name: 's1 trial 0, seed 1',
          status: 'FINISHED',
          params: { rho: '0.1', kind: 'a', on: 'true', sizes: '[1,2]', hidden: '100', seed: '1' },
          identity: expect.stringMatching(/^[0-9a-f]{64}$/),
          metrics: {
            'train.loss': [
              [1, expect.closeTo(2.9)],
              [2, expect.closeTo(1.91)],
              [3, expect.closeTo(2.4)],
            ],
            'validation.loss': [
              [1, expect.closeTo(1.9)],
              [2, expect.closeTo(0.91)],
              [3, expect.closeTo(1.4)],
            ],
            'test.sse': [[3, expect.closeTo(140)]],
          },
          pictures: ['filters-code.png'],
        },
      ]),
    );
  });
});

describe.skipIf(!has('wandb'))('W&B (skipped without it in AEDSL_PYTHON)', () => {
  it('sends the runs to a server', { timeout: 120_000 }, () => {
    expect(readBack('wandb', written('wandb-offline'))).toEqual(
      expect.arrayContaining([
        {
          project: 'sparse',
          name: 's1 trial 0, seed 1',
          config: expect.objectContaining({ rho: 0.1, kind: 'a', on: true, sizes: [1, 2], hidden: 100, seed: 1 }),
          history: [1, 2, 3].map((epoch) => expect.objectContaining({ epoch, _step: epoch - 1 })),
          summary: expect.objectContaining({ 'train.loss': 2.4, 'test.sse': 140 }),
        },
      ]),
    );
  });
});
