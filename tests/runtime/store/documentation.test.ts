import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { openStore } from '../../../src/runtime/store/store.js';
import Database from '../../sqlite.js';
import { epoch, inFolder, sampleRun, steps, trialDone, trialStarted } from './sample-run.js';
import { sampleSweep } from './sample-sweep.js';

const text = readFileSync(new URL('../../../docs/results.md', import.meta.url), 'utf8');
const queries = [...text.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, query]) => query ?? '');

const documented = ['v_trials', 'v_epochs', 'v_curves', 'v_steps', 'v_sweeps', 'v_sweep_trials'];

let answers: readonly unknown[] = [];
let columns: ReadonlyMap<string, readonly string[]> = new Map();

beforeAll(async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'results.db');
    const store = await openStore(path, { mode: 'write', command: 'test' });
    for (const [seed, mse] of [
      [1, 0.75],
      [2, 0.5],
    ] as const) {
      const run = store.startRun(sampleRun({ seed }));
      run.record(trialStarted());
      run.record(steps(0, [1, 500], 'gradient_norm'));
      run.record(epoch(1, { 'train.loss': mse + 1 }));
      run.record(trialDone({ 'test.mse': mse }));
      run.finish();
    }
    const sweep = store.startSweep(sampleSweep(2));
    const objective = { value: 0.25, epoch: 3 };
    sweep.change({ trial: 1, state: 'cached', reason: 'the same trial as r1', runId: 'r1', objective });
    sweep.finish('interrupted');
    store.close();
    const database = new Database(path, { readonly: true });
    answers = queries.map((query) => database.prepare(query).all());
    columns = new Map(
      documented.map((view) => [
        view,
        database
          .prepare(`SELECT * FROM ${view}`)
          .columns()
          .map(({ name }) => name),
      ]),
    );
    database.close();
  });
});

test('the queries of docs/results.md answer what they say', () => {
  expect(answers).toEqual([
    [
      { run: 'r2', seed: 2, rho: 0.01, mse: 0.5 },
      { run: 'r1', seed: 1, rho: 0.01, mse: 0.75 },
    ],
    [{ epoch: 1, loss: 1.625, seeds: 2 }],
    [
      { run: 'r2', seed: 2, minimum: 1.5, minimum_epoch: 1 },
      { run: 'r1', seed: 1, minimum: 1.75, minimum_epoch: 1 },
    ],
    [
      { run: 'r1', stage: 'train', first_step: 0, maximum: 500 },
      { run: 'r2', stage: 'train', first_step: 0, maximum: 500 },
    ],
    [
      { trial: 1, parameters: '{"rho":0.02}', seed: 1, state: 'cached', run: 'r1', objective: 0.25 },
      { trial: 0, parameters: '{"rho":0.01}', seed: 1, state: 'interrupted', run: null, objective: null },
    ],
  ]);
});

test.each(documented)('docs/results.md names every column of %s', (view) => {
  const section = text.split('\n### ').find((part) => part.startsWith(`\`${view}\``)) ?? '';
  for (const column of columns.get(view) ?? []) expect(section).toContain(`\`${column}\``);
  expect(columns.get(view)?.length).toBeGreaterThan(8);
});
