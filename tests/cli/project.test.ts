import { spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { experimentText } from '../compiler/compiled.js';
import type { Finished } from './command.js';
import { CommandProcess } from './command-process.js';

let root = '';
const commands = new CommandProcess();
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-place-')));
  mkdirSync(join(root, 'project/experiments'), { recursive: true });
  mkdirSync(join(root, 'project/src/deep'), { recursive: true });
  writeFileSync(join(root, 'project/package.json'), '{}');
  writeFileSync(
    join(root, 'project/experiments/small.ae'),
    experimentText('data digits(take=60, test=20)').replace('experiment example', 'experiment small'),
  );
});
afterAll(() => {
  commands.close();
  rmSync(root, { recursive: true, force: true });
});

function aedsl(folder: string, env: Readonly<Record<string, string>>, ...args: readonly string[]): Finished {
  const environment = { ...process.env, CI: '1', NO_COLOR: '1', AEDSL_DATA: '', AEDSL_DB: '', ...env };
  return commands.run(args, { cwd: join(root, folder), env: environment });
}

it('a run in a sub-folder goes to the results of the project, and all commands find it', () => {
  const run = aedsl('project/src/deep', {}, 'run', '../../experiments/small.ae', '--max-steps', '2');
  expect([run.status, existsSync(join(root, 'project/results.db'))]).toEqual([0, true]);
  expect(readdirSync(join(root, 'project/src/deep'))).toEqual([]);
  for (const folder of ['project', 'project/experiments', 'project/src/deep']) {
    expect(aedsl(folder, {}, 'show', 'r1').stdout).toContain('small');
  }
  for (const word of ['small', '../experiments/small.ae']) {
    expect(aedsl('project/src', {}, 'show', word).stdout).toMatch(/^r1\b/);
  }
  const elsewhere = aedsl('.', {}, 'ls');
  expect(elsewhere.status).toBe(4);
  expect(elsewhere.stderr).toContain('AEDSL_DB');
  expect(aedsl('.', { AEDSL_DB: 'project/results.db' }, 'ls').stdout).toContain('r1');
  expect(aedsl('project', { AEDSL_DB: 'nowhere.db' }, 'ls').stderr).toContain('nowhere.db');
  expect(aedsl('project', { AEDSL_DB: 'nowhere.db' }, 'ls', '--db', 'results.db').stdout).toContain('r1');
});

it('doctor says which project and database are used, and why', () => {
  const facts = (env: Readonly<Record<string, string>>, ...args: readonly string[]) => {
    const { stdout } = aedsl('project/src', env, 'doctor', '--json', ...args);
    const collector: readonly { what: string; detail: string }[] = JSON.parse(stdout);
    const detail = (name: string) => collector.find(({ what }) => what === name)?.detail;
    return [detail('project'), detail('results')];
  };
  const project = join(root, 'project');
  const [where, results] = facts({});
  expect(where).toBe(`${project} (it has a package.json)`);
  expect(results).toBe(`${join(project, 'results.db')}; the project is ${where}`);
  expect(facts({ AEDSL_DB: '/x/y.db' })[1]).toBe('/x/y.db, created by the first run; AEDSL_DB names it');
  expect(facts({ AEDSL_DB: '/x/y.db' }, '--db', 'z.db')[1]).toMatch(/src\/z\.db, created .*; --db names it$/);
});

it('experiments have the same names in every command and folder, and a mistake is told the same way', () => {
  const write = (path: string, name: string) =>
    writeFileSync(
      join(root, 'project', path),
      experimentText('data digits(take=60, test=20)').replace('experiment example', `experiment ${name}`),
    );
  write('experiments/other_file.ae', 'other');
  write('elsewhere.ae', 'far');
  for (const folder of ['project', 'project/experiments', 'project/src/deep']) {
    for (const word of ['other', 'other_file', 'far', 'experiments/other_file.ae', 'elsewhere']) {
      const { status, stderr } = aedsl(folder, {}, 'check', word);
      expect([folder, word, status, stderr]).toEqual([folder, word, 0, '']);
    }
    const [check, lock, log, run] = ['check', 'lock', 'log', 'run'].map((command) =>
      aedsl(folder, {}, command, 'othr'),
    );
    expect(check?.stderr).toMatch(/there is no file and no experiment 'othr'\n {2}did you mean 'other'\?/);
    expect([lock?.stderr, run?.stderr]).toEqual([check?.stderr, check?.stderr]);
    // Without a repository there is no log at all.
    expect(log?.stderr).toContain('not in a git repository');
  }
});

