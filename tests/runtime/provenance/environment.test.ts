import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectEnvironment } from '../../../src/runtime/provenance/environment.js';
import { DIFF_CHARACTERS, gitState } from '../../../src/runtime/provenance/git-state.js';

const projectFile = (name: string) => readFileSync(new URL(`../../../${name}`, import.meta.url));

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'aedsl-git-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A repository with one commit of these files. */
function repository(name: string, files: Readonly<Record<string, string>>): string {
  const folder = join(root, name);
  mkdirSync(folder);
  git(folder, 'init', '--quiet', '--initial-branch=main');
  write(folder, files);
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--message=first');
  return folder;
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

function git(folder: string, ...args: readonly string[]): string {
  const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', ['-C', folder, ...identity, ...args], { encoding: 'utf8' }).trim();
}

test('package, lock file, Node, machine and command line', async () => {
  const environment = await collectEnvironment(root, ['aedsl', 'run', 'sparse.ae']);
  const manifest: unknown = JSON.parse(projectFile('package.json').toString());
  expect(manifest).toMatchObject({ version: environment.package.version });
  expect(environment.package.lockfileSha256).toBe(
    createHash('sha256').update(projectFile('package-lock.json')).digest('hex'),
  );
  expect(environment).toMatchObject({
    node: process.version,
    os: { platform: process.platform, arch: process.arch },
    git: null,
    commandLine: ['aedsl', 'run', 'sparse.ae'],
  });
  expect(environment.cpu.cores).toBeGreaterThan(0);
  expect(JSON.parse(JSON.stringify(environment))).toEqual(environment);
});

describe('git', () => {
  test('a clean commit, also from a folder below and detached', async () => {
    const folder = repository('clean', { 'experiments/a.ae': 'experiment a { }' });
    const commit = git(folder, 'rev-parse', 'HEAD');
    const clean = { commit, branch: 'main', dirty: false, diff: '', diffTruncated: false };
    expect(await gitState(folder)).toEqual(clean);
    write(folder, { 'untracked.ae': 'experiment b { }' });
    expect(await gitState(join(folder, 'experiments'))).toEqual(clean);
    git(folder, 'checkout', '--quiet', '--detach');
    expect(await gitState(folder)).toEqual({ ...clean, branch: null });
  });

  test('a changed experiment, staged or not, with its difference', async () => {
    const folder = repository('dirty', { 'experiments/a.ae': 'experiment a { }\n', 'b.ae': 'experiment b { }\n' });
    write(folder, { 'experiments/a.ae': 'experiment changed { }\n', 'b.ae': 'experiment staged { }\n' });
    git(folder, 'add', 'b.ae');
    const state = await gitState(join(folder, 'experiments'));
    expect(state?.dirty).toBe(true);
    expect(state?.diff).toContain('+experiment changed { }');
    expect(state?.diff).toContain('+experiment staged { }');
  });

  test('times, line ends and the executable bit alone do not count; what is gone, staged or another kind of file does', () => {
    const files = { 'a.ae': 'experiment a {\n}\n', 'b.ae': 'experiment b {\n}\n', 'data/c.csv': 'a,b\n' };
    const folder = repository('kinds', files);
    const dirty = () => gitState(folder)?.dirty;
    const past = new Date(Date.now() - 100_000);
    utimesSync(join(folder, 'b.ae'), past, past);
    chmodSync(join(folder, 'b.ae'), 0o755);
    write(folder, { 'a.ae': 'experiment a {\r\n}\r\n' });
    expect(gitState(folder)).toMatchObject({ dirty: false, diff: '' });
    write(folder, { 'a.ae': 'experiment a {\r\n  x\r\n}\r\n' });
    expect(gitState(folder)?.diff).toContain(' experiment a {\n+  x\n }\n');
    write(folder, { 'a.ae': files['a.ae'], 'data/c.csv': 'a,c\n' });
    expect(gitState(folder)).toMatchObject({ dirty: true, diff: '', diffTruncated: false });
    rmSync(join(folder, 'data'), { recursive: true });
    expect(dirty()).toBe(true);
    symlinkSync(join(root, 'nowhere'), join(folder, 'data'));
    expect(dirty()).toBe(true);
    rmSync(join(folder, 'data'));
    write(folder, { 'data/c.csv': 'a,b\n' });
    expect(dirty()).toBe(false);
    rmSync(join(folder, 'b.ae'));
    symlinkSync('a.ae', join(folder, 'b.ae'));
    expect(gitState(folder)?.diff).toContain('deleted file mode 100644');
    rmSync(join(folder, 'b.ae'));
    git(folder, 'checkout', '--quiet', 'b.ae');
    git(folder, 'rm', '--quiet', '--cached', 'b.ae');
    expect(gitState(folder)?.diff).toContain('-experiment b {');
    git(folder, 'reset', '--quiet');
    git(folder, 'update-index', '--skip-worktree', 'b.ae');
    rmSync(join(folder, 'b.ae'));
    expect(dirty()).toBe(false);
  });

  test('only tracked source files are kept, never what may hold a secret', async () => {
    const files = ['.env', '.npmrc', 'key.pem', 'settings.json', '.hidden/a.ts', 'src/Credentials.ts', 'my-secret.py'];
    const folder = repository('secrets', { 'a.ae': '1\n', ...Object.fromEntries(files.map((name) => [name, '1\n'])) });
    write(folder, { 'a.ae': 'kept\n', 'untracked.ts': 'hunter2\n' });
    write(folder, Object.fromEntries(files.map((name) => [name, 'hunter2\n'])));
    const state = await gitState(folder);
    expect(state?.diff).toContain('+kept');
    expect(state?.diff).not.toContain('hunter2');
  });

  test('a large difference is cut, and says so', async () => {
    const folder = repository('large', { 'a.ae': '' });
    write(folder, { 'a.ae': 'x\n'.repeat(DIFF_CHARACTERS) });
    const state = await gitState(folder);
    expect(state?.diff).toHaveLength(DIFF_CHARACTERS);
    expect(state?.diffTruncated).toBe(true);
  });

  test('before the first commit everything staged is the difference', async () => {
    const folder = join(root, 'unborn');
    mkdirSync(folder);
    git(folder, 'init', '--quiet', '--initial-branch=main');
    write(folder, { 'a.ae': 'experiment a { }\n' });
    git(folder, 'add', '--all');
    expect(await gitState(folder)).toMatchObject({ commit: null, branch: 'main', dirty: true });
    expect((await gitState(folder))?.diff).toContain('+experiment a { }');
  });

  test('no program of the repository’s choice is run, and nothing in it is written', async () => {
    const folder = repository('hostile', { 'a.ae': '1\n', '.gitattributes': '*.ae diff=evil\n' });
    const evil = `touch '${join(root, 'ran')}'`;
    for (const key of ['core.fsmonitor', 'diff.external', 'diff.evil.command', 'diff.evil.textconv']) {
      git(folder, 'config', key, evil);
    }
    write(folder, { 'a.ae': '2\n' });
    const index = readFileSync(join(folder, '.git', 'index'));
    expect((await gitState(folder))?.diff).toContain('+2');
    expect(() => readFileSync(join(root, 'ran'))).toThrow();
    expect(readFileSync(join(folder, '.git', 'index')).equals(index)).toBe(true);
  });

  test('outside a repository and without git there is none', async () => {
    expect(await gitState(root)).toBeNull();
    expect(await gitState(join(root, 'does not exist'))).toBeNull();
    const path = process.env.PATH;
    process.env.PATH = root;
    try {
      expect(await gitState(join(root, 'clean'))).toBeNull();
    } finally {
      process.env.PATH = path;
    }
  });
});
