import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Executor } from '../../src/execute/executor.js';
import { InProcessExecutor } from '../../src/execute/in-process.js';
import { noSlurmSettings } from '../../src/execute/slurm/settings.js';
import { SweepFolder } from '../../src/execute/slurm/sweep-folder.js';
import { workToSpool } from '../../src/execute/spool/work-to-spool.js';
import { watch } from '../../src/results/watch.js';
import type { JournalEvent } from '../../src/runtime/events.js';
import { readStore } from '../../src/runtime/store/store.js';
import { resumeSweep } from '../../src/sweep/resume.js';
import { seedSweep } from '../../src/sweep/spooled/seed-sweep.js';
import { submitSweep } from '../../src/sweep/spooled/submit-sweep.js';
import { syncSweep } from '../../src/sweep/spooled/sync-sweep.js';
import { waitForSweep } from '../../src/sweep/spooled/wait-for-sweep.js';
import { builtinWords } from '../../src/words/words.js';
import { sweepRows } from '../crash/sweep-rows.js';
import Database from '../sqlite.js';
import { fakeSlurm } from './fake-slurm.js';
import { builtExecutor, inResults, planOf, sweepOf } from './sweep-places.js';

const processes = builtExecutor();
afterAll(() => processes.close());

/** Holds back how each trial ended, so that they come back in another order. */
function executor(delays: readonly number[] = [0]): Executor {
  return {
    start: (job, place, listener) =>
      processes.start(job, place, (message) => {
        if (message.type === 'ended') setTimeout(() => listener(message), delays[job.trial % delays.length]);
        else listener(message);
      }),
    close: async () => {},
  };
}

const plan = {
  axes: ['rate=loguniform:1e-4:10', 'units=int:1:6'],
  draws: 10,
  method: 'cmaes',
  lag: 3,
  maxSteps: 2,
} as const;

const program = ['node', 'main.js'] as const;

/** What a node does with a trial. */
async function trained(store: string, trial: number): Promise<void> {
  const signal = new AbortController().signal;
  const job = SweepFolder.of(store, 's1').jobFileOf(trial);
  const asked = { submission: 1, task: null, dataFolder: null, signal };
  expect(await workToSpool(job, { library: builtinWords, ...asked })).not.toBe('interrupted');
}

/** Searches on a cluster that refuses, whose submitter is killed, and that is asked by two at one time. */
async function searchedOnCluster(store: string): Promise<void> {
  const slurm = fakeSlurm(dirname(store));
  try {
    const submitted = await submitSweep(
      { plan: planOf(plan), store },
      { settings: noSlurmSettings, program, host: null },
    );
    expect(submitted).toMatchObject({ trials: [0, 1, 2], jobs: [100], follows: 'points' });
    const request = { library: builtinWords, store, sweep: 's1' };
    const sync = () => syncSweep(request, program);
    expect(await sync()).toMatchObject({ submitted: null, search: { planned: 10, waitsFor: [0] } });
    // The next point depends on the first result alone, and the one after it on the second, too.
    await trained(store, 2);
    expect(await sync()).toMatchObject({ merged: [2], submitted: null, search: { waitsFor: [0] } });
    await trained(store, 0);
    const both = await Promise.all([sync(), sync()]);
    expect(both.map(({ submitted }) => submitted?.trials ?? [])).toEqual([[3], []]);
    expect(both[0]).toMatchObject({ waiting: [1, 3], lost: [], search: { planned: 10, waitsFor: [1] } });

    // A refusal leaves what was merged, and the next sync submits what this one decided.
    await trained(store, 1);
    writeFileSync(slurm.complaint, 'sbatch: error: AssocMaxSubmitJobLimit');
    const refused = await sync();
    expect(refused).toMatchObject({ merged: [1], submitted: null, lost: [{ trial: 4 }, { trial: 5 }] });
    expect(refused.refused?.reason).toBe('over_limit');
    // What it takes before it refuses is in the queue.
    writeFileSync(slurm.arraySize, '1');
    writeFileSync(`${slurm.complaint}-from`, '3');
    const partly = await sync();
    expect(partly).toMatchObject({ submitted: { trials: [4], jobs: [102] }, waiting: [3, 4], lost: [{ trial: 5 }] });
    expect(partly.refused?.reason).toBe('over_limit');
    for (const path of [slurm.complaint, `${slurm.complaint}-from`, slurm.arraySize]) rmSync(path);
    expect(await sync()).toMatchObject({ submitted: { trials: [5] }, refused: null, lost: [] });

    // Killed between an intent and its receipt: Slurm was asked, and did not take it.
    await trained(store, 3);
    writeFileSync(slurm.complaint, 'sbatch: error: Unable to contact slurm controller');
    expect((await sync()).refused?.reason).toBe('unreachable');
    rmSync(slurm.complaint);
    const folder = SweepFolder.of(store, 's1');
    utimesSync(join(folder.path, 'submissions/0007.json'), 0, 0);
    await readStore(store, async (results) => {
      const watched = watch(results, 's1', builtinWords);
      watched.poll();
      await trained(store, 4);
      await trained(store, 5);
      const notes = watched.poll().flatMap((event) => (event.event === 'note' ? event.text : []));
      expect([notes, watched.isDone()]).toEqual([[], false]);
      expect(await sync()).toMatchObject({ submitted: { trials: [6, 7, 8] } });
      expect(watched.poll().filter(({ event }) => event === 'trials_added')).toHaveLength(1);
      await trained(store, 8);
      await trained(store, 6);
      await trained(store, 7);
      const said = watched.poll().flatMap((event) => (event.event === 'note' ? event.text : []));
      expect([said, watched.isDone()]).toEqual([[expect.stringContaining('submits the next')], false]);
    });
    const pauses = { look: 5, ask: 10_000, connect: 5 };
    const rounds: (readonly number[])[] = [];
    const told = ({ submitted: more }: Awaited<ReturnType<typeof sync>>) => {
      rounds.push(more?.trials ?? []);
      for (const trial of more?.trials ?? []) void trained(store, trial);
    };
    const last = await waitForSweep(request, program, { told, signal: new AbortController().signal, pauses });
    expect(rounds).toEqual([[9], []]);
    expect(last).toMatchObject({ running: [], waiting: [], lost: [], search: { planned: 10, waitsFor: [] } });
    await expect(seedSweep(request, program, { trials: null, seeds: 1 })).rejects.toThrow('judged by the seeds');
    const asked = folder.arrays().flatMap(({ isVoid, tasks }) => (isVoid ? [] : tasks.flat()));
    expect(asked).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  } finally {
    slurm.leave();
  }
}

