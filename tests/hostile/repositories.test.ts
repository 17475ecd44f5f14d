import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Git } from '../../src/runtime/provenance/git.js';
import { gitState } from '../../src/runtime/provenance/git-state.js';
import { Repository } from '../../src/runtime/provenance/repository.js';
import { parseTree } from '../../src/runtime/provenance/tree.js';
import { program } from '../cli/command.js';
import { CommandProcess } from '../cli/command-process.js';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-hostile-')));
/** Every program of a hostile repository leaves a file of its name here. */
const markers = join(root, 'markers');
const home = join(root, 'home');
beforeAll(() => {
  for (const folder of [markers, home]) mkdirSync(folder);
});
const commandProcess = new CommandProcess();
afterAll(() => {
  commandProcess.close();
  rmSync(root, { recursive: true, force: true });
});

const ran = () => readdirSync(markers);

function git(folder: string, ...args: readonly string[]): string {
  const settings = ['user.name=A', 'user.email=a@example.org', 'commit.gpgsign=false', 'core.hooksPath=/dev/null'];
  const options = settings.flatMap((setting) => ['-c', setting]);
  return execFileSync('git', ['-C', folder, ...options, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

const experiment = (size: number) => `experiment small {
  data digits(take=60, test=20)
  encoder { code: dense(${size}) }
  decoder { dense(input.size) }
  loss mse()
  train adam() { epochs = 1  batch = 20 }
}
`;

/** A repository with three commits, the last of them with a locked experiment. */
function history(name: string): string {
  const folder = join(root, name);
  mkdirSync(folder);
  git(folder, 'init', '--quiet', '--initial-branch=main');
  write(folder, { 'package.json': '{"name": "theirs"}', '.gitignore': 'results.db*\n' });
  for (const size of [2, 3, 4]) {
    write(folder, { 'experiments/small.ae': experiment(size) });
    git(folder, 'add', '--all');
    git(folder, 'commit', '--quiet', `--message=size ${size}`);
  }
  return folder;
}

/** Everything in a repository's configuration that names a program. */
function poison(gitFolder: string): void {
  const evil = (what: string) => `touch '${join(markers, what)}'; cat`;
  const script = join(root, 'evil-program');
  writeFileSync(script, `#!/bin/sh\ntouch '${join(markers, 'program')}'\nexit 0\n`);
  chmodSync(script, 0o755);
  appendFileSync(
    join(gitFolder, 'config'),
    `
[core]
  fsmonitor = "${evil('fsmonitor')}"
  sshCommand = "${evil('ssh')}"
  gitProxy = ${script}
  pager = "${evil('pager')}"
  askPass = ${script}
  editor = ${script}
  alternateRefsCommand = "${evil('alternate')}"
  hooksPath = ${join(root, 'evil-hooks')}
[filter "x"]
  clean = "${evil('clean')}"
  smudge = "${evil('smudge')}"
  required = true
[filter "y"]
  process = "${evil('process')}"
[diff]
  external = ${script}
[diff "x"]
  command = ${script}
  textconv = "${evil('textconv')}"
[merge "x"]
  driver = ${script}
[log]
  showSignature = true
[gpg]
  program = ${script}
[credential]
  helper = "!${evil('credential')}"
[protocol]
  allow = always
[protocol "ext"]
  allow = always
[protocol "file"]
  allow = always
[extensions]
  partialClone = evil
[remote "evil"]
  url = "ext::sh -c touch% ${join(markers, 'lazy-fetch')}"
  promisor = true
  uploadpack = ${script}
[gc]
  auto = 1
[alias]
  rev-parse = "!${evil('alias')}"
[pager]
  log = "${evil('pager-log')}"
  rev-list = "${evil('pager-rev-list')}"
[interactive]
  diffFilter = "${evil('diffFilter')}"
[trace2]
  normalTarget = ${join(markers, 'trace')}
`,
  );
  write(gitFolder, { 'info/attributes': '* filter=x diff=x merge=x ident\n*.json filter=y\n' });
  for (const hook of [
    'post-checkout',
    'post-index-change',
    'reference-transaction',
    'pre-auto-gc',
    'fsmonitor-watchman',
  ]) {
    for (const folder of [join(gitFolder, 'hooks'), join(root, 'evil-hooks')]) {
      write(folder, { [hook]: `#!/bin/sh\ntouch '${join(markers, hook)}'\n` });
      chmodSync(join(folder, hook), 0o755);
    }
  }
}

/** A signed commit at the tip, so that whoever shows signatures starts gpg; and one content that has to be fetched. */
function signAndForget(folder: string): void {
  const signature = 'gpgsig -----BEGIN PGP SIGNATURE-----\n \n abcd\n -----END PGP SIGNATURE-----';
  const [tree, parent] = [git(folder, 'rev-parse', 'HEAD^{tree}'), git(folder, 'rev-parse', 'HEAD')];
  const person = 'A <a@example.org> 1700000000 +0000';
  const text = `tree ${tree}\nparent ${parent}\nauthor ${person}\ncommitter ${person}\n${signature}\n\nsigned\n`;
  const commit = execFileSync('git', ['-C', folder, 'hash-object', '-t', 'commit', '-w', '--stdin'], { input: text });
  git(folder, 'update-ref', 'HEAD', commit.toString().trim());
  const blob = git(folder, 'rev-parse', 'HEAD~2:experiments/small.ae');
  rmSync(join(folder, '.git', 'objects', blob.slice(0, 2), blob.slice(2)));
}

function aedsl(folder: string, ...args: readonly string[]) {
  const env = { CI: '1', NO_COLOR: '1', HOME: home, XDG_CACHE_HOME: join(root, 'cache'), AEDSL_DATA: '' };
  return commandProcess.run(args, { cwd: folder, env: { ...process.env, ...env } });
}

/** All that asks git. Whether a command succeeds is not the matter. */
const commands: readonly (readonly string[])[] = [
  ['run', 'experiments/small.ae', '--max-steps', '1'],
  ['sweep', 'experiments/small.ae', 'seed=[1,2]', '--epochs', '1'],
  ['check', 'experiments/small.ae'],
  ['lock', 'small', '--seeds', '1'],
  ['diff', 'HEAD~1'],
  ['diff', 'HEAD~3', 'HEAD'],
  ['log', 'small'],
  ['bisect', 'small', 'test.loss < 0.00001', 'HEAD~3..HEAD', '--no-store'],
  ['bisect', 'small', 'test.loss < 0.00001', 'HEAD~1..HEAD', '--no-store', '--no-install'],
  ['verify', 'last'],
];

describe('a repository runs no program', () => {
  it('with an ordinary .git whose configuration is hostile, as in an archive that was unpacked', () => {
    const folder = history('unpacked');
    signAndForget(folder);
    poison(join(folder, '.git'));
    write(folder, { 'experiments/small.ae': experiment(5) });
    // As old as the index: git looks into such files.
    const stamp = new Date(Date.now() - 60_000);
    for (const file of ['experiments/small.ae', 'package.json', '.git/index'])
      utimesSync(join(folder, file), stamp, stamp);
    for (const command of commands) {
      const { stdout, stderr } = aedsl(folder, ...command);
      expect(ran(), `${command.join(' ')}\n${stdout}${stderr}`).toEqual([]);
    }
    const recorded = aedsl(folder, 'run', 'experiments/small.ae', '--max-steps', '1', '--force', '--json').status;
    expect(recorded).not.toBeNull();
    expect(gitState(folder)?.diff).toContain('+  encoder { code: dense(5) }');
    expect(ran()).toEqual([]);
    // What is guarded against is real: git itself runs them.
    spawnSync('git', ['-C', folder, 'status'], { stdio: 'pipe' });
    spawnSync('git', ['-C', folder, 'log', '-1', '--show-signature'], { stdio: 'pipe' });
    expect(ran()).toEqual(expect.arrayContaining(['fsmonitor', 'program']));
    for (const name of ran()) rmSync(join(markers, name));
  }, 240_000);

  it('with a folder in a clone that looks like a bare repository', () => {
    const clone = history('clone');
    const inner = history('inner');
    signAndForget(inner);
    const sub = join(clone, 'sub');
    cpSync(join(inner, '.git'), sub, { recursive: true });
    cpSync(join(inner, 'experiments'), join(sub, 'experiments'), { recursive: true });
    poison(sub);
    git(clone, 'config', '--file', join(sub, 'config'), 'core.bare', 'false');
    git(clone, 'config', '--file', join(sub, 'config'), 'core.worktree', sub);
    write(sub, { '.gitattributes': '* filter=x diff=x\n', 'experiments/small.ae': experiment(5) });
    for (const command of commands) {
      const { stdout, stderr } = aedsl(sub, ...command);
      expect(ran(), `${command.join(' ')}\n${stdout}${stderr}`).toEqual([]);
    }
    expect(Repository.around(sub)).toBeNull();
    expect(gitState(sub)).toBeNull();
    spawnSync('git', ['-C', sub, '-c', 'safe.bareRepository=all', 'status'], { stdio: 'pipe' });
    expect(ran()).toContain('fsmonitor');
    for (const name of ran()) rmSync(join(markers, name));
  }, 240_000);

  it('and none is taken for another folder, whatever its configuration names', () => {
    const folder = history('elsewhere');
    git(folder, 'config', 'core.worktree', home);
    expect(Repository.around(folder)).toBeNull();
    expect(Repository.around(home)).toBeNull();
  });
});

// Only root can give a file away.
it.runIf(process.getuid?.() === 0)(
  "another user's repository is opened where git opens it, and git's remedy is told",
  () => {
    const folder = history('theirs');
    chownSync(folder, 12345, 12345);
    chownSync(join(folder, '.git'), 12345, 12345);
    const { status, stderr } = aedsl(folder, 'log', 'small');
    expect(status).toBe(2);
    expect(stderr).toContain(`safe.directory ${folder}`);
    expect(gitState(folder)).toBeNull();
    vi.stubEnv('HOME', home);
    writeFileSync(join(home, '.gitconfig'), `[safe]\n directory = ${folder}\n[log]\n showSignature = true\n`);
    expect(gitState(folder)).toMatchObject({ branch: 'main', dirty: false });
    rmSync(join(home, '.gitconfig'));
    vi.unstubAllEnvs();
  },
);

describe('a commit in progress', () => {
  it('is not touched by a bisection in its hook', () => {
    const folder = history('hook');
    const hook = join(folder, '.git', 'hooks', 'pre-commit');
    const command = `'${process.execPath}' '${program}' bisect small 'test.loss < 0.00001' HEAD~2..HEAD --no-store`;
    writeFileSync(hook, `#!/bin/sh\n${command} > '${join(root, 'hook.txt')}' 2>&1 || true\nexit 0\n`);
    chmodSync(hook, 0o755);
    write(folder, { 'experiments/small.ae': experiment(7) });
    const committed = spawnSync(
      'git',
      ['-C', folder, '-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '--quiet', '-a', '-m', 'seven'],
      { encoding: 'utf8', env: { ...process.env, CI: '1', NO_COLOR: '1' } },
    );
    expect(committed.stderr).toBe('');
    expect(readFileSync(join(root, 'hook.txt'), 'utf8')).toContain('at both ends');
    expect(git(folder, 'show', '--stat', '--format=', 'HEAD')).toContain('experiments/small.ae');
    expect(git(folder, 'show', 'HEAD:experiments/small.ae')).toContain('dense(7)');
    expect(git(folder, 'status', '--porcelain')).toBe('');
  }, 120_000);

  it('is not what git is asked about: its variables name another repository', () => {
    const [folder, other] = [history('asked'), history('other')];
    const head = git(folder, 'rev-parse', 'HEAD');
    write(other, { 'experiments/small.ae': experiment(9) });
    git(other, 'commit', '--quiet', '-a', '--message=nine');
    const before = { ...process.env };
    try {
      process.env.GIT_DIR = join(other, '.git');
      process.env.GIT_WORK_TREE = other;
      process.env.GIT_INDEX_FILE = join(other, '.git', 'index');
      process.env.GIT_CONFIG_COUNT = '1';
      process.env.GIT_CONFIG_KEY_0 = 'core.fsmonitor';
      process.env.GIT_CONFIG_VALUE_0 = `touch '${join(markers, 'variable')}'`;
      expect(Repository.around(folder)?.commit('HEAD')).toBe(head);
      expect(gitState(folder)).toMatchObject({ commit: head, dirty: false });
    } finally {
      process.env = before;
    }
    expect(ran()).toEqual([]);
  });
});

it('settings of the person do not change what is read', () => {
  const folder = history('personal');
  git(folder, 'mv', 'experiments/small.ae', 'experiments/größe.ae');
  git(folder, 'commit', '--quiet', '--message=renamed');
  writeFileSync(
    join(home, '.gitconfig'),
    '[log]\n showSignature = true\n follow = true\n date = relative\n[color]\n ui = always\n diff = always\n[core]\n quotePath = true\n' +
      '[diff]\n noprefix = true\n mnemonicPrefix = true\n renames = false\n context = 0\n[i18n]\n logOutputEncoding = latin1\n' +
      '[diff "mine"]\n binary = true\n[format]\n pretty = oneline\n[gpg]\n program = false\n[status]\n showUntrackedFiles = no\n',
  );
  write(folder, { 'experiments/größe.ae': experiment(6), '.gitattributes': '*.ae diff=mine\n' });
  const read = () => {
    const repository = Repository.around(folder);
    const head = repository?.commit('HEAD') ?? '';
    return JSON.stringify([
      gitState(folder),
      repository?.summary(head),
      repository?.namesOf('experiments/größe.ae', head),
      repository?.paths(head),
      repository?.workingPaths(['.ae']),
    ]);
  };
  const plain = read();
  const before = process.env.HOME;
  try {
    process.env.HOME = home;
    expect(read()).toBe(plain);
  } finally {
    process.env.HOME = before;
    rmSync(join(home, '.gitconfig'));
  }
  expect(plain).toContain('größe.ae');
  expect(plain).toContain('diff --git a/experiments');
});

describe('what a commit names', () => {
  /** A tree object as git writes it, of names that git itself refuses. */
  function tree(folder: string, entries: readonly (readonly [mode: string, name: string, object: string])[]): string {
    const input = Buffer.concat(
      entries.map(([mode, name, object]) =>
        Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(object, 'hex')]),
      ),
    );
    const args = ['-C', folder, 'hash-object', '-t', 'tree', '-w', '--literally', '--stdin'];
    return execFileSync('git', args, { input }).toString().trim();
  }

  it('is refused before anything is written when it leads elsewhere', () => {
    const folder = history('evil');
    const blob = git(folder, 'rev-parse', 'HEAD:experiments/small.ae');
    const target = join(root, 'written-by-a-tree.ae');
    const around = tree(folder, [['100644', 'written-by-a-tree.ae', blob]]);
    const depth = Array.from({ length: 8 }).reduce<string>((inner) => tree(folder, [['40000', '..', inner]]), around);

    const commit = (top: string) => git(folder, 'commit-tree', top, '-p', 'HEAD', '-m', 'evil');
    const experiments = git(folder, 'rev-parse', 'HEAD:experiments');
    const evil = commit(
      tree(folder, [
        ['40000', '..', depth],
        ['40000', 'experiments', experiments],
      ]),
    );
    for (const command of [
      ['diff', 'HEAD', evil],
      ['bisect', 'small', 'test.loss < 0.00001', `HEAD..${evil}`, '--no-store'],
      ['log', 'small', '--rev', evil],
    ]) {
      const { status, stdout, stderr } = aedsl(folder, ...command);
      expect(`${stdout}${stderr}`, command.join(' ')).toContain('"../../');
      expect(stderr).toContain('nothing was written');
      expect(stderr).not.toContain('defect');
      expect(status).not.toBe(0);
    }
    expect(existsSync(target)).toBe(false);
  }, 60_000);

  it.each([
    ['..', '../x.ae'],
    ['a point', './x.ae'],
    ['an absolute path', '/etc/x.ae'],
    ["git's folder", '.git/config'],
    ["git's folder in capitals", 'a/.GIT/hooks/post-checkout'],
    ["git's folder by its short name", 'GIT~1/config'],
    ["git's folder with what macOS ignores", '.g\u200cit/config'],
    ["git's folder with what Windows ignores", '.git. /config'],
    ['a stream of git’s folder', '.git::$INDEX_ALLOCATION/config'],
    ['a backslash', 'a\\..\\..\\x.ae'],
    ['an escape sequence', 'a\u001b[2J.ae'],
    ['a line end', 'a\nb.ae'],
    ['an empty part', 'a//b.ae'],
  ])('may not be %s', (_, path) => {
    const line = `100644 blob ${'1'.repeat(40)}\t${path}\0`;
    expect(() => parseTree(line, 'f'.repeat(40))).toThrow(JSON.stringify(path));
  });

  it('may not be there twice, nor be a file and a folder', () => {
    const entry = (path: string, mode = '100644') => `${mode} blob ${'1'.repeat(40)}\t${path}\0`;
    expect(() => parseTree(entry('a') + entry('a'), 'f'.repeat(40))).toThrow('twice');
    expect(() => parseTree(entry('a', '120000') + entry('a/b'), 'f'.repeat(40))).toThrow("'a' is a file or a link");
    expect([...parseTree(entry('.gitignore') + entry('a/..b') + entry('ab'), 'f'.repeat(40)).keys()]).toHaveLength(3);
  });
});

it.each(['index', 'HEAD', 'config', 'packed-refs', 'shallow', 'objects/info/alternates', 'refs/heads/other'])(
  'a pipe at .git/%s is named and makes nobody wait',
  (name) => {
    const folder = history(`pipe-${name.replaceAll('/', '-')}`);
    expect(gitState(folder)).not.toBeNull();
    const pipe = join(folder, '.git', name);
    rmSync(pipe, { force: true });
    execFileSync('mkfifo', [pipe]);
    expect(gitState(folder)).toBeNull();
    expect(Git.refusal(folder)).toBe(`${JSON.stringify(pipe)} is a pipe or a device, which git would wait for`);
  },
  20_000,
);

it.each(['include.path', 'includeIf.gitdir:/.path'])(
  'a pipe that the configuration names as %s is named, also behind another file',
  (setting) => {
    const folder = history(`pipe-${setting.replaceAll(/[.:/]/g, '-')}`);
    const pipe = join(folder, 'a pipe');
    writeFileSync(join(folder, '.git', 'more'), '');
    git(folder, 'config', setting, 'more');
    expect(gitState(folder)).not.toBeNull();
    execFileSync('mkfifo', [pipe]);
    git(folder, 'config', '--file', join(folder, '.git', 'more'), setting, '../a pipe');
    const before = performance.now();
    expect(gitState(folder)).toBeNull();
    expect(Git.refusal(folder)).toBe(`${JSON.stringify(pipe)} is a pipe or a device, which git would wait for`);
    expect(performance.now() - before).toBeLessThan(8_000);
  },
  20_000,
);
