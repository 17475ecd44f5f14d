// A sweep of 24 trials of digits, in two places that must agree: on this machine, and where it is submitted from.
import { strict as assert } from 'node:assert';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const program = resolve(import.meta.dirname, '../../dist/src/cli/main.js');

const experiment = `experiment small {
  param units = 8
  data digits(take=240, validation=40, test=40) { center_crop(12) }
  encoder { code: dense(units, activation=sigmoid) }
  decoder { dense(input.size, activation=sigmoid) }
  loss mse()
  train adam(lr=0.01) { epochs = 80  batch = 5 }
}
`;

export const plan = ['sweep', 'small.ae', 'units=[4,6,8]', '--seeds', '8', '--checkpoint-every', '2epochs'];

/** A project with the experiment. */
export function place(root, name) {
  const folder = join(root, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{}');
  writeFileSync(join(folder, 'small.ae'), experiment);
  const aedsl = (args, env = {}) =>
    spawnSync(process.execPath, [program, ...args], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, CI: '1', NO_COLOR: '1', AEDSL_DB: '', ...env },
      timeout: 180_000,
    });
  return { folder, aedsl };
}

/** Starts a sweep on this machine. @returns its exit code, once it has ended */
export function sweptHere({ folder }, command = plan) {
  const child = spawn(process.execPath, [program, ...command, '--reporter', 'silent', '--jobs', '1'], {
    cwd: folder,
    stdio: 'inherit',
  });
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  return new Promise((done) =>
    child.once('exit', (status) => {
      process.off('exit', end);
      done(status);
    }),
  );
}

export function ok({ status, stdout, stderr }, wanted = 0) {
  assert.equal(status, wanted, `${stdout}${stderr}`);
  return stdout;
}

export const rows = (text) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

export const text = (path) => readFileSync(path, 'utf8');

/** Two `sync` at one time, which may merge no trial twice. @returns what each said, with its exit code */
export async function twoSyncs({ folder }) {
  const both = [0, 1].map(() => {
    const child = spawn(process.execPath, [program, 'sync', 's1', '--json'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (bytes) => (said += bytes));
    return new Promise((done) => child.once('close', (status) => done({ status, said })));
  });
  const ended = await Promise.all(both);
  const synced = ended.map(({ status, said }) => {
    assert.ok(status === 0 || status === 1, said);
    return { status, ...JSON.parse(said) };
  });
  const merged = synced.flatMap((each) => each.merged);
  assert.equal(new Set(merged).size, merged.length, 'two syncs at once merge each trial once');
  return synced;
}

/** Every trial, hash and number of the two sweeps. */
export function requireEqual(here, there, { trials = 24, lines = 1000 } = {}) {
  const trialsOf = ({ aedsl }) =>
    rows(ok(aedsl(['ls', 's1', '--json']))).map(({ trial, runId, state, trialId, weightsSha256, value, metrics }) => ({
      trial,
      runId,
      state,
      trialId,
      weightsSha256,
      value,
      metrics,
    }));
  const [ours, theirs] = [trialsOf(here), trialsOf(there)];
  assert.equal(ours.length, trials);
  assert.deepEqual(theirs, ours);
  for (const rows of ['epochs', 'steps']) {
    const file = `${rows}.csv`;
    for (const { aedsl } of [here, there]) ok(aedsl(['export', 's1', '--as', 'csv', '--rows', rows, '-o', file]));
    const [one, other] = [here, there].map(({ folder }) => text(join(folder, file)));
    assert.ok(one === other && one.split('\n').length > lines, `other ${rows}`);
  }
}