/** A search of a version that proposed its points otherwise is not gone on with. */
async function refusesOtherProposals(store: string): Promise<void> {
  const write = (change: string) => {
    const database = new Database(store);
    database.exec(`UPDATE sweeps SET search = ${change}`);
    database.close();
  };
  write("json_remove(search, '$.proposals')");
  const request = { library: builtinWords, sweep: 's1', store, jobs: 2, cores: 4, executor: executor() };
  await expect(resumeSweep(request)).rejects.toThrow(
    /^\d of 10 points of this search were proposed by another version/,
  );
  write("json_set(search, '$.proposals', 2)");
}

test('a search has the same points and hashes for any number of workers, on a cluster, and when it is interrupted', {
  timeout: 120_000,
}, async () => {
  const expected = await inResults(async (store) => {
    const { trials } = await sweepOf(plan, { store, jobs: 1, executor: executor() });
    const points = trials.map(({ parameters }) => JSON.stringify(parameters));
    expect(new Set(points).size).toBe(10);
    return sweepRows(store);
  });
  await inResults(async (store) => {
    const added: number[] = [];
    const listener = (event: JournalEvent) => {
      if (event.event === 'trials_added') added.push(event.trials.length);
      if (event.event === 'started') expect(event.search).toEqual({ method: 'cmaes', lag: 3, trials: 10 });
    };
    await sweepOf(plan, { store, jobs: 4, cores: 4, executor: executor([0, 60, 30, 10, 0]), listener });
    expect(added).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect(sweepRows(store)).toEqual(expected);
  });
  await inResults(async (store) => {
    await searchedOnCluster(store);
    expect(sweepRows(store)).toEqual(expected);
  });
  await inResults(async (store) => {
    // Once while the first trials train, once just after a point was decided, and then to the end.
    for (const [kind, count, status] of [
      ['trial_started', 2, 'interrupted'],
      ['trials_added', 4, 'interrupted'],
      ['ended', 2, 'complete'],
    ] as const) {
      const stop = new AbortController();
      let seen = 0;
      const listener = (event: JournalEvent) => {
        if (event.event === kind && ++seen === count) stop.abort();
      };
      const request = { store, jobs: 2, cores: 4, executor: executor([0, 30]), listener, signal: stop.signal };
      const outcome =
        kind === 'trial_started'
          ? await sweepOf(plan, request)
          : await resumeSweep({ library: builtinWords, sweep: 's1', ...request });
      expect(outcome.status).toBe(status);
      if (kind === 'trial_started') await refusesOtherProposals(store);
    }
    expect(sweepRows(store)).toEqual(expected);
  });
});

test('a search with two objectives has the same points when it is interrupted', { timeout: 60_000 }, async () => {
  // TPE looks at results from its eleventh point on.
  const two = {
    axes: ['rate=loguniform:1e-3:1', 'units=int:1:6'],
    draws: 12,
    method: 'tpe',
    lag: 1,
    maxSteps: 2,
    objectives: ['validation.sse', 'validation.loss'],
  } as const;
  const inProcess = () => ({ jobs: 1, executor: new InProcessExecutor({ library: builtinWords }) });
  const expected = await inResults(async (store) => {
    const { front, trials } = await sweepOf(two, { store, backend: 'cpu', ...inProcess() });
    expect(front?.length).toBeGreaterThan(0);
    expect(front?.length).toBeLessThan(trials.length);
    return { front, rows: sweepRows(store) };
  });
  await inResults(async (store) => {
    const stop = new AbortController();
    const listener = (event: JournalEvent) => {
      if (event.event === 'trial_done' && event.trial === 10) stop.abort();
    };
    await sweepOf(two, { store, backend: 'cpu', listener, signal: stop.signal, ...inProcess() });
    const { front, status } = await resumeSweep({ library: builtinWords, store, sweep: 's1', ...inProcess() });
    expect([status, front]).toEqual(['complete', expected.front]);
    expect(sweepRows(store)).toEqual(expected.rows);
  });
});
