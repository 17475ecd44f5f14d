import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
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

it.each([
  [
    'a place that is none',
    [...sweep, '--on', 'slurm'],
    /^aedsl: trials cannot train on 'slurm'\n {2}cores, or a command/,
  ],
  ['no command', [...sweep, '--on', 'command: '], /cannot train on/],
  ['a job that isn’t there', ['work', 'none.json'], /no such file or folder/],
])('refuses %s', (_what, args, message) => {
  const { status, stdout, stderr } = place.aedsl(...args);
  expect(stderr).toMatch(message);
  expect(stdout).toBe('');
  expect([2, 4]).toContain(status);
});
