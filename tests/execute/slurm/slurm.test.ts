import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, expect, test } from 'vitest';
import { type QueueAction, queueOnSlurm } from '../../../src/execute/slurm/queue.js';
import { isLive, mostArrayTasks, queuedTasks, requireAcceptable } from '../../../src/execute/slurm/scheduler.js';
import {
  leadSeconds,
  noSlurmSettings,
  projectSlurmSettings,
  sbatchOptions,
  timeSeconds,
  typedSlurmSettings,
} from '../../../src/execute/slurm/settings.js';
import { slurmComplaint } from '../../../src/execute/slurm/slurm-error.js';
import { lastTasks, settleIntents, submitTrials } from '../../../src/execute/slurm/submit.js';
import { SweepFolder } from '../../../src/execute/slurm/sweep-folder.js';
import { runTask } from '../../../src/execute/slurm/task.js';

const root = mkdtempSync(join(tmpdir(), "aedsl-slurm-it's 50%-"));
const { PATH } = process.env;
afterEach(() => {
  process.env.PATH = PATH;
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
/** Programs of Slurm that do what these scripts do; each says its arguments to `said`, one a line. */
function cluster(scripts: Readonly<Record<string, string>>) {
  const bin = join(root, `bin${++count}`);
  mkdirSync(bin);
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(bin, name), `#!/bin/bash\nprintf '%s\\n' "${name}" "$@" >> "${bin}/said"\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  process.env.PATH = `${bin}:${PATH}`;
  return () => readFileSync(join(bin, 'said'), 'utf8').split('\n').slice(0, -1);
}

function sweep(): SweepFolder {
  const folder = new SweepFolder(join(root, `s${++count}`));
  folder.plan('s3', noSlurmSettings);
  return folder;
}

test('settings are read as Slurm reads them, and nothing of them can be another option', () => {
  const times = { '30': 1800, '1:30': 90, '2:00:00': 7200, '1-12': 129_600, '1-0:30': 88_200, '0-0:0:5': 5 };
  for (const [time, seconds] of Object.entries(times)) expect([time, timeSeconds(time)]).toEqual([time, seconds]);
  expect(['30', '4:00', '2', null].map(leadSeconds)).toEqual([120, 60, 30, 120]);
  for (const given of [
    { partition: '-x' },
    { account: 'a b' },
    { time: 'soon' },
    { memory: '4 GB' },
    { constraint: '--wrap=x' },
    { qos: 'a\nb' },
    { setup: ['a\nb'] },
  ]) {
    expect(() => typedSlurmSettings(given), JSON.stringify(given)).toThrow(/^--\w+ /);
  }
  const settings = { ...noSlurmSettings, partition: 'gpu,long', time: '30:00', memory: '4G', cpus: 2, limit: 3 };
  expect(sbatchOptions(settings)).toEqual([
    '--partition=gpu,long',
    '--time=30:00',
    '--mem=4G',
    '--signal=B:USR2@120',
    '--ntasks=1',
    '--cpus-per-task=2',
    '--requeue',
  ]);
  const project = join(root, 'project');
  mkdirSync(project);
  const config = (text: string) => writeFileSync(join(project, 'aedsl.config.json'), text);
  expect(projectSlurmSettings(project)).toEqual({});
  config('{"slurm": {"partition": "gpu", "cpus": 4, "setup": ["module load node"]}}');
  expect(projectSlurmSettings(project)).toEqual({ partition: 'gpu', cpus: 4, setup: ['module load node'] });
  config('{"slurm": {"partition": "gpu", "gpus": 4}}');
  expect(() => projectSlurmSettings(project)).toThrow('aedsl.config.json: slurm.gpus has an unknown setting');
  config('{"slurm": {"cpus": 0}}');
  expect(() => projectSlurmSettings(project)).toThrow('slurm.cpus is not a whole number from 1');
});

test.each([
  ['sbatch: error: invalid partition specified: nosuch', 'unknown_partition'],
  ['sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified', 'account'],
  [
    "sbatch: error: AssocMaxSubmitJobLimit\nsbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
    'over_limit',
  ],
  [
    'sbatch: error: Batch job submission failed: Requested time limit is invalid (missing or exceeds some limit)',
    'time_limit',
  ],
  ['allocation failure: Requested node configuration is not available', 'too_large'],
  ['squeue: error: Unable to contact slurm controller (connect failure)', 'unreachable'],
  ['sbatch: error: the plugin of this site says no', 'refused'],
])('%s', (text, reason) => {
  const { reason: found, message, hint } = slurmComplaint('sbatch', text);
  expect(found).toBe(reason);
  expect(message).not.toMatch(/error:|\n/);
  expect(hint).not.toBe('');
});

test('trials go into arrays within the limits, each with an intent before and a receipt after', async () => {
  const said = cluster({ sbatch: 'echo $((41 + $(grep -c ^sbatch "$(dirname "$0")/said")))' });
  const folder = sweep();
  const trials = [...Array(11).keys()];
  const settings = { ...noSlurmSettings, limit: 2, setup: ['module load node/22'] };
  const program = ['/opt/node', "/home/it's/main.js"] as const;
  expect(await submitTrials(folder, trials, { settings, program, mostTasks: 3, perTask: 2 })).toEqual({
    jobs: [42, 43],
    tasks: 6,
  });
  expect(said().filter((arg) => /^--(array|output|job)|^sbatch|task.sh$|^\d$/.test(arg))).toEqual([
    'sbatch',
    `--job-name=${folder.arrays()[0]?.name}`,
    '--array=0-2%2',
    `--output=${folder.logs.replace('%', '%%')}/%A_%a.log`,
    folder.script,
    '1',
    'sbatch',
    `--job-name=${folder.arrays()[1]?.name}`,
    '--array=0-2%2',
    `--output=${folder.logs.replace('%', '%%')}/%A_%a.log`,
    folder.script,
    '2',
  ]);
  expect(folder.arrays().map(({ job, tasks, isVoid }) => ({ job, tasks, isVoid }))).toEqual([
    {
      job: 42,
      tasks: [
        [0, 1],
        [2, 3],
        [4, 5],
      ],
      isVoid: false,
    },
    { job: 43, tasks: [[6, 7], [8, 9], [10]], isVoid: false },
  ]);
  const script = readFileSync(folder.script, 'utf8').split('\n');
  const started = `'/opt/node' '/home/it'\\''s/main.js' task '${folder.path.replace("'", "'\\''")}' --submission "$1" &`;
  expect(script.filter((line) => line === 'module load node/22' || line === started)).toHaveLength(2);

  const queued = [
    { job: 42, index: 1, state: 'RUNNING', heldBack: null },
    { job: 43, index: 2, state: 'PENDING', heldBack: 'JobHeldUser' },
    { job: 99, index: 0, state: 'RUNNING', heldBack: null },
  ];
  const tasks = lastTasks(folder.arrays(), queued);
  expect([0, 2, 10].map((trial) => tasks.get(trial))).toEqual([
    { submission: 1, task: '42_0', state: null, heldBack: null },
    { submission: 1, task: '42_1', state: 'RUNNING', heldBack: null },
    { submission: 2, task: '43_2', state: 'PENDING', heldBack: 'JobHeldUser' },
  ]);
  expect(['RUNNING', 'PENDING', 'COMPLETED', 'FAILED', 'REQUEUED', 'TIMEOUT'].filter(isLive)).toEqual([
    'RUNNING',
    'PENDING',
    'REQUEUED',
  ]);
});

test('a task that is told of its time limit before it hears goes back to the queue, and later ends as it likes', async () => {
  const said = cluster({ sbatch: 'echo 1', scontrol: ':' });
  const ready = join(root, 'ready');
  const ended = async (setup: readonly string[], program: string, env: Readonly<Record<string, string>> = {}) => {
    rmSync(ready, { force: true });
    const folder = sweep();
    const started = ['/bin/bash', '-c', program, ready] as const;
    const settings = { ...noSlurmSettings, setup };
    await submitTrials(folder, [0], { settings, program: started, mostTasks: 9, perTask: 1 });
    const task = { SLURM_ARRAY_JOB_ID: '7', SLURM_ARRAY_TASK_ID: '3', ...env };
    const child = spawn('/bin/bash', [folder.script, '1'], { env: { ...process.env, ...task }, stdio: 'ignore' });
    const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
    while (!existsSync(ready)) await pause(5);
    child.kill('SIGUSR2');
    return exit;
  };
  const touch = `touch "${ready}"`;
  const again = ['scontrol', 'requeue', '7_3'];
  // A program without a handler dies of the signal; one that has it ends with a code of its own.
  expect(await ended([], 'touch "$0"; sleep 5 & wait')).toBe(0);
  expect(said().slice(-3)).toEqual(again);
  expect(await ended([touch, 'sleep 0.1'], 'exit 9')).toBe(0);
  expect(said().slice(-3)).toEqual(again);
  const requeues = said().filter((arg) => arg === 'requeue').length;
  expect(await ended([touch, 'sleep 0.1'], 'exit 9', { SLURM_RESTART_COUNT: '5' })).toBe(4);
  expect(await ended([], 'trap \'exit 7\' USR2; touch "$0"; while :; do sleep 0.05; done')).toBe(7);
  expect(said().filter((arg) => arg === 'requeue')).toHaveLength(requeues);
});

test('what Slurm refuses was not submitted, and what it had taken stays', async () => {
  cluster({
    sbatch:
      '[ -e "$0.once" ] && { echo "sbatch: error: AssocMaxSubmitJobLimit" >&2; exit 1; }; touch "$0.once"; echo "7;far"',
  });
  const folder = sweep();
  const options = { settings: noSlurmSettings, program: ['node', 'main.js'] as const, mostTasks: 1, perTask: 1 };
  await expect(submitTrials(folder, [0, 1, 2], options)).rejects.toMatchObject({ reason: 'over_limit' });
  expect(folder.arrays().map(({ job, isVoid }) => [job, isVoid])).toEqual([
    [7, false],
    [null, true],
  ]);
  writeFileSync(folder.receiptPath(1), 'rm -rf /\n');
  expect(() => folder.arrays()).toThrow('is not what sbatch prints');
});

test('an intent without a receipt is looked up by the name of its job before anything else', async () => {
  const folder = sweep();
  const [{ name }] = [folder.intend([[0]]), folder.intend([[1]])];
  const said = cluster({
    squeue: `case "$*" in *"--name=${name} "*) echo "nonsense"; echo "31|0|RUNNING|None";; esac`,
  });
  // The second one is so old that no sbatch can be on its way.
  const old = new Date(Date.now() - 3_600_000);
  utimesSync(join(folder.path, 'submissions/0002.json'), old, old);
  await settleIntents(folder);
  expect(folder.arrays().map(({ job, isVoid }) => [job, isVoid])).toEqual([
    [31, false],
    [null, true],
  ]);
  const asked = said().filter((arg) => arg === 'squeue').length;
  await settleIntents(folder);
  expect(said().filter((arg) => arg === 'squeue')).toHaveLength(asked);
});

test('trials are held, released, stopped and preferred by their tasks', async () => {
  const folder = sweep();
  folder.putReceipt(folder.intend([[0, 1], [2], [3], [4]]).number, 42);
  const said = cluster({
    squeue:
      'echo "42|0|RUNNING|None"; echo "42|1|PENDING|Priority"; echo "42|2|PENDING|Resources"; echo "42|3|COMPLETED|None"',
    scontrol: ':',
    scancel: ':',
  });
  const asked = async (action: QueueAction, trials: readonly number[] | null) => {
    const before = existsSync(join(root, `bin${count}/said`)) ? said().length : 0;
    const { trials: done, notes } = await queueOnSlurm(folder, { action, trials });
    const words = said().slice(before);
    return [done, words.slice(words.findIndex((word) => /^sc/.test(word))).join(' '), notes.length];
  };
  expect(await asked('hold', null)).toEqual([[0, 1, 2, 3], 'scontrol hold 42_1,42_2 scontrol requeuehold 42_0', 0]);
  // Trial 1 shares its task with trial 0, and trial 4 has ended.
  expect(await asked('release', [1, 4])).toEqual([[0, 1], 'scontrol release 42_0', 0]);
  expect(await asked('stop', [2, 3])).toEqual([[2, 3], 'scancel 42_1 42_2', 0]);
  expect(await asked('first', [3])).toEqual([[3], 'scontrol update JobId=42_1 Nice=100', 1]);
});

test('what does not begin for more than its turn has the reason that Slurm gives', async () => {
  cluster({
    squeue: `echo "7|0|PENDING|Resources"; echo "7|1|PENDING|JobHeldUser"; echo "7|2|RUNNING|None"
echo "7|3|PENDING|Job's account not known, so it can't use this partition (closed allows rich)"; echo "7|4|CANCELLED|JobHeldUser"
printf '7|5|PENDING|\\e]0;x\\a\\n7|6|PENDING|%0300d\\n' 0`,
  });
  expect((await queuedTasks(['a'])).map(({ index, heldBack }) => [index, heldBack])).toEqual([
    [0, null],
    [1, 'JobHeldUser'],
    [2, null],
    [3, "Job's account not known, so it can't use this partition (closed allows rich)"],
    [4, null],
    [5, '?]0;x?'],
    [6, '0'.repeat(200)],
  ]);
});

test('Slurm that is not there, or says something else, is named', async () => {
  process.env.PATH = join(root, 'nowhere');
  await expect(queuedTasks(['a'])).rejects.toMatchObject({ reason: 'not_installed' });
  process.env.PATH = PATH;
  cluster({
    scontrol:
      'echo "PartitionName=day Default=YES MaxTime=1-00:00:00 State=UP"; echo "PartitionName=gpu Default=NO MaxTime=10"',
    sbatch: ':',
  });
  await expect(mostArrayTasks()).rejects.toMatchObject({ reason: 'odd_answer' });
  const asked = (partition: string | null, time: string) => requireAcceptable({ ...noSlurmSettings, partition, time });
  for (const time of ['20:00:00', '24:00:00', '1-0']) await asked(null, time);
  await asked('gpu,day', '11');
  await expect(asked('gpu', '11')).rejects.toMatchObject({ reason: 'time_limit' });
  for (const time of ['24:00:01', '2-0'])
    await expect(asked(null, time)).rejects.toMatchObject({ reason: 'time_limit' });
});

test('a task passes by what is merged, and fails a trial whose process dies twice', async () => {
  const folder = sweep();
  const { number } = folder.intend([[0, 1]]);
  const job = folder.jobFileOf(1);
  mkdirSync(folder.jobOf(1), { recursive: true });
  writeFileSync(
    job,
    JSON.stringify({
      version: 1,
      trial: 1,
      recipe: emptyRecipe,
      words: [],
      dataFiles: {},
      seed: 1,
      backend: 'cpu',
      previews: false,
    }),
  );
  const starts = join(root, 'starts');
  const program = ['/bin/bash', '-c', `echo "$@" >> '${starts.replace("'", "'\\''")}'; kill -9 $$`, 'aedsl'] as const;
  const said: string[] = [];
  const never = new AbortController().signal;
  const options = { submission: number, index: 0, task: '9_0', program, timeLimit: never, end: never };
  expect(await runTask(folder, { ...options, say: (text) => said.push(text) })).toBe('done');
  expect(readFileSync(starts, 'utf8').split('\n').slice(0, -1)).toEqual(
    Array(2).fill(`work ${job} --spool --submission ${number}`),
  );
  expect(said).toEqual(Array(2).fill('trial 1: its process was ended by SIGKILL'));
  const spool = readFileSync(join(folder.jobOf(1), 'attempt-0001/messages.jsonl'), 'utf8');
  expect(spool).toContain('"reason":"its process died 2 times; the log of task 9_0 says more"');
  // A spool that is none ends its trial, and not the task.
  writeFileSync(join(folder.jobOf(1), 'attempt-0001/messages.jsonl'), 'no start\n');
  expect(await runTask(folder, { ...options, say: (text) => said.push(text) })).toBe('done');
  expect(said).toHaveLength(2);
  await expect(runTask(folder, { ...options, index: 4, say: () => {} })).rejects.toThrow('has no task 4');
});

const emptyRecipe = {
  sources: [{ path: 'a.ae', text: '' }],
  experiment: null,
  params: [],
  data: null,
  epochs: null,
  maxSteps: null,
  files: {},
};
