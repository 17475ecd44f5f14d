// Trains 24 trials on Slurm: the submitter is killed right after its first sbatch, tasks are requeued, signalled, killed and
// cancelled, and a spool is cut. Nothing may be lost or come twice, and every hash is that of the sweep on this machine.
import { strict as assert } from 'node:assert';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ok, place, plan, program, requireEqual, rows, sweptHere, text, twoSyncs } from './sweep-of-24.mjs';

const [root = '', seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
/** Numbers in [0, 1) that come again with the seed. */
let state = Number(seed);
const random = () => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
};
const began = performance.now();
const say = (text) => console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s  ${text}`);

const slurm = (name, ...args) => execFileSync(name, args, { encoding: 'utf8', timeout: 60_000 });

const here = place(root, 'here');
const there = place(root, 'there');
const sweepFolder = join(there.folder, 'results.db.slurm/s1');

/** Spools of a trial, oldest first. */
function spools(trial) {
  const folder = join(sweepFolder, 'trials', String(trial));
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.startsWith('attempt-'))
    .sort()
    .map((name) => join(folder, name, 'messages.jsonl'))
    .filter(existsSync);
}

const hasEnded = (trial) =>
  spools(trial).some(
    (path) => /^\{"type":"(ended|failed)".*\n$/m.test(text(path)) && !/"status":"interrupted"/.test(text(path)),
  );
const checkpoints = (trial) => spools(trial).map((path) => (text(path).match(/"type":"checkpoint"/g) ?? []).length);

/** Spools of attempts that were disturbed. */
const disturbed = new Set();

/** Holds the tasks that have not begun: they begin one at a time, so that some are left however fast the machine is. */
function reserve() {
  for (const task of tasksIn('PD')) spawnSync('scontrol', ['hold', task]);
}

/** Lets a held task begin. */
function begin() {
  const [task] = queue().flatMap(([name, reason]) => (/held/i.test(reason) ? name : []));
  assert.ok(task !== undefined, 'nothing is left to disturb');
  release(task);
}

/** Lets a held task begin where no other will. */
function requireWork() {
  if (queue().every(([, reason]) => /held/i.test(reason))) begin();
}

/** Names of the tasks that have not ended, and why they wait. */
const queue = () =>
  slurm('squeue', '-h', '-r', '-o', '%F_%K %r')
    .split('\n')
    .filter(Boolean)
    .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]);

function release(task) {
  spawnSync('scontrol', ['release', task]);
  // A requeued one would wait for two minutes.
  spawnSync('scontrol', ['update', `JobId=${task}`, 'StartTime=now']);
}

/** A running task, and its trial, which is at a third of its training at most. */
async function atCheckpoint() {
  for (;;) {
    requireWork();
    for (const line of tasksIn('R')) {
      for (let trial = 0; trial < 24; trial++) {
        const last = spools(trial).at(-1);
        if (last === undefined || disturbed.has(last) || hasEnded(trial)) continue;
        const [start = ''] = text(last).split('\n');
        const taken = checkpoints(trial).at(-1) ?? 0;
        if (start.includes(`"task":"${line}"`) && taken > 1 && taken < 15) {
          disturbed.add(last);
          return { task: line, trial };
        }
      }
    }
    await pause(50);
  }
}

/** Does something that puts a running task back in the queue, as often as wanted: a task may just have ended. */
async function requeued(wanted, chosen, disturb) {
  for (let done = 0; done < wanted; ) {
    const task = await chosen();
    if (disturb(task) && (await hurried(task))) done++;
  }
}

/** Slurm passes no signal to a task in the instant of its launch, nor to one that has ended. */
function signalled(task) {
  for (let tries = 0; tries < 20; tries++) {
    if (spawnSync('scancel', ['--batch', '--signal=USR2', task]).status === 0) return true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
  return false;
}

const tasksIn = (state) => slurm('squeue', '-h', '-r', '-t', state, '-o', '%F_%K').split('\n').filter(Boolean);

/** A task that runs at a random instant, of whatever it may be doing then. */
async function atRandom() {
  for (;;) {
    requireWork();
    await pause(random() * 500);
    const tasks = tasksIn('R');
    if (tasks.length > 0) return tasks[Math.floor(random() * tasks.length)];
  }
}

/** Tells a task that its time ends once its script can hear, which is before its program can. @returns the task */
async function toldAtItsStart() {
  const scripts = () =>
    spawnSync('pgrep', ['-f', 'slurm_script'], { encoding: 'utf8' }).stdout.split('\n').filter(Boolean);
  const before = new Set(scripts());
  const isHeard = (pid) => (BigInt(`0x${/^SigCgt:\s*(\w+)$/m.exec(text(`/proc/${pid}/status`))[1]}`) >> 11n) & 1n;
  begin();
  for (;;) {
    const begun = scripts().find((pid) => !before.has(pid));
    try {
      if (begun !== undefined && isHeard(begun) === 1n) {
        const environment = text(`/proc/${begun}/environ`).split('\0');
        const of = (name) => environment.find((entry) => entry.startsWith(`${name}=`)).slice(name.length + 1);
        process.kill(Number(begun), 'SIGUSR2');
        return `${of('SLURM_ARRAY_JOB_ID')}_${of('SLURM_ARRAY_TASK_ID')}`;
      }
    } catch (error) {
      // It was requeued, or ended, meanwhile.
      if (error.code !== 'ENOENT' && error.code !== 'ESRCH') throw error;
      before.add(begun);
      begin();
    }
    await pause(5);
  }
}

/** A requeued task begins two minutes later, unless it is told otherwise. */
async function hurried(task) {
  for (;;) {
    const state = slurm('squeue', '-h', '-r', '-t', 'all', '-j', task, '-o', '%T').trim();
    assert.notEqual(state, 'FAILED');
    if (state === 'COMPLETED') return false;
    if (state === 'PENDING') {
      slurm('scontrol', 'update', `JobId=${task}`, 'StartTime=now');
      return true;
    }
    await pause(50);
  }
}

async function untilIdle() {
  while (queue().length > 0) await pause(200);
}

say(`random instants of seed ${seed}`);
// Bad input first: nothing may be planned.
ok(there.aedsl([...plan, '--on', 'slurm', '--partition', 'nosuch']), 4);
ok(there.aedsl([...plan, '--on', 'slurm', '--partition', 'short', '--time', '30:00']), 4);
ok(there.aedsl([...plan, '--on', 'slurm', '--cpus', '64']), 4);
ok(there.aedsl([...plan, '--on', 'slurm', '--time', 'soon']), 2);
ok(there.aedsl([...plan, '--on', 'slurm'], { PATH: '/nowhere' }), 4);
assert.equal(existsSync(join(there.folder, 'results.db')), false);
say('what Slurm refuses is refused before anything is planned');

const localEnd = sweptHere(here);

const tools = join(root, 'tools');
mkdirSync(tools);
copyFileSync(join(import.meta.dirname, 'sbatch-once'), join(tools, 'sbatch'));
chmodSync(join(tools, 'sbatch'), 0o755);
const onSlurm = [...plan, '--on', 'slurm', '--per-task', '2', '--partition', 'debug'];
const killed = there.aedsl(onSlurm, { PATH: `${tools}:${process.env.PATH}`, SBATCH_ONCE: join(root, 'once') });
assert.equal(killed.signal, 'SIGKILL');
assert.equal(existsSync(join(sweepFolder, 'submissions/0002.json')), false);
const [first] = rows(ok(there.aedsl(['resume', 's1', '--checkpoint-every', '2epochs', '--json'])));
assert.equal(first.trials, 14, 'five tasks of two trials were there already');
assert.equal(first.tasks, 7);
reserve();
say('the submitter was killed after its first sbatch, and what it had not submitted is');
assert.deepEqual(rows(ok(there.aedsl(['sync', '--json'])))[0].lost, []);

// Slurm refuses it for a task that has just ended.
const put = (task) => spawnSync('scontrol', ['requeue', task]).status === 0;
await requeued(6, atRandom, put);
say('6 tasks were requeued at random instants');
await requeued(1, toldAtItsStart, () => true);
say('a task was told in its first instants that its time ends');
await requeued(2, async () => (await atCheckpoint()).task, signalled);
say('2 tasks were told so while they trained');
// A trial whose process dies twice in a task fails, so they are of two trials.
const killedTrials = new Set();
while (killedTrials.size < 2) {
  const { trial } = await atCheckpoint();
  if (killedTrials.has(trial)) continue;
  const job = join(sweepFolder, 'trials', String(trial), 'job.json');
  // A trial may just have ended.
  if (spawnSync('pkill', ['-KILL', '-f', `work ${job} `]).status === 0) killedTrials.add(trial);
}
say('2 processes were killed');
ok(there.aedsl(['queue', 'hold', 's1']));
while (tasksIn('PD').length < queue().length || queue().some(([, reason]) => !/held/i.test(reason))) await pause(50);
ok(there.aedsl(['queue', 'release', 's1']));
assert.ok(queue().every(([, reason]) => !/held/i.test(reason)));
reserve();
say('all of it was held, and released');
const cancelled = await atCheckpoint();
slurm('scancel', cancelled.task);
say(`task ${cancelled.task} was cancelled`);
for (const task of tasksIn('PD')) release(task);
/** A trial whose task is over: another one would train it again. */
const left = () => [...Array(24).keys()].findLast((trial) => trial % 2 === 0 && hasEnded(trial) && hasEnded(trial + 1));
while (left() === undefined) await pause(50);
const cut = left();
const spool = spools(cut).at(-1);
truncateSync(spool, readFileSync(spool).length - 20);
say('a spool was cut within a line');

await untilIdle();
for (const milliseconds of [500, 800, 1100]) {
  const child = spawn(process.execPath, [program, 'sync', 's1'], { cwd: there.folder, stdio: 'ignore' });
  await pause(milliseconds);
  child.kill('SIGKILL');
}
say('3 syncs were killed while they merged');
const synced = await twoSyncs(there);
const lost = synced[0].lost.map(({ trial }) => trial);
assert.ok(lost.includes(cancelled.trial) && lost.includes(cut), JSON.stringify(synced));
assert.deepEqual(
  synced.map(({ status }) => status),
  [1, 1],
);
say(`two syncs merged ${synced.flatMap(({ merged }) => merged).length} trials; ${lost.length} are lost`);

const [again] = rows(ok(there.aedsl(['resume', 's1', '--checkpoint-every', '2epochs', '--json'])));
assert.equal(again.trials, lost.length);
await untilIdle();
assert.equal(rows(ok(there.aedsl(['sync', '--json'])))[0].merged.length, lost.length);
assert.equal(rows(ok(there.aedsl(['sync', '--json'])))[0].merged.length, 0);
assert.match(ok(there.aedsl(['resume', 's1'])), /24 complete/);
say('what was lost was submitted again, and is there');

assert.equal(await localEnd, 0);
requireEqual(here, there);
assert.deepEqual(readdirSync(join(sweepFolder, 'trials')), []);
if (process.env.BY_SSH === undefined) say('no sshd: not tested from another host');
else {
  const laptop = place(root, 'laptop');
  const login = ['--on', `ssh:${process.env.BY_SSH}`, '--host-folder', join(root, 'login'), '--per-task', '2'];
  const submit = [
    'sweep',
    'small.ae',
    'units=[4]',
    '--seeds',
    '3',
    ...login,
    '--setup',
    `export SLURM_CONF=${process.env.SLURM_CONF}`,
  ];
  assert.match(laptop.aedsl([...submit, '--partition', 'nosuch']).stderr, /here: sbatch refuses: .*partition/);
  const [sent] = rows(ok(laptop.aedsl([...submit, '--json'])));
  assert.deepEqual([sent.trials, sent.tasks, sent.on], [3, 2, { host: 'here', scheduler: 'slurm' }]);
  await untilIdle();
  // The setup lines were typed, which is consent.
  assert.deepEqual(rows(ok(laptop.aedsl(['sync', '--json'])))[0].merged, [0, 1, 2]);
  const weights = ({ aedsl }) => rows(ok(aedsl(['ls', 's1', '--json']))).map(({ weightsSha256 }) => weightsSha256);
  assert.deepEqual(weights(laptop), weights(here).slice(0, 3));
  say('3 trials by this Slurm from another host, with the same hashes');
}
say('24 trials, each once, with the hashes and all numbers of the sweep on this machine');
