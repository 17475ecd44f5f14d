import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { syncedExit } from '../../src/cli/submitted-text.js';
import { readJob } from '../../src/execute/command/job-folder.js';
import { messageLine } from '../../src/execute/command/message-lines.js';
import { InProcessExecutor } from '../../src/execute/in-process.js';
import { noSlurmSettings } from '../../src/execute/slurm/settings.js';
import { SweepFolder } from '../../src/execute/slurm/sweep-folder.js';
import { Attempts } from '../../src/execute/spool/attempts.js';
import { workToSpool } from '../../src/execute/spool/work-to-spool.js';
import { streamLine } from '../../src/execute/ssh/frames.js';
import { serveOnHost } from '../../src/execute/ssh/host-side.js';
import { SshError, type SshReason } from '../../src/execute/ssh/ssh-error.js';
import { FileError } from '../../src/files/read-file.js';
import { type Watch, watch } from '../../src/results/watch.js';
import { readStore } from '../../src/runtime/store/store.js';
import { planSweep } from '../../src/sweep/plan/sweep-plan.js';
import { hasUnmerged } from '../../src/sweep/spooled/merge-sweep.js';
import { submitSweep } from '../../src/sweep/spooled/submit-sweep.js';
import { resubmitSweep, syncSweep } from '../../src/sweep/spooled/sync-sweep.js';
import { waitForSweep } from '../../src/sweep/spooled/wait-for-sweep.js';
import { waitsInVain } from '../../src/sweep/spooled/waits-in-vain.js';
import { runSweep } from '../../src/sweep/sweep.js';
import { builtinWords } from '../../src/words/words.js';
import { jobOf } from '../execute/jobs.js';
import { type FakeSlurm, fakeSlurm } from './fake-slurm.js';
import { hashes } from './sweep-places.js';

const root = mkdtempSync(join(tmpdir(), 'aedsl-pruned-'));
const store = join(root, 'results.db');
const text = `experiment small {
  param rate = 0.01
  data digits(take=40, validation=10, test=10) { center_crop(8) }
  encoder { dense(4, activation=sigmoid) }
  decoder { dense(input.size, activation=sigmoid) }
  loss mse()
  train adam(lr=rate) { epochs = 4  batch = 20 }
}
`;
const program = ['node', 'main.js'] as const;
const place = { settings: { ...noSlurmSettings, cpus: 2 }, program, host: null } as const;

let slurm: FakeSlurm;
beforeAll(() => {
  mkdirSync(join(root, 'slurm'));
  slurm = fakeSlurm(join(root, 'slurm'));
});
afterAll(() => {
  slurm.leave();
  rmSync(root, { recursive: true, force: true });
});

function plan(prune: string, axis: string) {
  const source = { path: join(root, 'small.ae'), text };
  const { value } = planSweep({ library: builtinWords, source, axes: [axis], prune });
  if (value === null) throw new Error('it does not compile');
  return value;
}

const folderOf = (sweep: string) => SweepFolder.of(store, sweep);

/** Number of the array that asked for a trial last. */
const submissionOf = (sweep: string, trial: number) =>
  folderOf(sweep)
    .arrays()
    .findLast(({ isVoid, tasks }) => !isVoid && tasks.flat().includes(trial))?.number ?? null;

/** What a node does with a trial. */
function work(sweep: string, trial: number, signal = new AbortController().signal) {
  const options = { library: builtinWords, dataFolder: null, signal, task: `1_${trial}` };
  return workToSpool(folderOf(sweep).jobFileOf(trial), { ...options, submission: submissionOf(sweep, trial) });
}

/** All that a sweep comes to. */
async function whole(database: string, sweep: string) {
  const rows = await readStore(database, (results) => ({
    decisions: results.sweepDecisions(sweep),
    trials: results.sweepTrials(sweep).map(({ state, reason, objective, objectiveEpoch }) => ({
      state,
      reason,
      objective,
      objectiveEpoch,
    })),
    epochs: results
      .sweepTrials(sweep)
      .map(({ runId }) => (runId === null ? [] : results.readEpochs(runId).map((row) => JSON.stringify(row)))),
  }));
  return { ...rows, hashes: await hashes(database, sweep) };
}

async function local(prune: string, axis: string) {
  const database = join(root, `${prune}.db`);
  const executor = new InProcessExecutor({ library: builtinWords });
  await runSweep({ plan: plan(prune, axis), store: database, backend: 'cpu', executor, jobs: 1 });
  return whole(database, 's1');
}

