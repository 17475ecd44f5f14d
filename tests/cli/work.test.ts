import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lines, program, type Workplace, workplace } from './command.js';

let place: Workplace;
beforeAll(() => {
  place = workplace();
});
afterAll(() => place.leave());

const aedsl = `'${process.execPath}' '${program}'`;
const sweep = ['sweep', 'experiments/first.ae', '--data', 'digits(take=128, test=16)', '--max-steps', '2'];

it('a sweep trains by a command, which reads a job and writes messages', { timeout: 120_000 }, () => {
  // The script keeps the job, and asks the trial to halt before it began.
  writeFileSync(
    join(place.folder, 'keep.sh'),
    `cp "$(dirname "$1")"/job.json kept.json\n${aedsl} work "$1" 2>>stderr.txt\n`,
  );
  const on = ['--on', 'command:sh keep.sh {job}', '--jobs', '5', '--json'];
  const { status, stdout, stderr } = place.aedsl(...sweep, '--seeds', '1', ...on);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const events = lines(stdout);
  expect(events[0]).toMatchObject({ event: 'started', jobs: 1, threads: expect.any(Number) });
  expect(events.at(-1)).toMatchObject({ event: 'ended', counts: { complete: 1 } });
  expect(readFileSync(join(place.folder, 'stderr.txt'), 'utf8')).toBe('');
  expect(existsSync(join(place.folder, 'results.db.jobs'))).toBe(false);
  const { environment } = JSON.parse(place.aedsl('show', 'last', '--json').stdout);
  expect(environment).toMatchObject({ node: process.version, commandLine: ['aedsl', ...sweep, '--seeds', '1', ...on] });
  const halted = spawnSync(process.execPath, [program, 'work', 'kept.json'], {
    cwd: place.folder,
    encoding: 'utf8',
    input: '{"type":"halt"}\n',
  });
  expect(halted.status).toBe(0);
  expect(lines(halted.stdout).at(-1)).toMatchObject({ type: 'ended', end: { status: 'interrupted' } });
});

it('a run trains by a command too, and goes on by one, with the bits of one in this process', {
  timeout: 120_000,
}, () => {
  const run = ['run', 'experiments/first.ae', '--data', 'digits(take=128, test=16)', '--epochs', '2'];
  writeFileSync(
    join(place.folder, 'halts.sh'),
    `echo "$AEDSL_DATA" >>folders.txt\ntest -e halted && exec ${aedsl} work "$1"\ntouch halted; kill -INT $PPID; exec ${aedsl} work "$1"\n`,
  );
  const on = ['--on', 'command:exec sh halts.sh {job}'];
  const halted = place.aedsl(...run, ...on, '--checkpoint-every', '1epochs');
  expect([halted.status, halted.stderr]).toEqual([130, expect.stringContaining('finishing the step')]);
  const resumed = place.aedsl('resume', ...on, '--data-folder', 'experiments');
  expect([resumed.status, resumed.stdout]).toEqual([0, expect.stringMatching(/complete in .* · weights/)]);
  expect(readFileSync(join(place.folder, 'folders.txt'), 'utf8').split('\n')[1]).toBe(
    join(place.folder, 'experiments'),
  );
  const { weightsSha256 } = JSON.parse(place.aedsl('show', 'last', '--json').stdout);
  const elsewhere = place.aedsl(...run, ...on, '--no-store', '--out', 'drawn');
  const here = place.aedsl(...run, '--no-store');
  const last = ({ stdout }: { stdout: string }) => stdout.trimEnd().split('\n').at(-1);
  expect([weightsSha256, last(elsewhere)]).toEqual([last(here), last(here)]);
  expect(existsSync(join(place.folder, 'drawn/loss_curves.png'))).toBe(true);

  const failed = place.aedsl(...run, '--seed', '9', '--on', 'command:echo hi');
  expect([failed.status, failed.stderr]).toEqual([1, expect.stringMatching(/^aedsl: the trial failed: .*not JSON$/m)]);
});

it('gc removes what is left of jobs, and nothing else', () => {
  const jobs = join(place.folder, 'results.db.jobs');
  for (const name of ['aedsl-trial-0-elsewhere-1-abcdef', 'mine']) {
    mkdirSync(join(jobs, name), { recursive: true });
    writeFileSync(join(jobs, name, 'job.json'), '12345');
  }
  const found = JSON.parse(place.aedsl('gc', '--dry-run', '--json').stdout);
  expect(found.bytes).toBeGreaterThanOrEqual(5);
  expect(readdirSync(jobs)).toHaveLength(2);
  const { files, bytes } = JSON.parse(place.aedsl('gc', '--json').stdout);
  expect([files, bytes]).toEqual([found.files, found.bytes]);
  expect(readdirSync(jobs)).toEqual(['mine']);
  rmSync(join(jobs, 'mine'), { recursive: true });
  expect(place.aedsl('gc').status).toBe(0);
  expect(existsSync(jobs)).toBe(false);
});

it.each([
  [
    'a place that is none',
    [...sweep, '--on', 'clouds'],
    /^aedsl: trials cannot train on 'clouds'\n {2}cores, slurm, ssh:login.example.org, or a command/,
  ],
  ['no command', [...sweep, '--on', 'command: '], /cannot train on/],
  ['a job that isn’t there', ['work', 'none.json'], /no such file or folder/],
])('refuses %s', (_what, args, message) => {
  const { status, stdout, stderr } = place.aedsl(...args);
  expect(stderr).toMatch(message);
  expect(stdout).toBe('');
  expect([2, 4]).toContain(status);
});
