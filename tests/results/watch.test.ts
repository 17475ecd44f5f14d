import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reduce } from '../../src/cli/dashboard/state/reduce.js';
import { type DashboardState, initialState } from '../../src/cli/dashboard/state/state.js';
import { watch } from '../../src/results/watch.js';
import type { JournalEvent } from '../../src/runtime/events.js';
import { openStore, type Store, type WritableStore } from '../../src/runtime/store/store.js';
import { builtinWords } from '../../src/words/words.js';
import { epoch, sampleRun, steps, trialDone, trialStarted } from '../runtime/store/sample-run.js';

let folder: string;
let writer: WritableStore;
let reader: Store;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aedsl-watch-'));
  const path = join(folder, 'results.db');
  writer = await openStore(path, { mode: 'write', command: 'aedsl sweep' });
  reader = await openStore(path, { mode: 'read' });
});

afterEach(() => {
  reader.close();
  writer.close();
  rmSync(folder, { recursive: true, force: true });
});

const size = { columns: 80, rows: 24 } as const;
const empty = () => initialState('watch', size, 0);
const seen = (state: DashboardState, events: readonly JournalEvent[]) =>
  events.reduce((before, event) => reduce(before, { kind: 'event', event, now: 0 }), state);
const lossOf = (state: DashboardState, trial = 0) => [...(state.trials[trial]?.steps.get('loss')?.mean ?? [])];

function startSweep() {
  return writer.startSweep({
    name: 'mine',
    experiment: 'sparse',
    file: 'experiments/sparse.ae',
    backend: 'cpu',
    axes: [{ name: 'rho', values: [0.01, 0.05] }],
    objective: { metric: 'validation.loss', goal: 'min', of: 'best' },
    pruning: null,
    forced: false,
    command: 'aedsl sweep',
    trials: [0.01, 0.05].map((rho, i) => ({ parameters: { rho }, seed: 1, identity: `${i}`.repeat(64), recipe: '{}' })),
  });
}

describe('watching a sweep that another connection writes', () => {
  it('tells what is new, and each thing once', () => {
    const sweep = startSweep();
    const watched = watch(reader, null, builtinWords);
    let state = seen(empty(), watched.poll());
    expect(state.sweep).toMatchObject({ id: sweep.id, name: 'mine', varying: ['rho'] });
    expect(state.trials.map(({ state: now }) => now)).toEqual(['queued', 'queued']);

    const run = writer.startRun(sampleRun({ trialOf: { sweep: sweep.id, trial: 1 } }));
    run.record(trialStarted());
    run.record({ event: 'stage_started', stage: 'train', epochs: 2, stepsPerEpoch: 10 });
    run.record(steps(0, [5, 4, 3]));
    writer.flush();
    state = seen(state, watched.poll());
    expect(state.trials[1]).toMatchObject({ state: 'running', runId: run.id, stepsDone: 3 });
    expect(lossOf(state, 1)).toEqual([5, 4, 3]);
    expect(watched.poll()).toEqual([]);

    run.record(steps(3, [2, 1]));
    run.record(epoch(1, { 'train.loss': 3, 'validation.loss': 2.5 }));
    writer.flush();
    const further = watched.poll();
    expect(further.map(({ event }) => event)).toEqual(['steps', 'epoch']);
    state = seen(state, further);
    expect(lossOf(state, 1)).toEqual([5, 4, 3, 2, 1]);
    expect(state.trials[1]?.epochs.get('validation.loss')).toEqual([{ epoch: 1, value: 2.5 }]);

    run.record(trialDone({ 'test.loss': 2.25 }));
    run.finish();
    sweep.change({ trial: 1, state: 'complete', reason: null, runId: run.id, objective: { value: 2.5, epoch: 1 } });
    sweep.action({ do: 'stop', trial: 0 });
    sweep.change({ trial: 0, state: 'stopped', reason: 'by hand', runId: null });
    sweep.finish('complete');
    state = seen(state, watched.poll());
    expect(state.trials.map(({ state: now, reason }) => [now, reason])).toEqual([
      ['stopped', 'by hand'],
      ['complete', null],
    ]);
    expect(state.trials[1]?.final).toEqual({ 'test.loss': 2.25 });
    expect(state.done?.status).toBe('complete');
    expect(state.log.map(({ text }) => text)).toContain('stopped trial 0');
    expect(watched.isDone()).toBe(true);
    expect(watched.poll()).toEqual([]);
  });

  it('shows trials that are added', () => {
    const sweep = startSweep();
    const watched = watch(reader, 'mine', builtinWords);
    const before = seen(empty(), watched.poll());
    sweep.add([{ parameters: { rho: 0.05 }, seed: 2, identity: '2'.repeat(64), recipe: '{}' }], {
      do: 'add_seeds',
      trial: 1,
      seeds: 1,
    });
    writer.flush();
    const state = seen(before, watched.poll());
    expect(state.trials.map(({ trial, seed }) => [trial, seed])).toEqual([
      [0, 1],
      [1, 1],
      [2, 2],
    ]);
  });

  it('reads curves of earlier trials when they are asked for only', () => {
    const sweep = startSweep();
    const run = writer.startRun(sampleRun({ trialOf: { sweep: sweep.id, trial: 0 } }));
    run.record(trialStarted());
    run.record(steps(0, [5, 4]));
    run.record(trialDone());
    run.finish();
    sweep.change({ trial: 0, state: 'complete', reason: null, runId: run.id, objective: { value: 0.25, epoch: 2 } });
    sweep.finish('complete');
    const watched = watch(reader, sweep.id, builtinWords);
    const state = seen(empty(), watched.poll());
    expect(lossOf(state)).toEqual([]);
    // The objective is there at once, so that the table can be sorted.
    expect(state.trials[0]?.final['validation.loss']).toBe(0.25);
    expect(lossOf(seen(state, watched.library.history(0, run.id)))).toEqual([5, 4]);
  });

  it('tells of trials that had ended in its first event, with all their metrics or those that rank them', () => {
    const sweep = startSweep();
    const run = writer.startRun(sampleRun({ trialOf: { sweep: sweep.id, trial: 0 } }));
    run.record(trialStarted());
    run.record(trialDone({ 'train.loss': 1, 'test.sse': 7 }));
    run.finish();
    sweep.change({ trial: 0, state: 'complete', reason: null, runId: run.id, objective: { value: 0.25, epoch: 2 } });
    sweep.change({ trial: 1, state: 'failed', reason: 'it ran out of memory', runId: null });
    sweep.finish('complete');
    const [all] = watch(reader, sweep.id, builtinWords).poll();
    expect(all).toMatchObject({
      event: 'started',
      trials: [
        {
          state: 'complete',
          ended: { reason: null, metrics: { 'train.loss': 1, 'test.sse': 7, 'validation.loss': 0.25 } },
        },
        { state: 'failed', ended: { reason: 'it ran out of memory', metrics: null } },
      ],
    });
    const watched = watch(reader, sweep.id, builtinWords, 'ranking');
    const state = seen(empty(), watched.poll());
    expect(state.trials.map(({ final }) => final)).toEqual([{ 'train.loss': 1, 'validation.loss': 0.25 }, {}]);
    expect(state.trials[1]?.reason).toBe('it ran out of memory');
    const values = watched.library.finals([run.id], 'test.sse');
    expect(values).toEqual(new Map([[run.id, 7]]));
    const asked = reduce(state, { kind: 'finals', metric: 'test.sse', values });
    expect(asked.trials[0]?.final).toEqual({ 'train.loss': 1, 'validation.loss': 0.25, 'test.sse': 7 });
  });
});