test('trials wait at their rung, sync decides, and those that it keeps are submitted once from where they are', async () => {
  const axis = 'rate=[0.0001,0.03,0.001,0.01]';
  const checkpoints = { seconds: 5, epochs: null };
  const planned = { plan: plan('halving:reduction=2', axis), store, backend: 'cpu', checkpoints } as const;
  const submitted = await submitSweep(planned, place);
  expect(submitted).toMatchObject({ sweep: 's1', trials: [0, 1, 2, 3], follows: 'rungs' });
  const request = { library: builtinWords, store, sweep: 's1' };
  const sync = () => syncSweep(request, program);
  const job = (trial: number) => readJob(folderOf('s1').jobFileOf(trial));
  expect([job(0).untilEpoch, job(3).untilEpoch]).toEqual([1, 1]);

  // What ends last decides; nothing is decided before.
  for (const trial of [3, 1]) expect(await work('s1', trial)).toBe('interrupted');
  expect(await work('s1', 0, AbortSignal.abort())).toBe('interrupted');
  expect(await hasUnmerged(store, 's1', null)).toBe(true);
  const first = await sync();
  expect(first).toMatchObject({ merged: [], waiting: [0, 2], rungs: [{ epoch: 1, trials: [1, 3] }], submitted: null });
  expect(await hasUnmerged(store, 's1', first)).toBe(false);
  // Another process merges a trial meanwhile, and removes its files.
  for (const gone of [
    new FileError('not_found', 'messages.jsonl', 'there is no such file', ''),
    Object.assign(new Error('ENOENT'), { code: 'ENOENT', syscall: 'scandir' }),
  ]) {
    const end = vi.spyOn(Attempts.prototype, 'end').mockImplementationOnce(() => {
      throw gone;
    });
    expect(await hasUnmerged(store, 's1', first)).toBe(true);
    end.mockRestore();
  }
  // Trials that tasks train are left as they are.
  const runs = await readStore(store, (results) =>
    results.sweepTrials('s1').map(({ runId }) => results.readLog(runId ?? '')),
  );
  expect(runs.map((events) => events.some(({ event }) => event === 'resumed'))).toEqual([false, true, false, true]);
  const states = async () => {
    const watched = await readStore(store, (results) => watch(results, 's1', builtinWords).poll());
    const last = new Map(
      watched.flatMap((event) =>
        event.event === 'trial_state' ? [[event.trial, `${event.state} ${event.reason}`]] : [],
      ),
    );
    return [...last].sort(([a], [b]) => a - b);
  };
  expect(await states()).toEqual([
    [0, 'paused continues from its last checkpoint'],
    [1, 'paused waits for the others at epoch 1'],
    [3, 'paused waits for the others at epoch 1'],
  ]);

  // A task is lost, and all others wait until it is submitted again, alone.
  await work('s1', 0);
  writeFileSync(slurm.queue, '');
  expect(await sync()).toMatchObject({ lost: [{ trial: 2 }], rungs: [{ epoch: 1, trials: [0, 1, 3] }] });
  expect((await resubmitSweep(request, place)).submitted).toMatchObject({ trials: [2] });
  await work('s1', 2);

  // Slurm refuses, and the next sync finds what was decided.
  writeFileSync(slurm.complaint, 'sbatch: error: QOSMaxSubmitJobPerUserLimit');
  const refused = await sync();
  expect(refused).toMatchObject({ merged: [0, 2], goingOn: [1, 3], rungs: [], submitted: null });
  expect(refused.refused?.reason).toBe('over_limit');
  // What could not be submitted is no news.
  expect(await hasUnmerged(store, 's1', refused)).toBe(false);
  expect(syncedExit(refused)).toBe(1);
  // It is waited for quota, and not for a partition that there isn't.
  expect(waitsInVain(refused)).toBe(false);
  writeFileSync(slurm.complaint, 'sbatch: error: invalid partition specified: nosuch');
  const options = { told: () => {}, signal: AbortSignal.timeout(5000) };
  const inVain = await waitForSweep(request, program, options);
  expect(inVain).toMatchObject({ goingOn: [1, 3], refused: { reason: 'unknown_partition' } });
  expect(inVain.refused?.hint).not.toContain('aedsl resume');
  const unasked = (reason: SshReason) =>
    waitsInVain({ ...inVain, refused: null, unasked: new SshError(reason, '', '') });
  expect([unasked('refused'), unasked('unreachable')]).toEqual([true, false]);
  // The first of two arrays is taken.
  writeFileSync(slurm.arraySize, '1');
  const taken = readFileSync(join(root, 'slurm/arrays'), 'utf8').split('\n').length - 1;
  writeFileSync(`${slurm.complaint}-from`, `${taken + 1}`);
  expect(await sync()).toMatchObject({ waiting: [1], goingOn: [3], submitted: { trials: [1] } });
  rmSync(slurm.arraySize);
  rmSync(`${slurm.complaint}-from`);
  rmSync(slurm.complaint);
  const second = await sync();
  expect(second).toMatchObject({ merged: [], waiting: [1, 3], goingOn: [], submitted: { trials: [3] } });
  expect(existsSync(folderOf('s1').jobOf(0))).toBe(false);
  expect(job(1)).toMatchObject({ untilEpoch: 2, from: { epochs: 1 }, threads: 2, checkpoints });
  // They passed their rung, and are in the queue.
  expect(await states()).toEqual([
    [1, 'paused continues from its last checkpoint'],
    [3, 'paused continues from its last checkpoint'],
  ]);
  // Two at once, and nothing is submitted twice.
  const arrays = folderOf('s1').arrays().length;
  await Promise.all([sync(), sync()]);
  expect(folderOf('s1').arrays()).toHaveLength(arrays);

  // A spool is cut in its last line: the next attempt finds itself at its rung.
  await work('s1', 1);
  const spool = join(folderOf('s1').jobOf(1), 'attempt-0002/messages.jsonl');
  truncateSync(spool, readFileSync(spool).length - 3);
  // What follows it, having seen the part before the rung, is not told of that again; what begins to is.
  const epochs = (watched: Watch) =>
    watched.poll().flatMap((event) => (event.event === 'epoch' && event.trial === 3 ? event.epoch : []));
  await readStore(store, async (results) => {
    const before = watch(results, 's1', builtinWords);
    const told = [epochs(before)];
    await work('s1', 3);
    told.push(epochs(before), epochs(watch(results, 's1', builtinWords)));
    expect(told).toEqual([[1], [2], [1, 2]]);
  });
  expect(await sync()).toMatchObject({ waiting: [1], rungs: [{ epoch: 2, trials: [3] }] });
  await work('s1', 1);
  // A job that cannot be written is no failure of its trial: it waits for another sync.
  const inTheWay = [1, 3].map((trial) => join(folderOf('s1').jobOf(trial), 'job.json.part'));
  for (const path of inTheWay) mkdirSync(path);
  await expect(sync()).rejects.toThrow(/the job of trial [13] cannot be written/);
  for (const path of inTheWay) rmSync(path, { recursive: true, force: true });
  const third = await sync();
  expect(third.submitted?.trials).toHaveLength(1);
  const [last = -1] = third.submitted?.trials ?? [];
  expect(job(last).untilEpoch).toBeNull();
  expect(await work('s1', last)).toBe('complete');
  expect(await sync()).toMatchObject({
    merged: [last],
    running: [],
    waiting: [],
    lost: [],
    outcome: { status: 'complete' },
  });
  expect((await resubmitSweep(request, place)).submitted).toBeNull();
  expect(await whole(store, 's1')).toEqual(await local('halving:reduction=2', axis));
});

