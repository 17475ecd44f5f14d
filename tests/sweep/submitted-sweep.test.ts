import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tellSynced } from '../../src/cli/submitted-text.js';
import { InProcessExecutor } from '../../src/execute/in-process.js';
import { noSlurmSettings } from '../../src/execute/slurm/settings.js';
import { SweepFolder } from '../../src/execute/slurm/sweep-folder.js';
import { workToSpool } from '../../src/execute/spool/work-to-spool.js';
import { numericsVersion } from '../../src/numerics/version.js';
import { watch } from '../../src/results/watch.js';
import type { JournalEvent } from '../../src/runtime/events.js';
import { readStore } from '../../src/runtime/store/store.js';
import { planSweep } from '../../src/sweep/plan/sweep-plan.js';
import { seedSweep } from '../../src/sweep/spooled/seed-sweep.js';
import { submitSweep } from '../../src/sweep/spooled/submit-sweep.js';
import { resubmitSweep, syncSweep, withdrawSweep } from '../../src/sweep/spooled/sync-sweep.js';
import { runSweep } from '../../src/sweep/sweep.js';
import { builtinWords } from '../../src/words/words.js';
import { recordedConsole } from '../cli/recorded-console.js';
import { type FakeSlurm, fakeSlurm } from './fake-slurm.js';
import { hashes } from './sweep-places.js';

const root = mkdtempSync(join(tmpdir(), 'aedsl-submitted-'));
const queue = join(root, 'queue');
const folder = join(root, 'project');
const store = join(folder, 'results.db');

let slurm: FakeSlurm;
beforeAll(() => {
  mkdirSync(folder);
  slurm = fakeSlurm(root);
});
afterAll(() => {
  slurm.leave();
  rmSync(root, { recursive: true, force: true });
});

const text = `experiment small {
  param units = 4
  data digits(take=40, validation=10, test=10) { center_crop(8) }
  encoder { dense(units, activation=sigmoid) }
  decoder { dense(input.size, activation=sigmoid) }
  loss mse()
  train adam(lr=0.01) { epochs = 2  batch = 20 }
}
`;

function plan(axes: readonly string[]) {
  const { value } = planSweep({ library: builtinWords, source: { path: join(folder, 'small.ae'), text }, axes });
  if (value === null) throw new Error('it does not compile');
  return value;
}

const program = ['node', 'main.js'] as const;
const place = { settings: noSlurmSettings, program, host: null } as const;
const request = { library: builtinWords, store, sweep: 's1' };

/** What a node does with a trial. */
function work(trial: number, signal = new AbortController().signal) {
  const job = SweepFolder.of(store, 's1').jobFileOf(trial);
  return workToSpool(job, { library: builtinWords, dataFolder: null, signal, submission: 1, task: `100_${trial}` });
}

const spoolOf = (trial: number) => join(SweepFolder.of(store, 's1').jobOf(trial), 'attempt-0001/messages.jsonl');
const statesIn = (events: readonly JournalEvent[]) =>
  events.flatMap((event) => (event.event === 'trial_state' ? [[event.trial, event.state]] : []));

