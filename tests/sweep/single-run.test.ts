import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { JournalEvent, SweepControls } from '../../src/runtime/events.js';
import { openStore } from '../../src/runtime/store/store.js';
import { resumeRun } from '../../src/sweep/resume.js';
import { type Run, type RunOptions, run } from '../../src/sweep/run.js';
import { builtinWords } from '../../src/words/words.js';
import Database from '../sqlite.js';

const folder = mkdtempSync(join(tmpdir(), 'aedsl-run-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const experiment = (name: string, more = '', epochs = 2) => `experiment ${name} {
  data digits(take=64, validation=16, test=16) { center_crop(8) }
  encoder { code: dense(4, activation=sigmoid) }
  decoder { dense(input.size, activation=sigmoid) }
  loss mse() + 0.1 * l1()
  train adam(lr=0.1) { epochs = ${epochs}  batch = 8 }
  ${more}
}`;

const place = (name: string) => join(folder, `${name}.db`);

type Trained = Omit<Run, 'model'> & { readonly hasModel: boolean; readonly events: readonly JournalEvent[] };

async function trained(
  text: string,
  store: string | null,
  options: Partial<RunOptions> & { readonly hear?: (event: JournalEvent, controls: SweepControls) => void } = {},
): Promise<Trained> {
  const events: JournalEvent[] = [];
  const { hear, ...rest } = options;
  let controls: SweepControls | null = null;
  const { model, ...result } = await run({
    source: { path: 'small.ae', text },
    backend: 'cpu',
    store,
    onControls: (given) => {
      controls = given;
    },
    listener: (event) => {
      events.push(event);
      if (controls !== null) hear?.(event, controls);
    },
    ...rest,
  });
  model?.dispose();
  return { ...result, hasModel: model !== null, events };
}

const named = (events: readonly JournalEvent[]) => events.map(({ event }) => event);
const states = (events: readonly JournalEvent[]) =>
  events.flatMap((event) => (event.event === 'trial_state' ? [event.state] : []));
const notes = (events: readonly JournalEvent[]) =>
  events.flatMap((event) => (event.event === 'note' ? [event.text] : []));

async function stored(path: string) {
  const store = await openStore(path, { mode: 'read' });
  try {
    return store.listRuns().map(({ id, status, experiment }) => `${id} ${experiment} ${status}`);
  } finally {
    store.close();
  }
}

describe('a trial that is complete', () => {
  const store = place('complete');
  const text = experiment('small', 'show { loss_curves() }');

  it('is not trained again: what it came to is that of its run', async () => {
    const first = await trained(text, store);
    const again = await trained(text, store);
    expect(first).toMatchObject({ runId: 'r1', cached: false, status: 'complete', evaluation: 'complete' });
    expect(again).toMatchObject({ runId: 'r1', cached: true, status: 'complete', evaluation: 'complete' });
    expect(again.metrics).toEqual(first.metrics);
    expect(again.weightsSha256).toBe(first.weightsSha256);
    expect(again.pictures.map(({ name }) => name)).toEqual(['loss_curves()']);
    expect(again.hasModel).toBe(true);
    expect(named(again.events)).toEqual(['started', 'trial_state', 'ended']);
    expect(again.events[1]).toMatchObject({ state: 'cached', runId: 'r1', reason: 'the same trial as r1' });
    const [told] = again.events.flatMap((event) => (event.event === 'trial_state' ? [event.metrics ?? {}] : []));
    expect(Object.keys(told ?? {}).filter((name) => name.startsWith('test.'))).toEqual([
      'test.loss',
      'test.loss.mse',
      'test.loss.l1',
      'test.mse',
      'test.sse',
    ]);
    expect(await stored(store)).toEqual(['r1 small complete']);
  });

  it('is trained again by force, and what differs from before is told', async () => {
    const second = await trained(text, store, { force: true });
    expect(second).toMatchObject({ runId: 'r2', cached: false, ended: { differing: [] } });
    const database = new Database(store);
    database.prepare('UPDATE runs SET weights_sha256 = ?').run('0'.repeat(64));
    database.close();
    const third = await trained(text, store, { force: true });
    expect(third).toMatchObject({ runId: 'r3', ended: { differing: [0] } });
    expect(third.events.find(({ event }) => event === 'trial_state')).toMatchObject({
      reason: 'the bits differ from those of r2',
    });
  });

  it('is trained for an experiment of another name, by which its run is found', async () => {
    expect(await trained(experiment('other', 'show { loss_curves() }'), store)).toMatchObject({
      runId: 'r4',
      cached: false,
    });
    expect(await trained(text, store)).toMatchObject({ runId: 'r3', cached: true });
  });

  it('is only drawn where it lacks a picture', async () => {
    const more = experiment('small', 'show { loss_curves()  filters(code) }');
    const drawn = await trained(more, store);
    expect(drawn).toMatchObject({ runId: 'r3', cached: false });
    expect(drawn.pictures.map(({ name }) => name)).toEqual(['loss_curves()', 'filters(code)']);
    expect(named(drawn.events)).not.toContain('stage_started');
    expect(notes(drawn.events)).toContain('r3 is trained; the evaluations and pictures of small.ae are made');
    expect(await trained(more, store)).toMatchObject({ runId: 'r3', cached: true });
  });

  it('is evaluated again where an evaluation failed, and trained where its files are gone', async () => {
    const database = new Database(store);
    database.prepare("UPDATE runs SET evaluation = 'failed' WHERE run = 3").run();
    database.close();
    const evaluated = await trained(text, store);
    expect(evaluated).toMatchObject({ runId: 'r3', cached: false, evaluation: 'complete' });
    expect(named(evaluated.events)).not.toContain('stage_started');
    rmSync(`${store.slice(0, -3)}.objects`, { recursive: true, force: true });
    const reader = await openStore(store, { mode: 'read' });
    for (const { path } of reader.listFiles('r3', 'weights')) rmSync(path, { force: true });
    reader.close();
    expect(await trained(text, store)).toMatchObject({ runId: 'r5', cached: false });
  });
});

describe('a run that a person controls', () => {
  const text = experiment('small', '', 6);

  it('pauses with a checkpoint, goes on in place, and comes to the same bits', async () => {
    const whole = await trained(text, place('whole'));
    const paused = await trained(text, place('paused'), {
      hear(event, controls) {
        if (event.event === 'epoch' && event.epoch === 2) controls.act({ do: 'pause', trial: 0 });
        if (event.event === 'trial_state' && event.state === 'paused') {
          setTimeout(() => controls.act({ do: 'resume', trial: 0 }), 20);
        }
      },
    });
    expect(states(paused.events)).toEqual(['paused', 'queued', 'running', 'complete']);
    expect(paused).toMatchObject({ runId: 'r1', status: 'complete', weightsSha256: whole.weightsSha256 });
    expect(paused.metrics).toEqual(whole.metrics);
    expect(notes(paused.events).some((note) => /^r1 goes on after step \d+ of train$/.test(note))).toBe(true);
    expect(await stored(place('paused'))).toEqual(['r1 small complete']);
  });

  it('that is stopped has the weights it came to, and can be gone on with', async () => {
    const stopped = await trained(text, place('stopped'), {
      hear(event, controls) {
        if (event.event === 'epoch' && event.epoch === 2) controls.act({ do: 'stop', trial: 0 });
      },
    });
    expect(stopped).toMatchObject({
      status: 'interrupted',
      evaluation: null,
      ended: { status: 'complete', counts: { stopped: 1 } },
    });
    const store = await openStore(place('stopped'), { mode: 'read' });
    expect(store.listFiles('r1', 'weights').map(({ name }) => name)).toEqual(['final']);
    expect(store.findRun('r1')).toMatchObject({ status: 'stopped', weightsSha256: stopped.weightsSha256 });
    store.close();
    const { model, ...whole } = await resumeRun({ library: builtinWords, store: place('stopped'), run: 'r1' });
    model?.dispose();
    expect(whole).toMatchObject({ runId: 'r1', status: 'complete', cached: false });
    expect(whole.weightsSha256).toBe((await trained(text, place('whole'))).weightsSha256);
  });

  it('that is interrupted while it is paused can be resumed', async () => {
    const left = await trained(text, place('left'), {
      hear(event, controls) {
        if (event.event === 'epoch' && event.epoch === 2) controls.act({ do: 'pause', trial: 0 });
        if (event.event === 'trial_state' && event.state === 'paused') setTimeout(() => controls.interrupt(), 20);
      },
    });
    expect(left.ended).toMatchObject({ id: 'r1', status: 'interrupted', counts: { interrupted: 1 } });
    const { model, ...whole } = await resumeRun({ library: builtinWords, store: place('left'), run: 'r1' });
    model?.dispose();
    expect(whole.weightsSha256).toBe((await trained(text, place('whole'))).weightsSha256);
  });

  it('says what it cannot do', async () => {
    const asked = (store: string | null) =>
      trained(text, store, {
        force: store !== null,
        hear(event, controls) {
          if (event.event !== 'epoch' || event.epoch !== 1) return;
          controls.act({ do: 'add_seeds', trial: 0, seeds: 2 });
          controls.act({ do: 'restart', trial: 0 });
          controls.act({ do: 'pause', trial: 1 });
          if (store === null) controls.act({ do: 'pause', trial: 0 });
        },
      });
    const alone = 'this is a run of one trial; `aedsl sweep` trains several';
    const kept = await asked(place('whole'));
    expect(notes(kept.events).filter((note) => !note.startsWith('no commit'))).toEqual([
      alone,
      alone,
      'the sweep has no trial 1',
    ]);
    expect(kept.status).toBe('complete');
    const unkept = await asked(null);
    expect(notes(unkept.events)).toEqual([
      alone,
      alone,
      'the sweep has no trial 1',
      'a run that is not kept has no checkpoint to resume from',
    ]);
    expect(unkept).toMatchObject({ runId: null, cached: false, ended: { id: null, counts: { complete: 1 } } });
  });
});