test('asha decides what it decides with one trial at a time, in whatever order tasks end', async () => {
  const axis = 'rate=[0.02,0.0003,0.005,0.002]';
  const { sweep } = await submitSweep({ plan: plan('asha:reduction=2', axis), store, backend: 'cpu' }, place);
  const sync = () => syncSweep({ library: builtinWords, store, sweep }, program);
  await work(sweep, 2);
  await work(sweep, 3);
  expect(await sync()).toMatchObject({ rungs: [{ epoch: 1, trials: [2, 3] }], submitted: null });
  await work(sweep, 0);
  // The first trial waits for nobody.
  expect(await sync()).toMatchObject({ rungs: [{ epoch: 1, trials: [2, 3] }], submitted: { trials: [0] } });
  await work(sweep, 1);
  for (let rounds = 0; ; rounds++) {
    const { submitted, outcome } = await sync();
    if (outcome?.status === 'complete') break;
    if (rounds > 10) throw new Error('it does not end');
    for (const trial of submitted?.trials.toReversed() ?? []) await work(sweep, trial);
    if (rounds === 0) await work(sweep, 0);
  }
  const expected = await local('asha:reduction=2', axis);
  expect(expected.trials.map(({ state }) => state)).toEqual(['complete', 'pruned', 'pruned', 'pruned']);
  const found = await whole(store, sweep);
  // With one trial at a time, the first one ends before the second begins.
  const inOrder = ({ decisions }: typeof found) =>
    decisions.toSorted((a, b) => Math.min(...a.kept, ...a.pruned) - Math.min(...b.kept, ...b.pruned));
  expect({ ...found, decisions: inOrder(found) }).toEqual({ ...expected, decisions: inOrder(expected) });
});

