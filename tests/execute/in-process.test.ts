import { expect, test } from 'vitest';
import type { Executor } from '../../src/execute/executor.js';
import { InProcessExecutor } from '../../src/execute/in-process.js';
import type { TrialJob, TrialMessage } from '../../src/execute/job.js';
import type { JournalEvent } from '../../src/runtime/events.js';
import { thisMachine, trainedOn } from '../../src/runtime/provenance/environment.js';
import { openStore } from '../../src/runtime/store/store.js';
import { resumeSweep } from '../../src/sweep/resume.js';
import { builtinWords } from '../../src/words/words.js';
import { sweepRows } from '../crash/sweep-rows.js';
import { builtExecutor, inResults, smallExperiment, sweepOf } from '../sweep/sweep-places.js';

const plan = {
  source: {
    path: 'evaluated.ae',
    text: smallExperiment.replace(/\}\s*$/, '  evaluate { knn(k=3) }\n  show { loss_curves() }\n}\n'),
  },
  axes: ['rate=0.003,0.03'],
  seeds: '1',
  metric: 'validation.loss',
  prune: 'halving:reduction=2:from=2',
};
const inThisProcess = () => new InProcessExecutor({ library: builtinWords });

test('a sweep gives the rows that it gives on cores, and goes on from checkpoints of either', {
  timeout: 120_000,
}, async () => {
  const expected = await inResults(async (store) => {
    await sweepOf(plan, { store, jobs: 1 });
    return sweepRows(store);
  });
  await inResults(async (store) => {
    const stop = new AbortController();
    let epochs = 0;
    const listener = (event: JournalEvent) => {
      if (event.event === 'epoch' && ++epochs === 3) stop.abort();
    };
    const first = await sweepOf(plan, { store, executor: inThisProcess(), listener, signal: stop.signal });
    expect(first.status).toBe('interrupted');
    await resumeSweep({ library: builtinWords, store, sweep: 's1', executor: builtExecutor() });
    expect(sweepRows(store)).toEqual(expected);
  });
});

const otherMachine = { ...thisMachine(), node: 'v99.0.0' };

/** A job as a sweep makes it, and everything that was reported of it. */
async function jobOf(store: string): Promise<{ readonly job: TrialJob; readonly messages: readonly TrialMessage[] }> {
  const executor = inThisProcess();
  const jobs: TrialJob[] = [];
  const messages: TrialMessage[] = [];
  const { prune: _, ...unpruned } = plan;
  await sweepOf(
    { ...unpruned, axes: ['rate=0.01'] },
    {
      store,
      commandLine: ['aedsl', 'sweep'],
      executor: {
        start(job, place, listener) {
          jobs.push(job);
          return executor.start(job, place, (message) => {
            messages.push(message);
            const elsewhere = message.type === 'machine' && { ...message, machine: otherMachine };
            listener(elsewhere || message);
          });
        },
        close: () => executor.close(),
      },
    },
  );
  const [job] = jobs;
  if (job === undefined) throw new Error('nothing was started');
  return { job, messages };
}

test('what is recorded of the machine is where the trial trained, and the rest is where it was started', async () => {
  await inResults(async (database) => {
    await jobOf(database);
    const store = await openStore(database, { mode: 'read' });
    const { node, os, git, commandLine } = JSON.parse(store.findRun('r1').environment);
    store.close();
    expect({ node, os, commandLine }).toEqual({
      node: 'v99.0.0',
      os: thisMachine().os,
      commandLine: ['aedsl', 'sweep'],
    });
    expect(git.commit).toMatch(/^[0-9a-f]{40}$/);
    expect(trainedOn('{"git":null,"commandLine":["aedsl"]}', otherMachine)).toContain('"commandLine":["aedsl"]');
    expect(trainedOn(JSON.stringify({ ...otherMachine, git: null }), otherMachine)).toBeNull();
  });
});

test('a trial whose messages make no sense fails alone', async () => {
  const executor = inThisProcess();
  const { prune: _, ...unpruned } = plan;
  const start: Executor['start'] = (job, place, listener) =>
    executor.start(job, place, (message) => {
      listener(message);
      const series = { loss: Float32Array.of(1) };
      const odd = { event: 'steps', stage: 'other', firstStep: 0, series } as const;
      if (job.trial === 0 && message.type === 'machine') listener({ type: 'events', events: [odd] });
    });
  const done = await sweepOf(unpruned, { store: null, executor: { start, close: () => executor.close() } });
  expect(done.trials.map(({ state, reason }) => [state, reason])).toEqual([
    ['failed', expect.stringMatching(/^what was reported of it cannot be recorded: .*stage 'other' has not started$/)],
    ['complete', null],
  ]);
});

test('messages come in the promised order, after the start, and a job is no other trial', async () => {
  await inResults(async (store) => {
    const { job, messages } = await jobOf(store);
    const types = messages.map(({ type }) => type);
    expect([types[0], types.at(-1)]).toEqual(['machine', 'ended']);
    expect(types.indexOf('trained')).toBeGreaterThan(types.indexOf('events'));
    expect(types.lastIndexOf('checkpoint')).toBeLessThan(types.indexOf('trained'));
    const listen = (given: TrialJob, halt = false) => {
      const executor = inThisProcess();
      return new Promise<TrialMessage>((resolve) => {
        let started = false;
        const running = executor.start(given, { alone: false, checkpoints: null }, (message) => {
          if (!started) throw new Error('a message before the start');
          if (message.type === 'ended' || message.type === 'failed') resolve(message);
        });
        started = true;
        if (halt) running.halt();
      });
    };
    expect(await listen({ ...job, seed: 9 })).toMatchObject({
      type: 'failed',
      reason: expect.stringContaining('trial 0 is no longer the same trial'),
    });
    expect(await listen(job, true)).toMatchObject({ type: 'ended', end: { status: 'interrupted' } });
  });
});
