// Trains 24 trials on the cores of another host: the connection is cut while aedsl and the jobs are copied and while results
// come back, the submitter is killed, and so are trials and what starts them. Nothing may be lost or come twice, and every
// hash is that of the sweep on this machine.
import { strict as assert } from 'node:assert';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ok, place, plan, program, requireEqual, rows, sweptHere, text, twoSyncs } from '../slurm/sweep-of-24.mjs';

const [root = ''] = process.argv.slice(2);
const began = performance.now();
const say = (said) => console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s  ${said}`);

const here = place(root, 'here');
const there = place(root, 'there');
const base = join(root, "far it's");
const on = (host, folder = base) => [...plan, '--on', `ssh:${host}`, '--scheduler', 'cores', '--host-folder', folder];
const resume = ['resume', '--checkpoint-every', '2epochs'];
const onHost = [...on('here'), '--limit', '2'];

// Bad input first: nothing may be planned, and nobody may be asked for a password.
const bin = (name, scripts) => {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const [program, script] of Object.entries(scripts))
    writeFileSync(join(folder, program), script, { mode: 0o755 });
  return folder;
};
const sh = '#!/bin/sh\n';
const tools = ['mkdir', 'uname', 'mv', 'rm', 'dd'].map((name) => [name, `${sh}exec /bin/${name} "$@"\n`]);
const old = bin('old', { node: `${sh}echo v18.19.0\n` });
const bare = bin('bare', Object.fromEntries([...tools, ['node', `${sh}echo v22.1.0\n`]]));
const full = join(root, 'full');
const refusals = [
  [on('no-such-host.invalid'), 4, /no-such-host.*\n {2}check the name/],
  [on('stranger'), 4, /Permission denied.*\n {2}nobody is asked for a password/],
  [on('unknownkey'), 4, /Host key verification failed.*\n {2}run `ssh unknownkey` yourself/],
  [on('127.0.0.1:1'), 4, /refused.*\n/],
  [on('-oProxyCommand=touch x'), 2, /is not the name of a host/],
  [on('here', '-rf'), 2, /--host-folder is not the path of a folder/],
  [on('here', '/proc/nowhere'), 4, /here: .*\/proc\/nowhere.*\n {2}name a folder where you may write/],
  [[...on('here'), '--setup', `PATH=${old}:$PATH`], 4, /here \(.*\) has Node v18.19.0: aedsl needs Node 20.19/],
  [[...on('here'), '--setup', `PATH=${bare}`], 4, /has no tar and gzip/],
  [[...on('here'), '--setup', 'PATH=/bin/nowhere'], 4, /here/],
  [[...on('here'), '--partition', 'debug'], 4, /has no Slurm for a partition/],
];
if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', bin('full', {})]).status === 0) {
  refusals.push([on('here', full), 4, /[Nn]o space left.*\n {2}make room there/]);
}
try {
  for (const [args, code, said] of refusals) {
    const ended = there.aedsl(args);
    assert.equal(ended.status, code, `${args.join(' ')}: ${ended.stderr}`);
    assert.match(ended.stderr, said);
  }
} finally {
  spawnSync('umount', [full]);
}
assert.equal(existsSync(join(there.folder, 'results.db')), false);
assert.equal(existsSync(base) && readdirSync(join(base, 'programs')).length > 0, false);
say(`${refusals.length} hosts that can't train were refused, each with its reason`);

const localEnd = sweptHere(here);
const cutAt = (number, how) => ({ SSH_CALLS: mkdtempSync(join(root, 'calls-')), SSH_CUT_AT: String(number), ...how });
assert.match(there.aedsl(onHost, cutAt(2, { SSH_CUT_INPUT: '60000' })).stderr, /here/);
assert.equal(existsSync(join(there.folder, 'results.db')), false);
assert.deepEqual(readdirSync(join(base, 'programs')), []);
say('the connection was cut while aedsl was copied: nothing is there');
const cut = there.aedsl(onHost, cutAt(4, { SSH_CUT_INPUT: '12000' }));
assert.equal(cut.status, 4, cut.stderr);
assert.match(cut.stderr, /s1 is planned, and not all of it is submitted: the connection to here ended/);
const [none] = rows(ok(there.aedsl(['sync', '--json']), 1));
assert.equal(none.lost.length, 24);
say('the connection was cut while jobs were copied: all of the plan waits for `resume`');
assert.equal(there.aedsl([...resume, 's1'], cutAt(4, { SSH_KILL: '1' })).signal, 'SIGKILL');
say('the submitter was killed once the host had all');
const sweeps = readdirSync(join(base, 'sweeps'));
assert.equal(sweeps.length, 1);
const far = join(base, 'sweeps', sweeps[0]);