test('a host sends the checkpoint at a rung, and submits what goes on although its last task trains another trial', async () => {
  const folder = new SweepFolder(join(root, 'host/sweeps/s9'));
  folder.plan('s9', noSlurmSettings, null, null);
  const { name } = folder.intend([[1, 2]]);
  folder.putReceipt(1, 500);
  appendFileSync(join(root, 'slurm/arrays'), `500 ${name}\n`);
  writeFileSync(slurm.queue, '500|0|RUNNING\n');
  for (const trial of [1, 2]) {
    mkdirSync(folder.jobOf(trial), { recursive: true });
    const attempt = new Attempts(folder.jobOf(trial)).begin(jobOf('{}', { trial }), { submission: 1, task: '500_0' });
    const say = (message: Parameters<typeof messageLine>[0]) =>
      attempt.spool.write(messageLine(message, attempt.folder), false);
    for (const epochs of [0, 1]) {
      const file = `checkpoint-${epochs}.safetensors`;
      writeFileSync(join(attempt.folder, file), 'abc');
      const place = { stage: 0, step: epochs + 1, epochs, seconds: 1 };
      say({ type: 'checkpoint', checkpoint: { ...place, file, sha256: `${epochs}`, bytes: 3 } });
    }
    const end = { metrics: {}, weightsSha256: '', pictures: [], failures: [], unfinished: false } as const;
    if (trial === 1) say({ type: 'ended', end: { ...end, status: 'interrupted', atEpoch: 1 } });
    attempt.spool.close();
  }
  const served = async (action: 'report' | 'begin', lines: readonly object[]) => {
    const said: Uint8Array[] = [];
    const input = (async function* () {
      for (const line of lines) yield streamLine(line);
    })();
    const write = (bytes: Uint8Array) => Promise.resolve(void said.push(bytes));
    await serveOnHost(action, folder.path, { input, write }, program);
    return Buffer.concat(said).toString('utf8');
  };
  const scheduler = 'slurm';
  const report = await served('report', [{ scheduler, have: {}, wanted: [1, 2], forget: [] }]);
  expect(report.match(/trials\/[\w/.-]+/g)).toEqual([
    'trials/1/attempt-0001/checkpoint-1.safetensors',
    'trials/1/attempt-0001/messages.jsonl',
    'trials/2/attempt-0001/messages.jsonl',
  ]);
  const begin = { settings: noSlurmSettings, scheduler, sweep: 's9', perTask: 1, trials: [1, 2], marks: [] };
  expect(await served('begin', [begin, { type: 'end' }])).toContain('"tasks":1');
  expect(folder.arrays().map(({ tasks }) => tasks)).toEqual([[[1, 2]], [[1]]]);

  // A spool that is none holds up nothing of the others, and goes along: it fails its trial where it is merged.
  writeFileSync(join(folder.jobOf(1), 'attempt-0001/messages.jsonl'), 'no start\n');
  writeFileSync(slurm.queue, '');
  const [tasks, ...files] = (await served('report', [{ scheduler, have: {}, wanted: [1, 2], forget: [] }])).split('\n');
  expect(tasks?.match(/"loss":[^,}]*/g)).toEqual(['"loss":null', '"loss":"task 500_0 has ended before the trial did"']);
  expect(files.join('\n').match(/trials\/[\w/.-]+/g)).toEqual([
    'trials/1/attempt-0001/messages.jsonl',
    'trials/2/attempt-0001/messages.jsonl',
  ]);
  expect(files).toContain('no start');
  // Submitted again, it begins anew; what is intact stays.
  expect(await served('begin', [begin, { type: 'end' }])).toContain('"tasks":2');
  expect([1, 2].map((trial) => existsSync(join(folder.jobOf(trial), 'attempt-0001')))).toEqual([false, true]);
});
