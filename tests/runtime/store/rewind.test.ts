import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TrainingEvent } from '../../../src/runtime/events.js';
import type { CheckpointRecord } from '../../../src/runtime/store/records.js';
import { openStore, type WritableStore } from '../../../src/runtime/store/store.js';
import Database from '../../sqlite.js';
import { inFolder, sampleRun } from './sample-run.js';

const stepsPerEpoch = 700;
const stages = [
  { stage: 'pretrain', epochs: 3, steps: 3 * stepsPerEpoch },
  { stage: 'train', epochs: 14, steps: 14 * stepsPerEpoch },
];
const writing = { mode: 'write', command: 'test', patienceMilliseconds: 0 } as const;

/** What a training says from step `from` of a stage to before step `to`, flushed every 250 steps and at epochs' ends. */
function eventsOf(stage: number, from: number, to: number): readonly TrainingEvent[] {
  const { stage: name = '', epochs = 0, steps = 0 } = stages[stage] ?? {};
  const events: TrainingEvent[] = [{ event: 'stage_started', stage: name, epochs, stepsPerEpoch }];
  for (let step = from; step < to; ) {
    const end = Math.min(to, step + 250, (Math.floor(step / stepsPerEpoch) + 1) * stepsPerEpoch);
    const values = Float32Array.from({ length: end - step }, (_, i) => Math.fround((step + i) % 977) * (stage + 1));
    events.push({
      event: 'steps',
      stage: name,
      firstStep: step,
      series: { loss: values, lr: values.map((x) => x / 2) },
    });
    step = end;
    if (step % stepsPerEpoch !== 0) continue;
    const epoch = step / stepsPerEpoch;
    events.push({ event: 'epoch', stage: name, epoch, metrics: { 'train.loss': 1 / epoch }, stepsPerSecond: 1 });
    events.push({
      event: 'evaluation',
      stage: name,
      part: 'validation',
      epoch,
      metrics: { 'validation.loss': 2 / epoch },
    });
  }
  if (to === steps) events.push({ event: 'stage_done', stage: name, epochs, steps, reason: 'complete' });
  return events;
}

const begun: TrainingEvent = {
  event: 'trial_started',
  experiment: 'e',
  seed: 1,
  backend: 'cpu',
  examples: { train: 1, validation: 1, test: 0 },
  parameters: 1,
  stages,
  targets: {},
};
const ended: TrainingEvent = {
  event: 'trial_done',
  status: 'complete',
  metrics: { 'train.loss': 1 },
  weightsSha256: 'f00',
  divergence: null,
  seconds: 1,
};

function rows(path: string): readonly unknown[] {
  const database = new Database(path, { readonly: true });
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  const all = (sql: string) => database.prepare(sql).all();
  const found = [
    all('SELECT run, status, weights_sha256 FROM runs'),
    all('SELECT stage, name, epochs, steps, epochs_done, steps_done, reason FROM stages'),
    all(
      'SELECT stage, name, first_step, steps, minimum, maximum, hex(float32) FROM series JOIN metrics USING (metric) ORDER BY 1, 2, 3',
    ),
    all('SELECT stage, name, epoch, value FROM epoch_metrics JOIN metrics USING (metric) ORDER BY 1, 2, 3'),
    all(`SELECT stage, name, last_epoch, minimum, minimum_epoch, maximum, maximum_epoch
         FROM curves JOIN metrics USING (metric) ORDER BY 1, 2`),
    all('SELECT name, value FROM final_metrics JOIN metrics USING (metric)'),
  ];
  database.close();
  return found;
}

function finish(store: WritableStore, id: string | null, checkpoint: CheckpointRecord | null): void {
  const run = id === null ? store.startRun(sampleRun()) : store.resumeRun(id, checkpoint);
  run.record(begun);
  for (const [stage, { steps }] of stages.entries()) {
    if (checkpoint && stage < checkpoint.stage) continue;
    const from = checkpoint?.stage === stage ? checkpoint.step : 0;
    for (const event of eventsOf(stage, from, steps)) run.record(event);
  }
  run.record(ended);
  run.finish();
}

test('a run that was killed anywhere and resumed from a checkpoint has the rows of one that was not', async () => {
  const straight = await inFolder(async (folder) => {
    const path = `${folder}/results.db`;
    const store = await openStore(path, writing);
    finish(store, null, null);
    store.close();
    return rows(path);
  });
  const total = stages.map(({ steps }) => steps);
  const place = fc.integer({ min: 0, max: 1 }).chain((stage) =>
    fc.record({
      stage: fc.constant(stage),
      checkpoint: fc.integer({ min: 0, max: (total[stage] ?? 1) - 1 }),
      beyond: fc.integer({ min: 0, max: total[stage] ?? 1 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(place, async ({ stage, checkpoint: step, beyond }) => {
      await inFolder(async (folder) => {
        const path = `${folder}/results.db`;
        const epochs = Math.floor(step / stepsPerEpoch);
        const checkpoint = { stage, step, epochs, seconds: 1, file: 'x', sha256: 'y', bytes: 1 };
        const first = await openStore(path, writing);
        const run = first.startRun(sampleRun());
        run.record(begun);
        for (let s = 0; s < stage; s++) for (const event of eventsOf(s, 0, total[s] ?? 0)) run.record(event);
        for (const event of eventsOf(stage, 0, step)) run.record(event);
        run.checkpoint(checkpoint);
        for (const event of eventsOf(stage, step, Math.min(total[stage] ?? 0, step + beyond))) run.record(event);
        first.close();
        const second = await openStore(path, writing);
        expect(second.checkpoints('r1')).toEqual([checkpoint]);
        finish(second, 'r1', checkpoint);
        second.close();
        expect(rows(path)).toEqual(straight);
      });
    }),
    { numRuns: 25 },
  );
});

test('a run that trains longer begins with the rows of the shorter one', () =>
  inFolder(async (folder) => {
    const store = await openStore(`${folder}/results.db`, writing);
    const run = store.startRun(sampleRun());
    run.record(begun);
    for (const event of eventsOf(0, 0, 2100)) run.record(event);
    for (const event of eventsOf(1, 0, 1400)) run.record(event);
    run.suspend('interrupted', null);
    const from = { stage: 1, step: 700, epochs: 1, seconds: 2, file: 'x', sha256: 'y', bytes: 1 };
    const longer = store.forkRun(sampleRun({ seed: 2 }), 'r1', from);
    expect(longer.id).toBe('r2');
    expect(store.readSeries('r2', 'train', 'loss').values).toEqual(
      store.readSeries('r1', 'train', 'loss', { to: 700 }).values,
    );
    expect(
      store
        .readEpochs('r2')
        .filter(({ stage }) => stage === 'train')
        .map(({ epoch }) => epoch),
    ).toEqual([1, 1]);
    expect(store.readEpochs('r1').filter(({ stage }) => stage === 'train')).toHaveLength(4);
    store.close();
  }));