const found = (pattern) =>
  spawnSync('pgrep', ['-f', pattern], { encoding: 'utf8' }).stdout.split('\n').filter(Boolean).map(Number);
const kill = (pid) => {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
    return false;
  }
};
const reading = (path) => {
  try {
    return text(path);
  } catch {
    return '';
  }
};
/** The processes that train trials: children of the one that starts them. */
const jobs = () => {
  const [starter = ''] = reading(join(far, 'cores.pid')).split(' ');
  return starter === ''
    ? []
    : reading(`/proc/${starter}/task/${starter}/children`).split(' ').filter(Boolean).map(Number);
};
while (!existsSync(join(far, 'cores.pid'))) await pause(10);
const trials = new Set();
while (trials.size < 2) {
  assert.ok(existsSync(join(far, 'cores.pid')), 'nothing is left to kill');
  for (const pid of jobs()) {
    const [, trial] = /trials\/(\d+)\/job/.exec(reading(`/proc/${pid}/cmdline`)) ?? [];
    // One whose process dies twice has failed.
    if (trial === undefined || trials.has(trial) || trials.size === 2) continue;
    const spool = reading(join(far, 'trials', trial, 'attempt-0001/messages.jsonl'));
    const taken = (spool.match(/"type":"checkpoint"/g) ?? []).length;
    if (taken > 1 && taken < 35 && kill(pid)) trials.add(trial);
  }
  await pause(10);
}
say('2 trials were killed');
const [again] = rows(ok(there.aedsl(['resume', 's1', '--json'])));
assert.equal(again.event, 'synced');
assert.deepEqual([again.lost, again.running.length + again.waiting.length + again.merged.length], [[], 24]);
assert.equal(readdirSync(join(far, 'submissions')).filter((name) => name.endsWith('.json')).length, 1);
const left = [...found(`host train ${far}`), ...jobs()];
for (const pid of left) kill(pid);
while (left.some((pid) => existsSync(`/proc/${pid}`))) await pause(20);
say('all that trained was killed');
for (const bytes of [1000, 30_000, 100_000]) {
  const { status } = there.aedsl(['sync', 's1'], cutAt(1, { SSH_CUT_OUTPUT: String(bytes) }));
  assert.ok(status === 0 || status === 1);
}
say('3 connections were cut while results came back');
const watched = there.aedsl(['watch', 's1', '--once']);
assert.match(ok(watched), /small/);
const synced = await twoSyncs(there);
const lost = synced[0].lost.map(({ trial }) => trial);
assert.ok(lost.length > 0);
assert.match(synced[0].lost[0].reason, /the process that trains the sweep has ended/);
say(`two syncs merged the rest; ${lost.length} trials are lost`);
// Nobody can be asked about the trials that are lost, and about none once all are there.
const unasked = () => there.aedsl(['sync'], { PATH: '/bin/nowhere' }).status;
assert.equal(unasked(), 1);

ok(there.aedsl([...resume, 's1', '--limit', '2', '--json']));
for (const milliseconds of [400, 900]) {
  const child = spawn(process.execPath, [program, 'sync', 's1'], { cwd: there.folder, stdio: 'ignore' });
  await pause(milliseconds);
  child.kill('SIGKILL');
}
say('2 syncs were killed');
for (;;) {
  const [{ running, waiting, lost: gone }] = rows(ok(there.aedsl(['sync', '--json'])));
  assert.deepEqual(gone, []);
  if (running.length + waiting.length === 0) break;
  await pause(200);
}
assert.equal(rows(ok(there.aedsl(['sync', '--json'])))[0].merged.length, 0);
say('what was lost was submitted again, and is there');

assert.equal(unasked(), 0);
assert.equal(await localEnd, 0);
requireEqual(here, there);
assert.equal(found(`host train ${far}`).length, 0);
say('24 trials, each once, with the hashes and all numbers of the sweep on this machine');
