import fc from 'fast-check';
import { expect, test } from 'vitest';
import { migrations } from '../../../src/runtime/store/migrations.js';
import { migrate } from '../../../src/runtime/store/schema.js';
import { openStore } from '../../../src/runtime/store/store.js';
import Database from '../../sqlite.js';
import { epoch, inFolder, sampleRun, trialStarted } from './sample-run.js';

const writing = { mode: 'write', command: 'test', patienceMilliseconds: 0 } as const;
/** Few, so that equal ones are among them. */
const value = fc.oneof(fc.integer({ min: -2, max: 2 }), fc.constantFrom(Number.NaN, Infinity, -Infinity, -0));
/** Epochs in any order, some of them twice. */
const points = fc.array(
  fc.record({ epoch: fc.integer({ min: 1, max: 9 }), metric: fc.constantFrom('a', 'b'), value }),
  {
    maxLength: 30,
  },
);

interface Curve {
  readonly run: number;
  readonly metric: string;
  readonly last_epoch: number;
  readonly minimum: number | null;
  readonly minimum_epoch: number | null;
  readonly maximum: number | null;
  readonly maximum_epoch: number | null;
}

interface Row {
  readonly run: number;
  readonly metric: string;
  readonly epoch: number;
  readonly value: number | null;
}

/** What the database says of each curve, and what its rows come to. */
function curvesOf(path: string): { readonly said: readonly Curve[]; readonly computed: readonly Curve[] } {
  const database = new Database(path, { readonly: true });
  const said = database
    .prepare<[], Curve>(
      `SELECT run, name AS metric, last_epoch, minimum, minimum_epoch, maximum, maximum_epoch
       FROM curves JOIN metrics USING (metric) ORDER BY run, metric`,
    )
    .all();
  const rows = database
    .prepare<[], Row>(
      'SELECT run, name AS metric, epoch, value FROM epoch_metrics JOIN metrics USING (metric) ORDER BY run, metric, epoch',
    )
    .all();
  database.close();
  const curves = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${row.run} ${row.metric}`;
    curves.set(key, [...(curves.get(key) ?? []), row]);
  }
  return { said, computed: [...curves.values()].flatMap(curveOf) };
}

function curveOf(rows: readonly Row[]): readonly Curve[] {
  const [first] = rows;
  const last = rows.at(-1);
  if (!first || !last) return [];
  const finite = rows.flatMap(({ epoch: at, value: of }) => (of === null ? [] : [{ at, of }]));
  const minimum = finite.length === 0 ? null : Math.min(...finite.map(({ of }) => of));
  const maximum = finite.length === 0 ? null : Math.max(...finite.map(({ of }) => of));
  const firstWith = (wanted: number | null) => finite.find(({ of }) => of === wanted)?.at ?? null;
  return [
    {
      run: first.run,
      metric: first.metric,
      last_epoch: last.epoch,
      minimum,
      minimum_epoch: firstWith(minimum),
      maximum,
      maximum_epoch: firstWith(maximum),
    },
  ];
}

test('the extremes of a curve are those of its rows, in whatever order epochs come, and where one comes again', () =>
  fc.assert(
    fc.asyncProperty(points, (all) =>
      inFolder(async (folder) => {
        const path = `${folder}/results.db`;
        const store = await openStore(path, writing);
        const run = store.startRun(sampleRun());
        run.record(trialStarted(9));
        for (const point of all) run.record(epoch(point.epoch, { [point.metric]: point.value }));
        store.close();
        const { said, computed } = curvesOf(path);
        expect(said).toEqual(computed);
      }),
    ),
    { numRuns: 60 },
  ));

test('a run that goes on from a checkpoint, and one that begins as another did, have the extremes of the rows they kept', () =>
  fc.assert(
    fc.asyncProperty(points, fc.integer({ min: 0, max: 9 }), points, (before, epochs, after) =>
      inFolder(async (folder) => {
        const path = `${folder}/results.db`;
        const store = await openStore(path, writing);
        const run = store.startRun(sampleRun());
        run.record(trialStarted(9));
        for (const point of before) run.record(epoch(point.epoch, { [point.metric]: point.value }));
        run.suspend('interrupted', null);
        const from = { stage: 0, step: epochs * 10, epochs, seconds: 1, file: 'x', sha256: 'y', bytes: 1 };
        store.forkRun(sampleRun({ seed: 2 }), 'r1', from).suspend('interrupted', null);
        const resumed = store.resumeRun('r1', from);
        for (const point of after) resumed.record(epoch(point.epoch, { [point.metric]: point.value }));
        store.close();
        const { said, computed } = curvesOf(path);
        expect(said).toEqual(computed);
      }),
    ),
    { numRuns: 60 },
  ));

test('a database from before there were any gets them from its rows', () =>
  fc.assert(
    fc.asyncProperty(points, (all) =>
      inFolder(async (folder) => {
        const path = `${folder}/results.db`;
        const database = new Database(path);
        migrate(database, path, migrations.slice(0, 2));
        database.exec(`
          INSERT INTO sessions VALUES (1, 1, 'host', 'aedsl run', '2024', '2024');
          INSERT INTO texts VALUES (1, 'a', '{}');
          INSERT INTO runs (run, session, identity, experiment, source, ir_sha256, ir, seed, backend, numerics, data,
            data_sha256, environment, status, started, updated)
          VALUES (1, 1, 'i', 'e', 1, 'a', 1, 1, 'cpu', '1', 'digits', 'd', 1, 'complete', '2024', '2024');
          INSERT INTO stages (run, stage, name, epochs, steps) VALUES (1, 0, 'train', 9, 90);
          INSERT INTO metrics VALUES (1, 'a'), (2, 'b');`);
        const insert = database.prepare('INSERT OR REPLACE INTO epoch_metrics VALUES (1, 0, ?, ?, ?, ?)');
        for (const point of all) {
          const finite = Number.isFinite(point.value);
          insert.run(
            point.metric === 'a' ? 1 : 2,
            point.epoch,
            finite ? point.value : null,
            finite ? null : String(point.value),
          );
        }
        database.close();
        (await openStore(path, writing)).close();
        const { said, computed } = curvesOf(path);
        expect(said).toEqual(computed);
      }),
    ),
    { numRuns: 20 },
  ));
