import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallExperiment, table } from '../compare/diff/scripted-history.js';
import { lines, program, type Workplace, workplace } from './command.js';

let place: Workplace;
beforeAll(() => {
  place = workplace('one');
  // Each check would train those that aren't asked about, too.
  for (const name of readdirSync(join(place.folder, 'experiments'))) {
    if (name.endsWith('.lock')) rmSync(join(place.folder, 'experiments', name));
  }
  mkdirSync(join(place.folder, 'experiments', 'data'), { recursive: true });
  write('experiments/small.ae', smallExperiment);
  write('experiments/data/table.csv', table('0.5'));
  git('init', '--quiet', '--initial-branch=main');
  expect(place.aedsl('lock', 'small', '--backend', 'cpu', '--seeds', '2', '--no-store')).toMatchObject({
    status: 0,
    stdout: 'experiments/small.ae.lock (new)\n',
  });
  write('.gitignore', 'bin\ncache\nresults.db*\n');
  git('add', '--all');
  git('commit', '--quiet', '--message=first');
  // `npx aedsl` as the documentation has it.
  mkdirSync(join(place.folder, 'bin'));
  write('bin/npx', `#!/bin/sh\nshift\nexec "${process.execPath}" "${program}" "$@"\n`);
  chmodSync(join(place.folder, 'bin/npx'), 0o755);
});
afterAll(() => place.leave());

function write(path: string, text: string): void {
  writeFileSync(join(place.folder, path), text);
}

function read(path: string): string {
  return readFileSync(join(place.folder, path), 'utf8');
}

function git(...args: readonly string[]): string {
  const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', ['-C', place.folder, ...identity, ...args], { encoding: 'utf8', stdio: 'pipe' });
}

/** With the folder's `npx` before the system's. */
const environment = () => ({
  ...process.env,
  PATH: `${join(place.folder, 'bin')}${delimiter}${process.env.PATH ?? ''}`,
});
const documentation = readFileSync('docs/lock.md', 'utf8');

