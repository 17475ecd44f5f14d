import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../../src/runtime/store/store.js';
import { inFolder, sampleRun } from './sample-run.js';
import { sampleSweep } from './sample-sweep.js';

const writing = { mode: 'write', command: 'aedsl sweep', patienceMilliseconds: 0 } as const;
const reading = { mode: 'read' } as const;

test('a sweep is in the database with all of its trials before anything trains', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'results.db');
    const store = await openStore(path, writing);
    const description = sampleSweep(3, { name: 'first' });
    const sweep = store.startSweep(description);
    expect(sweep.id).toBe('s1');
    const reader = await openStore(path, reading);
    expect(reader.sweep('first')).toMatchObject({
      id: 's1',
      status: 'running',
      trials: 3,
      counts: { queued: 3 },
      axes: description.axes,
      objective: description.objective,
      forced: false,
    });
    expect(reader.sweepTrials('s1').map(({ parameters }) => parameters)).toEqual([
      { rho: 0.01 },
      { rho: 0.02 },
      { rho: 0.03 },
    ]);
    expect(reader.sweepRecipe('s1', 1)).toBe('{"params":["rho=0.02"]}');
    expect([reader.sweep('s2'), reader.sweep('nobody'), reader.sweepRecipe('s1', 3)]).toEqual([null, null, null]);
    reader.close();
    store.close();
  }));

test("a trial's run and its state are one commit", () =>
  inFolder(async (folder) => {
    const path = join(folder, 'results.db');
    const store = await openStore(path, writing);
    const sweep = store.startSweep(sampleSweep(2));
    store.startRun(sampleRun({ trialOf: { sweep: sweep.id, trial: 1 } }));
    const reader = await openStore(path, reading);
    expect(reader.sweepTrials('s1')[1]).toMatchObject({ state: 'running', runId: 'r1' });
    expect(reader.findRun('r1').sweep).toBe('s1');
    reader.close();
    store.close();
  }));

test('what ran when the process ended is interrupted; what had ended is not', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'results.db');
    const store = await openStore(path, writing);
    const sweep = store.startSweep(sampleSweep(4));
    sweep.change({ trial: 0, state: 'complete', reason: null, runId: null, objective: { value: 0.5, epoch: 2 } });
    sweep.change({ trial: 1, state: 'running', reason: null, runId: null });
    sweep.change({ trial: 2, state: 'paused', reason: 'waits', runId: null });
    store.close();
    const reader = await openStore(path, reading);
    expect(reader.sweeps()).toMatchObject([{ status: 'interrupted', counts: { complete: 1, interrupted: 3 } }]);
    expect(reader.sweepTrials('s1')[0]).toMatchObject({ objective: 0.5, objectiveEpoch: 2 });
    reader.close();
    const again = await openStore(path, writing);
    const resumed = again.continueSweep('s1');
    expect(again.sweep('s1')?.status).toBe('running');
    expect(resumed.add(sampleSweep(1).trials, { do: 'add_seeds', trial: 0, seeds: 1 })).toBe(4);
    resumed.finish('complete');
    expect(again.sweep('last')).toMatchObject({ status: 'complete', trials: 5 });
    again.close();
  }));

test('actions and decisions are kept in their order', () =>
  inFolder(async (folder) => {
    const store = await openStore(join(folder, 'results.db'), writing);
    const sweep = store.startSweep(sampleSweep(2));
    sweep.action({ do: 'stop', trial: 1 });
    sweep.action({ do: 'jobs', jobs: 2 });
    sweep.add(sampleSweep(3).trials, { do: 'add_seeds', trial: 0, seeds: 3 });
    const rung = { event: 'rung', rung: 0, epoch: 1, kept: [0], pruned: [1] } as const;
    sweep.decision(rung, [{ trial: 1, state: 'pruned', reason: 'worse', runId: null }]);
    expect(store.sweepActions('s1').map(({ action }) => action)).toEqual([
      { do: 'stop', trial: 1 },
      { do: 'jobs', jobs: 2 },
      { do: 'add_seeds', trial: 0, seeds: 3 },
    ]);
    expect(store.sweepDecisions('s1')).toEqual([rung]);
    expect(
      store
        .sweepTrials('s1')
        .map(({ state }) => state)
        .slice(0, 2),
    ).toEqual(['queued', 'pruned']);
    store.close();
  }));

test('the newest two checkpoints of a run are kept, and a file that nobody names is removed', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'results.db');
    const store = await openStore(path, writing);
    const files = store.checkpointFolder;
    const run = store.startRun(sampleRun());
    for (const step of [10, 20, 30]) {
      const file = `r1-0-${step}.safetensors`;
      writeFileSync(join(files, file), String(step));
      run.checkpoint({ stage: 0, step, epochs: 0, seconds: 1, file, sha256: String(step), bytes: 2 });
    }
    expect(store.checkpoints('r1').map(({ step }) => step)).toEqual([30, 20]);
    expect(readdirSync(files).sort()).toEqual(['r1-0-20.safetensors', 'r1-0-30.safetensors']);
    const [newest] = store.checkpoints('r1');
    expect(newest && store.readCheckpoint(newest)).toBeNull();
    store.close();
    const next = await openStore(path, writing);
    const left = join(files, `${next.checkpointPrefix('r9')}-0-1.safetensors.part`);
    writeFileSync(left, 'half');
    const beside = await openStore(path, writing);
    expect(existsSync(left)).toBe(true);
    next.close();
    beside.close();
    (await openStore(path, writing)).close();
    expect(existsSync(left)).toBe(false);
    expect(readdirSync(files)).toHaveLength(2);
  }));

test('a run that was cut short has an identity of its own, and is found by it', () =>
  inFolder(async (folder) => {
    const store = await openStore(join(folder, 'results.db'), writing);
    const short = store.startRun(sampleRun({ identity: 'short', maxSteps: 5 }));
    short.record({
      event: 'trial_started',
      experiment: 'sparse',
      seed: 1,
      backend: 'cpu',
      examples: { train: 1, validation: 0, test: 0 },
      parameters: 1,
      stages: [{ stage: 'train', epochs: 2, steps: 20 }],
      targets: {},
    });
    short.record({ event: 'stage_done', stage: 'train', epochs: 1, steps: 5, reason: 'max_steps' });
    const done = {
      event: 'trial_done',
      status: 'complete',
      metrics: {},
      weightsSha256: 'w',
      divergence: null,
    } as const;
    short.record({ ...done, seconds: 1 });
    short.finish();
    expect(store.findComplete('short')?.id).toBe('r1');
    expect(store.findRun('r1').maxSteps).toBe(5);
    store.close();
  }));

/** A database of schema 1, as an earlier release left it. */
test('a database of the first schema is brought up to date with its runs', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'results.db');
    const script = new URL('./old-database.ts', import.meta.url).pathname;
    const loader = new URL('./typescript-loader.mjs', import.meta.url).href;
    const made = spawnSync(process.execPath, ['--import', loader, script, path], { encoding: 'utf8' });
    expect(made.stderr).toBe('');
    const store = await openStore(path, writing);
    expect(store.findRun('r1')).toMatchObject({ status: 'complete', maxSteps: null, sweep: null });
    expect(store.listFiles('r1', 'weights')).toHaveLength(1);
    expect(store.sweeps()).toEqual([]);
    store.close();
  }));