it('of several files with one name that of the current folder is meant, and none of another repository', () => {
  const text = experimentText('data digits(take=60, test=20)').replace('experiment example', 'experiment twice');
  for (const folder of ['two/a', 'two/b', 'two/clone/.git', 'two/clone']) {
    mkdirSync(join(root, folder), { recursive: true });
    if (!folder.endsWith('.git')) writeFileSync(join(root, folder, 'twice.ae'), text);
  }
  writeFileSync(join(root, 'two/package.json'), '{}');
  expect(aedsl('two', {}, 'check', 'twice').stderr).toMatch(
    /several files have an experiment 'twice'\n {2}name one of them: a\/twice\.ae:twice, b\/twice\.ae:twice\n/,
  );
  expect(aedsl('two/b', {}, 'check', 'twice').status).toBe(0);
});

it('log, lock and diff are about the repository of the file that is named', () => {
  const git = (...args: readonly string[]) =>
    spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: join(root, 'project') });
  git('init', '-q');
  git('add', 'experiments');
  git('commit', '-qm', 'first');
  const file = join(root, 'project/experiments/small.ae');
  mkdirSync(join(root, 'outside'));
  expect(aedsl('outside', {}, 'diff', file).stdout).toContain('small');
  expect(aedsl('outside', {}, 'log', file).stderr).toContain("no commit has results of 'small'");
  const locked = aedsl('outside', {}, 'lock', file, '--seeds', '1', '--no-store', '--backend', 'cpu');
  expect([locked.status, existsSync(`${file}.lock`)]).toEqual([0, true]);
});

it('an experiment that is in no commit is said to be so', () => {
  const text = experimentText('data digits(take=60, test=20)').replace('experiment example', 'experiment fresh');
  writeFileSync(join(root, 'project/experiments/fresh.ae'), text);
  const told = /'fresh' \(experiments\/fresh\.ae\) is in no commit yet\n.*git add experiments\/fresh\.ae/;
  expect(aedsl('project', {}, 'log', 'fresh').stderr).toMatch(told);
  expect(aedsl('project', {}, 'diff', 'HEAD', 'HEAD', 'experiments/fresh.ae').stderr).toMatch(told);
  expect(aedsl('project', {}, 'bisect', 'fresh', 'test.loss>1', 'HEAD..HEAD').status).toBe(2);
  expect(aedsl('project', {}, 'diff').stdout).toContain('fresh (experiments/fresh.ae): new');
  const run = aedsl('project', {}, 'run', 'fresh', '--max-steps', '1', '--backend', 'cpu', '--db', 'other.db');
  expect(run.status).toBe(0);
  expect(aedsl('project', {}, 'show', 'last', '--db', 'other.db').stdout).toMatch(
    /changes +experiments\/fresh\.ae: in no commit/,
  );
});

// Only root can give a folder to somebody else.
it.skipIf(process.getuid?.() !== 0)('a run says why it keeps no commit, with the remedy of git', () => {
  const other = join(root, 'theirs');
  mkdirSync(join(other, 'experiments'), { recursive: true });
  const text = experimentText('data digits(take=60, test=20)').replace('experiment example', 'experiment small');
  writeFileSync(join(other, 'experiments/small.ae'), text);
  spawnSync('git', ['init', '-q'], { cwd: other });
  const run = () => aedsl('theirs', {}, 'run', 'small', '--force', '--max-steps', '1', '--backend', 'cpu').stderr;
  expect(run()).toContain('no commit is kept with the run: there is no commit yet');
  expect(aedsl('theirs', {}, 'log', 'small').stderr).toContain('there is no commit yet');
  for (const path of [other, join(other, '.git')]) chownSync(path, 65_534, 65_534);
  const remedy = `git config --global --add safe.directory ${other}`;
  expect(run()).toMatch(/^.*no commit is kept with the run: .*dubious ownership.*$/m);
  expect(run()).toContain(remedy);
  for (const command of [['diff'], ['log', 'small'], ['doctor']]) {
    const { stdout, stderr } = aedsl('theirs', {}, ...command);
    expect([command, stdout + stderr]).toEqual([command, expect.stringContaining(remedy)]);
  }
});