test('a sweep is submitted, watched, merged and submitted again, and its hashes are those of this machine', async () => {
  const axes = ['units=[4,5,6]'];
  const checkpoints = { seconds: null, epochs: 1 };
  const submitted = await submitSweep({ plan: plan(axes), store, backend: 'cpu', checkpoints }, place);
  expect(submitted).toMatchObject({ sweep: 's1', trials: [0, 1, 2], tasks: 3, jobs: [100] });
  writeFileSync(queue, '100|1|CANCELLED\n');
  const { logs } = SweepFolder.of(store, 's1');
  mkdirSync(logs, { recursive: true });
  writeFileSync(join(logs, '100_0.log'), "module: loaded\naedsl: cannot read 'plan.json'\n  check the path\n\n");
  const [logged, cancelled, forgotten] = (await withdrawSweep(request)).lost;
  expect(logged?.reason).toBe("task 100_0 has ended before it began: aedsl: cannot read 'plan.json'");
  expect(cancelled?.reason).toBe('task 100_1 has ended (CANCELLED) before it wrote anything');
  expect(forgotten?.reason).toMatch(/: it was cancelled before it began, or its node may not see that folder$/);

  writeFileSync(queue, '100|0|RUNNING\n100|1|PENDING|JobHeldUser\n100|2|COMPLETED\nsomething else\n');
  expect(await syncSweep(request, program)).toMatchObject({
    merged: [],
    running: [0],
    waiting: [1],
    heldBack: [{ reason: 'JobHeldUser', trials: [1] }],
    lost: [{ trial: 2 }],
  });
  await expect(withdrawSweep(request)).rejects.toThrow('2 trials in');
  expect(await work(0)).toBe('complete');
  expect(await work(1, AbortSignal.abort())).toBe('interrupted');
  expect(await work(2)).toBe('complete');
  truncateSync(spoolOf(2), readFileSync(spoolOf(2)).length - 1);

  const [watched, ended] = await readStore(store, (results) => {
    const one = watch(results, 's1', builtinWords);
    return [one.poll(), one.isDone()];
  });
  const [started] = watched;
  expect(started?.event === 'started' && started.trials.map(({ state }) => state)).toEqual(Array(3).fill('queued'));
  expect(statesIn(watched)).toEqual([
    [0, 'running'],
    [1, 'running'],
    [2, 'running'],
    [0, 'complete'],
    [1, 'paused'],
  ]);
  expect(watched.filter((event) => event.event === 'epoch' && event.trial === 0)).toHaveLength(2);
  expect(ended).toBe(false);

  const both = await Promise.all([syncSweep(request, program), syncSweep(request, program)]);
  expect(both.map(({ merged }) => merged)).toEqual([[0], []]);
  expect(both[1]).toMatchObject({ running: [], waiting: [1] });
  expect(both[1]?.trials.map(({ state }) => state)).toEqual(['complete', 'interrupted', 'interrupted']);
  expect(both[1]?.lost).toEqual([{ trial: 2, reason: 'task 100_2 has ended (COMPLETED) before the trial did' }]);
  expect(existsSync(SweepFolder.of(store, 's1').jobOf(0))).toBe(false);

  const again = await resubmitSweep(request, { ...place, settings: { ...noSlurmSettings, limit: 2 } });
  expect(JSON.parse(readFileSync(SweepFolder.of(store, 's1').jobFileOf(2), 'utf8')).checkpoints).toEqual(checkpoints);
  expect(again.submitted).toMatchObject({ trials: [2], tasks: 1 });
  expect(await work(1)).toBe('complete');
  expect(await work(2)).toBe('complete');
  writeFileSync(queue, '');
  expect((await syncSweep(request, program)).merged).toEqual([1, 2]);
  expect((await resubmitSweep(request, place)).submitted).toBeNull();

  const local = join(root, 'local.db');
  const executor = new InProcessExecutor({ library: builtinWords });
  await runSweep({ plan: plan(axes), store: local, backend: 'cpu', executor, jobs: 1 });
  expect(await hashes(store)).toEqual(await hashes(local));
  // Seeds are added to a setting, and submitted with the policy of the first submission.
  await expect(seedSweep(request, program, { trials: [3], seeds: 1 })).rejects.toThrow('s1 has no trial 3');
  expect(await seedSweep(request, program, { trials: [1], seeds: 1 })).toMatchObject({ trials: [3], tasks: 1 });
  expect((await syncSweep(request, program)).waiting).toEqual([3]);
  expect(await work(3)).toBe('complete');
  expect((await syncSweep(request, program)).merged).toEqual([3]);
  const other = new InProcessExecutor({ library: builtinWords });
  await runSweep({ plan: plan(['units=5', 'seed=2']), store: local, backend: 'cpu', executor: other, jobs: 1 });
  expect((await hashes(store)).slice(3)).toEqual(await hashes(local, 's2'));
  // Trials that the results have are not submitted.
  expect(await submitSweep({ plan: plan(axes), store, backend: 'cpu' }, place)).toMatchObject({
    sweep: 's2',
    trials: [],
  });
});

