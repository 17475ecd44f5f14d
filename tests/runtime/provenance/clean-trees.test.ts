import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compare } from '../../../src/compare/diff/compare.js';
import { readSelection } from '../../../src/compare/diff/selection.js';
import { projectAround } from '../../../src/project/versioned-project.js';
import { gitState } from '../../../src/runtime/provenance/git-state.js';
import { Repository } from '../../../src/runtime/provenance/repository.js';
import { builtinWords } from '../../../src/words/words.js';
import { aedsl } from '../../cli/recorded-console.js';

let root = '';
const big = 'the content of a large file\n'.repeat(10);
const experiment = `experiment table {
  data csv("../data/x.csv", test=3)
  encoder { code: dense(1) }
  decoder { dense(2) }
  loss mse()
  train adam() { epochs = 1 }
}
`;

function git(folder: string, ...args: readonly string[]): void {
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'protocol.file.allow=always'];
  execFileSync('git', [...identity, ...args], { cwd: join(root, folder), stdio: 'pipe' });
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-clean-')));
  mkdirSync(join(root, 'origin'));
  git('origin', 'init', '-q', '-b', 'main');
  write('origin/experiments/table.ae', experiment);
  write('origin/other/table.ae', experiment.replace('experiment table', 'experiment second'));
  write('origin/data/x.csv', `a,b\n${Array.from({ length: 12 }, (_, i) => `${i},${i * i}`).join('\n')}\n`);
  symlinkSync('../data/x.csv', join(root, 'origin/experiments/link.csv'));
  git('origin', 'add', '-A');
  git('origin', 'commit', '-qm', 'first, of the day');
  write('origin/experiments/table.ae', experiment.replace('epochs = 1', 'epochs = 2'));
  git('origin', 'commit', '-qam', 'two epochs');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const clones: readonly (readonly [string, readonly string[]])[] = [
  ['plain', []],
  ['no-links', ['-c', 'core.symlinks=false']],
  ['autocrlf', ['-c', 'core.autocrlf=true']],
];

describe('a tree as git checked it out', () => {
  it('is clean, and nothing in it differs from its commit, with links as files and line ends of Windows', async () => {
    for (const [name, options] of clones) {
      git('.', 'clone', '-q', ...options, 'origin', name);
      expect([name, gitState(join(root, name))?.dirty]).toEqual([name, false]);
      const project = projectAround(join(root, name));
      const { experiments } = await compare(readSelection([], project), project, 'none.db', builtinWords);
      expect([name, experiments.map(({ status }) => status)]).toEqual([name, ['same']]);
    }
    write('no-links/experiments/link.csv', 'elsewhere');
    expect(gitState(join(root, 'no-links'))?.dirty).toBe(true);
  });

  it('is clean as a sparse one, whose experiments are not gone', async () => {
    git('.', 'clone', '-q', 'origin', 'sparse');
    git('sparse', 'sparse-checkout', 'set', 'data', 'other');
    expect(gitState(join(root, 'sparse'))?.dirty).toBe(false);
    const project = projectAround(join(root, 'sparse'));
    const { experiments } = await compare(readSelection([], project), project, 'none.db', builtinWords);
    expect(experiments.map(({ name, status }) => [name, status])).toEqual([['table', 'same']]);
  });

  it('is clean with a large file in the place of a pointer of Git LFS', () => {
    const oid = createHash('sha256').update(big).digest('hex');
    git('.', 'clone', '-q', 'origin', 'lfs');
    write('lfs/.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n');
    write('lfs/x.bin', `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${big.length}\n`);
    git('lfs', '-c', 'filter.lfs.clean=cat', 'add', '-A');
    git('lfs', '-c', 'filter.lfs.clean=cat', 'commit', '-qm', 'large');
    write('lfs/x.bin', big);
    expect(gitState(join(root, 'lfs'))?.dirty).toBe(false);
    write('lfs/x.bin', `${big}more`);
    expect(gitState(join(root, 'lfs'))?.dirty).toBe(true);
  });
});

it('fmt keeps the line ends of Windows, and says that such a file is formatted', async () => {
  const path = join(root, 'autocrlf/experiments/table.ae');
  const text = readFileSync(path, 'utf8');
  expect(text).toContain('\r\n');
  expect(await aedsl('fmt', '--check', path)).toMatchObject({ code: 0, out: '' });
  writeFileSync(path, text.replace('  encoder', 'encoder'));
  expect(await aedsl('fmt', path)).toMatchObject({ code: 0 });
  expect(readFileSync(path, 'utf8')).toBe(text);
  writeFileSync(path, text.replace('\r\n', '\n'));
  expect(await aedsl('fmt', '--check', path)).toMatchObject({ code: 1 });
});

it('revisions may have blanks, and none becomes an option', () => {
  const repository = Repository.around(join(root, 'origin'));
  const commit = (revision: string) => repository?.commit(revision) ?? null;
  const [head, first] = [commit('HEAD'), commit('HEAD~1')];
  expect(head).not.toBeNull();
  for (const revision of ['HEAD@{1 minute ago}', 'main@{yesterday}', 'HEAD@{0}']) {
    expect([revision, [head, first].includes(commit(revision))]).toEqual([revision, true]);
  }
  expect(commit(':/first, of the')).toBe(first);
  expect(commit('HEAD^{/of the day}')).toBe(first);
  const project = projectAround(join(root, 'origin'));
  expect(readSelection([':/first, of the'], project)).toMatchObject({ old: { commit: first }, new: { commit: null } });
  expect(readSelection(['main@{1 minute ago}..HEAD'], project)).toMatchObject({ new: { commit: head } });
  for (const revision of [
    '--all',
    '-x',
    '--git-dir',
    ':experiments/table.ae',
    'HEAD:experiments',
    'no such',
    ' ',
    '',
  ]) {
    expect([revision, commit(revision)]).toEqual([revision, null]);
  }
});