describe('watching a run', () => {
  it('is a sweep of one trial', () => {
    const run = writer.startRun(sampleRun());
    run.record(trialStarted());
    run.record(steps(0, [2, 1]));
    writer.flush();
    const watched = watch(reader, run.id, builtinWords);
    let state = seen(empty(), watched.poll());
    expect(state.trials).toHaveLength(1);
    expect(lossOf(state)).toEqual([2, 1]);
    run.record(trialDone({ 'train.loss': 0.5 }));
    run.finish();
    state = seen(state, watched.poll());
    expect(state.trials[0]).toMatchObject({ state: 'complete', final: { 'train.loss': 0.5 } });
    expect(watched.isDone()).toBe(true);
  });

  it('has its parameters, given and default, and the sparsity that is asked for', () => {
    const run = writer.startRun(sampleRun());
    const targets = { 'encoder.0.mean_activation': 0.05 };
    run.record(trialStarted(2, 10, targets));
    writer.flush();
    const details = watch(reader, run.id, builtinWords).library.details(run.id);
    expect(details.parameters).toEqual([
      { name: 'rho', value: '0.01', origin: 'given' },
      { name: 'hidden', value: '100', origin: 'default' },
    ]);
    expect(details.environment).toEqual([{ name: 'package.version', value: '0.1.0' }]);
    expect(watch(reader, run.id, builtinWords).poll()).toContainEqual(
      expect.objectContaining({ event: 'trial_started', targets }),
    );
  });
});

describe('what to watch', () => {
  it('is what was begun last', () => {
    writer.startRun(sampleRun());
    const sweep = startSweep();
    const [first] = watch(reader, null, builtinWords).poll();
    expect(first).toMatchObject({ event: 'started', id: sweep.id });
  });

  it('is an error where there is nothing, or nothing of that name', () => {
    expect(() => watch(reader, null, builtinWords)).toThrow(/nothing to watch/);
    expect(() => watch(reader, 'r7', builtinWords)).toThrow(/no run 'r7'/);
  });
});