test('what a node cannot train fails with its sentence, and nothing of it is merged', async () => {
  const own = { ...request, sweep: 's3' };
  expect(await submitSweep({ plan: plan(['units=9']), store, backend: 'cpu' }, place)).toMatchObject({ sweep: 's3' });
  const sweep = SweepFolder.of(store, 's3');
  const job = sweep.jobFileOf(0);
  const planned = readFileSync(job, 'utf8');
  const options = {
    library: builtinWords,
    dataFolder: null,
    signal: new AbortController().signal,
    submission: 1,
    task: null,
  };
  // The plan was made with another version of the arithmetic.
  writeFileSync(job, planned.replace(`"numerics":"${numericsVersion}"`, '"numerics":"0"'));
  expect(await workToSpool(job, options)).toBe('failed');
  expect(readFileSync(join(sweep.jobOf(0), 'attempt-0001/messages.jsonl'), 'utf8')).toContain(
    `trial 0 is no longer the same trial: the arithmetic is version ${numericsVersion}; it was 0`,
  );
  rmSync(join(sweep.jobOf(0), 'attempt-0001'), { recursive: true });
  // Its words mean something else there, or they are other data.
  writeFileSync(job, planned.replace(/"identity":"\w{8}/, '"identity":"00000000'));
  expect(await workToSpool(job, options)).toBe('failed');
  const spool = join(sweep.jobOf(0), 'attempt-0001/messages.jsonl');
  expect(readFileSync(spool, 'utf8')).toContain('trial 0 is no longer the same trial');
  const [identity] = (await syncSweep(own, program)).trials.map(({ state, reason }) => [state, reason]);
  expect(identity).toEqual(['failed', 'its spool cannot be read: it is of another trial']);
  writeFileSync(queue, '104|0|PENDING\n');

  // The folder was moved, and tasks still write to where it was.
  const moved = join(root, 'moved');
  await readStore(store, async (results) => {
    const watched = watch(results, 's3', builtinWords);
    expect(watched.poll()).toMatchObject([{ event: 'started', trials: [{ state: 'failed' }] }, { event: 'ended' }]);
    await resubmitSweep({ ...own, failed: true }, place);
    expect(statesIn(watched.poll())).toEqual([[0, 'queued']]);
  });
  renameSync(folder, moved);
  const there = { ...own, store: join(moved, 'results.db') };
  const arrays = SweepFolder.of(there.store, 's3').arrays();
  writeFileSync(queue, `${arrays.at(-1)?.job}|0|RUNNING\n`);
  expect((await syncSweep(there, program)).notes).toEqual([
    expect.stringContaining(`was moved here from ${sweep.path}`),
  ]);
  await expect(resubmitSweep(there, place)).rejects.toThrow('was moved here from');
  writeFileSync(queue, '');
  expect((await syncSweep(there, program)).notes).toEqual([expect.stringContaining('where its tasks looked for it')]);
  // Files are removed there, so it may not lead elsewhere.
  renameSync(join(moved, 'results.db.slurm/s3/trials'), join(root, 'elsewhere'));
  symlinkSync(join(root, 'elsewhere'), join(moved, 'results.db.slurm/s3/trials'));
  await expect(syncSweep(there, program)).rejects.toThrow('is not a folder');
  rmSync(join(moved, 'results.db.slurm'), { recursive: true });
  await expect(syncSweep(there, program)).rejects.toThrow('s3 was not submitted to Slurm: there is no ');
  renameSync(moved, folder);
  writeFileSync(queue, '');
});

test('a spool that cannot be read fails its trial, and the others are merged', async () => {
  const { sweep } = await submitSweep({ plan: plan(['units=[12,13]']), store, backend: 'cpu' }, place);
  const jobs = SweepFolder.of(store, sweep);
  const options = { library: builtinWords, dataFolder: null, submission: 1, task: null } as const;
  await workToSpool(jobs.jobFileOf(1), { ...options, signal: new AbortController().signal });
  const attempt = join(jobs.jobOf(0), 'attempt-0001');
  mkdirSync(attempt);
  writeFileSync(join(attempt, 'messages.jsonl'), '{"type":"attempt","version":\n');
  const synced = await syncSweep({ ...request, sweep }, program);
  const { merged, trials } = synced;
  expect(merged).toEqual([0, 1]);
  expect(trials).toMatchObject([
    { state: 'failed', reason: expect.stringContaining(`is not JSON, in '${join(attempt, 'messages.jsonl')}'`) },
    { state: 'complete' },
  ]);
  const { console, err } = recordedConsole();
  tellSynced(console, synced, false);
  expect(err()).toBe(`trial 0 failed: ${trials[0]?.reason}\n`);

  // Submitted again, it begins anew, whatever was damaged: the start of a spool, a message, or the weights.
  const again = { ...request, sweep, failed: true } as const;
  const spool = join(attempt, 'messages.jsonl');
  const damages = [
    () => {},
    () => writeFileSync(spool, readFileSync(spool, 'utf8').replace('"type":"trained"', '"type":"drained"')),
    () => writeFileSync(join(attempt, 'weights.safetensors'), 'x'),
  ];
  for (const damaged of damages) {
    damaged();
    expect((await syncSweep(again, program)).trials[0]?.state).toBe('failed');
    expect((await resubmitSweep(again, place)).submitted).toMatchObject({ trials: [0] });
    expect(existsSync(attempt)).toBe(false);
    const { number: submission = 0 } = jobs.arrays().at(-1) ?? {};
    await workToSpool(jobs.jobFileOf(0), { ...options, submission, signal: new AbortController().signal });
  }
  expect((await syncSweep(again, program)).trials[0]?.state).toBe('complete');
});

test('what Slurm cannot do is refused before anything is planned', async () => {
  const count = () => readStore(store, (results) => results.sweeps().length);
  const before = await count();
  await expect(submitSweep({ plan: plan(['units=10']), store, from: 's1' }, place)).rejects.toThrow('--from');
  // Earlier runs say how long an epoch takes.
  const slow = plan(['units=10']);
  const trials = slow.trials.map((trial) => ({ ...trial, steps: 1e12 }));
  const settings = { ...noSlurmSettings, time: '1' };
  await expect(submitSweep({ plan: { ...slow, trials }, store }, { ...place, settings })).rejects.toThrow(
    'a time limit of 1 ends before it',
  );
  expect(await count()).toBe(before);
});