describe('the examples of the documentation', () => {
  it('run in CI: the quick check, and the comment on a pull request', () => {
    const commands = [...documentation.matchAll(/^ +- run: (npx aedsl .*)$/gm)].map(([, command = '']) => command);
    expect(commands).toHaveLength(2);
    git('update-ref', 'refs/remotes/origin/main', 'HEAD');
    for (const command of commands) {
      const done = spawnSync('sh', ['-c', command], { cwd: place.folder, env: environment(), encoding: 'utf8' });
      expect(done.stderr).not.toContain('aedsl:');
      expect(done.status).toBe(0);
    }
    expect(read('results.md')).toContain('No experiment changed.');
  });

  it('stop a commit whose results are not those that are locked', () => {
    const [, hook = ''] = /```sh\n(#!\/bin\/sh\n[^`]*)```/.exec(documentation) ?? [];
    write('.git/hooks/pre-commit', hook);
    chmodSync(join(place.folder, '.git/hooks/pre-commit'), 0o755);
    const commit = () =>
      spawnSync(
        'git',
        ['-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '--allow-empty', '--message=x'],
        { cwd: place.folder, env: environment(), encoding: 'utf8' },
      );
    expect(commit().status).toBe(0);
    write('experiments/small.ae', smallExperiment.replace('dense(2)', 'dense(3)'));
    const refused = commit();
    expect(refused.status).not.toBe(0);
    expect(refused.stdout + refused.stderr).toContain('it is not the locked experiment');
    write('experiments/small.ae', smallExperiment);
  });
});

describe('exit codes, with nothing written', () => {
  it('of lock', () => {
    expect(place.aedsl('lock', '--quick').status).toBe(2);
    const lock = read('experiments/small.ae.lock');
    write('experiments/small.ae.lock', lock.replace('seeds = 1 2', 'seeds = 1 3'));
    const altered = place.aedsl('lock', '--check');
    expect(altered.status).toBe(4);
    expect(altered.stderr).toContain('edited by hand');
    expect(place.aedsl('diff').status).toBe(4);
    write('experiments/small.ae.lock', '\0\x01not text');
    const damaged = place.aedsl('lock', '--check');
    expect(damaged.status).toBe(4);
    expect(damaged.stderr).toContain('this is not a lock file');
    write('experiments/small.ae.lock', lock);
    write('experiments/small.ae', smallExperiment.replace('dense(2)', 'dens(2)'));
    const broken = place.aedsl('lock', 'small');
    expect(broken.status).toBe(3);
    expect(broken.stderr).toContain("did you mean 'dense'?");
    expect(place.aedsl('diff', 'HEAD', 'small').status).toBe(3);
    expect(read('experiments/small.ae.lock')).toBe(lock);
    write('experiments/small.ae', smallExperiment);
  });

  it('of a check where the data of one experiment cannot be had: the others are checked', () => {
    cpSync('experiments/denoising.ae.lock', join(place.folder, 'experiments/denoising.ae.lock'));
    write('train-images-idx3-ubyte', 'not what was published');
    const given = { AEDSL_DATA: place.folder };
    const checked = place.aedslWith(given, 'lock', 'denoising', 'small', '--check', '--quick');
    rmSync(join(place.folder, 'experiments/denoising.ae.lock'));
    rmSync(join(place.folder, 'train-images-idx3-ubyte'));
    expect(checked.status).toBe(4);
    expect(checked.stdout).toMatch(/^denoising \(experiments\/denoising\.ae\): not checked: .*train-images/);
    expect(checked.stdout).toMatch(/^small: \d numbers and hashes as locked$/m);
  });

  it('of a check whose experiment, or whose lock, is gone', () => {
    const [experiment, lock] = ['experiments/small.ae', 'experiments/small.ae.lock'];
    const text = read(lock);
    git('mv', experiment, 'experiments/renamed.ae');
    const checked = place.aedsl('lock', '--check', '--quick');
    expect(checked.status).toBe(1);
    expect(checked.stdout).toMatch(/^experiments\/small\.ae\.lock: its experiment is gone\n {2}restore experiments/);
    git('mv', 'experiments/renamed.ae', experiment);
    rmSync(join(place.folder, lock));
    const unlocked = place.aedsl('lock', '--check', '--quick', '--json');
    expect(unlocked.status).toBe(1);
    expect(lines(unlocked.stdout)[0]).toMatchObject({
      event: 'checked',
      file: experiment,
      title: 'small',
      moved: [],
      gone: `${lock} is gone`,
    });
    write(lock, text);
    write('experiments/other.ae.lock', text);
    const both = place.aedsl('lock', '--check', '--quick');
    const named = place.aedsl('lock', 'small', '--check', '--quick');
    rmSync(join(place.folder, 'experiments/other.ae.lock'));
    expect(both.status).toBe(1);
    expect(both.stdout).toMatch(/other\.ae\.lock: its experiment is gone$/m);
    expect(both.stdout).toMatch(/^small: \d numbers and hashes as locked$/m);
    expect(named.status).toBe(0);
    expect(named.stdout).toMatch(/^small: \d numbers and hashes as locked\n$/);
  });

  it('of diff, log and bisect', () => {
    expect(place.aedsl('diff').status).toBe(0);
    expect(place.aedsl('diff', 'no-such-branch').status).toBe(2);
    expect(place.aedsl('diff', 'r1', 'r2').status).toBe(4);
    expect(place.aedsl('diff', '--json', '--md').status).toBe(2);
    expect(place.aedsl('log', 'small', 'no.metric').status).toBe(2);
    expect(place.aedsl('bisect', 'small', 'test.loss < 1', 'HEAD').status).toBe(2);
    expect(git('status', '--porcelain')).toBe('?? results.md\n');
  });

  it('of a gate: 1 where a change is too much', () => {
    write('experiments/small.ae', smallExperiment.replace('epochs = 2', 'epochs = 1'));
    const unknown = place.aedsl('diff', 'HEAD', 'small', '--fail-on', 'test.loss>+1%');
    expect(unknown.status).toBe(1);
    expect(unknown.stderr).toContain('its new results are unknown');
    expect(place.aedsl('lock', 'small', '--backend', 'cpu', '--no-store').status).toBe(0);
    expect(place.aedsl('diff', 'HEAD', 'small', '--fail-on', 'test.loss>+0%').status).toBe(1);
    const [experiment, counted] = lines(place.aedsl('diff', 'HEAD', 'small', '--json').stdout);
    expect(experiment).toMatchObject({ event: 'experiment', experiment: 'small', status: 'changed' });
    expect(counted).toMatchObject({ event: 'compared', changed: 1, same: 0 });
    const csv = place.aedsl('diff', 'HEAD', 'small', '--csv').stdout.split('\n');
    expect(csv[0]).toBe(
      'experiment,params,metric,of,seeds,old,new,difference,low,high,relative,p,adjusted_p,confidence,permutation_p,significant',
    );
    expect(csv[1]).toMatch(/^small,,test\.loss,last,2,/);
    rmSync(join(place.folder, 'experiments/small.ae.lock'));
    const unlocked = place.aedsl('diff', 'HEAD', '--fail-on', 'test.loss>+1000%');
    expect(unlocked).toMatchObject({ status: 1 });
    expect(unlocked.stderr).toContain('small: it changed, and its new results are unknown');
    rmSync(join(place.folder, 'experiments/small.ae'));
    const gone = place.aedsl('diff', 'HEAD', '--fail-on', 'test.loss>+1000%');
    expect(gone).toMatchObject({ status: 1 });
    expect(gone.stderr).toContain('small: the experiment is gone');
  });
});
