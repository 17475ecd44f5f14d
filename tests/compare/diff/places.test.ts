import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comparisonText } from '../../../src/cli/diff/text.js';
import { compare } from '../../../src/compare/diff/compare.js';
import { readSelection } from '../../../src/compare/diff/selection.js';
import { compile } from '../../../src/compiler/compile.js';
import { projectAround } from '../../../src/project/versioned-project.js';
import { formatLock, type LockSection } from '../../../src/runtime/provenance/lock-file.js';
import { Repository } from '../../../src/runtime/provenance/repository.js';
import { builtinWords } from '../../../src/words/words.js';
import { testWorld } from '../../compiler/world.js';
import { ScriptedHistory } from './scripted-history.js';

const experiment = (name: string, size: number) => `experiment ${name} {
  data digits(take=100, test=10)
  encoder { code: dense(${size}) }
  decoder { dense(input.size) }
  loss mse()
  train adam() { epochs = 1 }
}
`;

/** A lock of an experiment with made-up results. */
function lockOf(text: string, name: string, loss: readonly number[]): string {
  const { value } = compile({ path: 'x.ae', text }, name, { library: builtinWords, world: testWorld() });
  const section: LockSection = {
    name,
    params: [],
    experiment: value?.hash ?? '',
    data: { name: 'digits', sha256: 'd'.repeat(64) },
    initial: null,
    backend: 'simd',
    numerics: '1',
    kernels: null,
    package: '0.1.0',
    seeds: loss.map((_, i) => i + 1),
    weights: loss.map((x) => `${x}`.padEnd(64, '0')),
    metrics: { 'test.loss': loss },
    best: {},
    diverged: [],
    chain: [],
  };
  return formatLock({ sections: [section] });
}

const history = new ScriptedHistory();
const project = projectAround(history.folder);
const at = (folder: string, ...words: readonly string[]) => {
  const own = projectAround(folder);
  return compare(readSelection(words, own), own, join(folder, 'none.db'), builtinWords);
};
const difference = (...words: readonly string[]) => at(history.folder, ...words);
const statuses = async (...words: readonly string[]) =>
  Object.fromEntries((await difference(...words)).experiments.map(({ name, status }) => [name, status]));
const textOf = async (...words: readonly string[]) =>
  comparisonText(await difference(...words), { precision: 6, onlyChanged: false });

beforeAll(() => {
  history.write('experiments/a.ae', experiment('a', 8));
  history.write('experiments/a.ae.lock', lockOf(experiment('a', 8), 'a', [0.5, 0.6]));
  history.write('experiments/b.ae', experiment('b', 8));
  history.commit('two experiments');
  history.git('tag', 'v1');
  history.git('mv', 'experiments/b.ae', 'experiments/renamed.ae');
  history.edit('experiments/renamed.ae', 'epochs = 1', 'epochs = 2');
  history.write('experiments/c.ae', experiment('c', 3));
  history.edit('experiments/a.ae', 'dense(8)', 'dense(9)');
  history.write('experiments/a.ae.lock', lockOf(experiment('a', 9), 'a', [0.4, 0.5]));
  history.commit('renamed, new, changed');
  history.edit('experiments/c.ae', 'dense(3)', 'dense(3');
  history.commit('broken');
});
afterAll(() => history.remove());

describe('where the two sides are', () => {
  it('are revisions as git writes them', async () => {
    const changed = { a: 'changed', b: 'changed', c: 'added' };
    expect(await statuses('v1', 'HEAD~1')).toEqual(changed);
    expect(await statuses('v1..HEAD~1')).toEqual(changed);
    expect(await statuses('v1...HEAD~1')).toEqual(changed);
    expect(await statuses('HEAD~1', 'v1')).toEqual({ a: 'changed', b: 'changed', c: 'removed' });
    const sha = history.git('rev-parse', 'v1').trim();
    expect(await statuses(sha.slice(0, 8), 'main~1', 'a')).toEqual({ a: 'changed' });
    expect(await statuses('HEAD')).toEqual({ a: 'same', b: 'same', c: 'changed' });
  });

  it('are named when they are not there', () => {
    expect(() => readSelection(['HEAD~40'], project)).toThrow("there is no revision 'HEAD~40'");
    expect(() => readSelection(['v1..nope'], project)).toThrow("there is no revision 'nope'");
    expect(() => readSelection(['aa'], project)).toThrow("there is no revision, run or experiment 'aa'");
    expect(() => readSelection(['v1', 'experiments/none.ae'], project)).toThrow('there is no file');
  });

  it('are read in a linked worktree, on a detached HEAD, and in a folder below', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aedsl-linked-'));
    try {
      history.git('worktree', 'add', '--quiet', '--detach', join(folder, 'tree'), 'v1');
      const { experiments } = await at(join(folder, 'tree', 'experiments'), 'HEAD');
      expect(experiments.map(({ name, status }) => `${name} ${status}`)).toEqual(['a same', 'b same']);
    } finally {
      history.git('worktree', 'remove', '--force', join(folder, 'tree'));
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('are missing in a shallow clone, which is said', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aedsl-shallow-'));
    try {
      execFileSync('git', ['clone', '--quiet', '--depth=2', `file://${history.folder}`, folder], { stdio: 'pipe' });
      const own = projectAround(folder);
      expect(() => readSelection(['HEAD~2'], own)).toThrow("no revision 'HEAD~2' in this clone of 2 commits");
      const { experiments } = await at(folder, 'HEAD~1', 'HEAD', 'a');
      expect(experiments[0]?.status).toBe('same');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('need a repository', () => {
    const folder = mkdtempSync(join(tmpdir(), 'aedsl-bare-'));
    try {
      expect(() => readSelection([], projectAround(folder))).toThrow('not in a git repository');
      execFileSync('git', ['init', '--quiet', folder]);
      expect(() => readSelection([], projectAround(folder))).toThrow('no commit yet');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('an experiment', () => {
  it('is followed into a file of another name', async () => {
    const text = await textOf('v1', 'HEAD~1', 'b');
    expect(text).toContain('file: renamed: experiments/b.ae → experiments/renamed.ae; no result depends on it');
    expect(text).toContain('train: epochs 1 → 2');
  });

  it('that no longer parses is shown with its diagnostics, and the others are compared', async () => {
    const { experiments } = await difference('HEAD~1', 'HEAD');
    expect(experiments.map(({ name, status }) => `${name} ${status}`)).toEqual(['a same', 'c changed', 'b same']);
    const text = await textOf('HEAD~1', 'HEAD');
    expect(text).toContain('AE102 error HEAD:experiments/c.ae:3:');
    expect(text).toContain('the experiments cannot be compared');
  });

  it('whose lock was edited by hand is compared without it, which is said', async () => {
    const lock = history.read('experiments/a.ae.lock');
    history.edit('experiments/a.ae.lock', '0.4', '0.3');
    const { experiments } = await difference('HEAD', 'experiments/a.ae'.slice(12, 13));
    history.write('experiments/a.ae.lock', lock);
    expect(experiments[0]?.status).toBe('changed');
    expect(experiments[0]?.notes.join()).toContain('edited by hand');
    expect(experiments[0]?.new?.lockProblem?.problem).toBe('altered');
    expect(experiments[0]?.results).toEqual([]);
  });

  it('that was changed but not locked has no new results to compare', async () => {
    const before = history.state();
    const text = history.read('experiments/a.ae');
    history.edit('experiments/a.ae', 'dense(9)', 'dense(10)');
    const said = await textOf('HEAD', 'a');
    const staged = history.git('--no-optional-locks', 'status', '--porcelain');
    history.write('experiments/a.ae', text);
    expect(said).toContain('encoder.code: dense 9 → 10');
    expect(said).toContain('the lock of working tree does not match its experiment: aedsl lock experiments/a.ae');
    expect(said).not.toContain('paired');
    // Nothing was staged, checked out or stashed.
    expect(staged).toBe(' M experiments/a.ae\n');
    expect(history.state()).toBe(before);
  });

  it('has results of its lock files, paired by seed', async () => {
    const { experiments } = await difference('v1', 'HEAD', 'a');
    const [metric] = experiments[0]?.results[0]?.metrics ?? [];
    expect(metric?.difference).toBeCloseTo(-0.1, 12);
    expect(metric?.relative).toBeCloseTo(-0.1 / 0.55, 12);
  });

  it('that is a copy of another has a history of its own', () => {
    const repository = Repository.around(history.folder);
    history.write('experiments/copy.ae', history.read('experiments/renamed.ae'));
    const copied = history.commit('copied');
    expect(repository?.namesOf('experiments/copy.ae', copied)).toEqual(['experiments/copy.ae']);
    expect(repository?.namesOf('experiments/renamed.ae', copied)).toEqual([
      'experiments/renamed.ae',
      'experiments/b.ae',
    ]);
    history.git('reset', '--quiet', '--hard', 'HEAD~1');
  });

  it('is the same where a sparse checkout leaves out its data, whole or in part', async () => {
    const sparse = new ScriptedHistory();
    const of = (name: string, data: string) => experiment(name, 2).replace('digits(take=100, test=10)', data);
    sparse.write('e/table.ae', of('table', 'csv("../data/rows.csv")'));
    sparse.write('e/both.ae', of('both', 'csv("rows.csv", test_file="../data/rows.csv")'));
    sparse.write('e/pictures.ae', of('pictures', 'images("../pictures")'));
    sparse.write('data/rows.csv', 'a,b\n1,2\n3,4\n5,6\n');
    sparse.write('e/rows.csv', 'a,b\n7,8\n9,10\n11,12\n');
    for (const [i, kind] of ['ash', 'ash', 'oak', 'oak'].entries()) {
      const data = Uint8Array.from({ length: 64 }, (_, j) => (i * 50 + j) % 256);
      sparse.write(`pictures/${kind}/${i}.png`, encode({ width: 8, height: 8, channels: 1, data }));
    }
    sparse.commit('data');
    sparse.write('e/rows.csv', 'a,b\n7,8\n9,10\n11,13\n');
    sparse.commit('other rows');
    try {
      sparse.git('sparse-checkout', 'set', '--no-cone', '/e/*', '/pictures/oak/*');
      const { experiments } = await at(sparse.folder, 'HEAD');
      expect(experiments.map(({ name, status }) => `${name} ${status}`)).toEqual([
        'both same',
        'pictures same',
        'table same',
      ]);
      const before = await at(sparse.folder, 'HEAD~1');
      expect(before.experiments.map(({ name, status }) => `${name} ${status}`)).toContain('both changed');
    } finally {
      sparse.remove();
    }
  });

  it('that was moved on disk without telling git is found all the same', async () => {
    renameSync(join(history.folder, 'experiments/renamed.ae'), join(history.folder, 'experiments/again.ae'));
    const { experiments } = await difference('HEAD', 'b');
    renameSync(join(history.folder, 'experiments/again.ae'), join(history.folder, 'experiments/renamed.ae'));
    expect(
      experiments.map(({ name, status, old, new: now }) => [name, status, old?.place?.file, now?.place?.file]),
    ).toEqual([['b', 'changed', 'experiments/renamed.ae', 'experiments/again.ae']]);
  });
});

it('a clone that was made without contents says which are missing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'aedsl-partial-'));
  try {
    history.git('config', 'uploadpack.allowFilter', 'true');
    execFileSync(
      'git',
      ['clone', '--quiet', '--filter=blob:none', '--no-checkout', `file://${history.folder}`, folder],
      {
        stdio: 'pipe',
      },
    );
    writeFileSync(join(folder, 'a.ae'), experiment('a', 8));
    const missing = at(folder, 'HEAD').then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.name : null),
    );
    // Git before 2.45 fetches what it lacks; a later one is told not to.
    expect([null, 'MissingObjectError']).toContain(await missing);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('experiments of a project whose files are in several folders', () => {
  const trained = (name: string, lr: number, units = 8) =>
    `experiment ${name} {\n  data digits(take=60, test=20)\n  encoder { code: dense(${units}, activation=sigmoid) }\n` +
    `  decoder { dense(input.size, activation=sigmoid) }\n  loss mse()\n  train adam(lr=${lr}) { epochs = 1  batch = 10 }\n}\n`;

  it('are neither gone nor renamed by the first file below experiments/', async () => {
    const own = new ScriptedHistory();
    try {
      own.write('plain.ae', trained('plain', 0.1));
      own.commit('one');
      own.write('experiments/next.ae', trained('next', 0.1));
      own.write('plain.ae', trained('plain', 0.2));
      const { experiments } = await at(own.folder);
      const told = experiments.map(({ old, new: now }) => [old?.name ?? null, now?.name ?? null]);
      expect(told.sort()).toEqual([
        [null, 'next'],
        ['plain', 'plain'],
      ]);
    } finally {
      own.remove();
    }
  });

  it('are renamed to what is most like them, and not to anything of the same name', async () => {
    const own = new ScriptedHistory();
    try {
      own.write('experiments/a.ae', trained('small', 0.1));
      own.write('experiments/b.ae', trained('large', 0.1, 100));
      own.commit('one');
      rmSync(join(own.folder, 'experiments/a.ae'));
      rmSync(join(own.folder, 'experiments/b.ae'));
      own.write('experiments/c.ae', trained('bigger', 0.1, 100));
      own.write('experiments/d.ae', 'experiment small extends "c.ae" { train sgd(lr=1) { epochs = 3 } }\n');
      const { experiments } = await at(own.folder);
      const told = experiments.map(({ old, new: now }) => `${old?.name ?? 'none'} → ${now?.name ?? 'none'}`);
      expect(told.sort()).toEqual(['large → bigger', 'none → small', 'small → none']);
    } finally {
      own.remove();
    }
  });
});

it('a folder of pictures is another one where a picture is changed, new or gone, and not with a note beside them', async () => {
  const own = new ScriptedHistory();
  const project = projectAround(own.folder);
  const told = async (...words: readonly string[]) => {
    const { experiments } = await compare(readSelection(words, project), project, 'no results.db', builtinWords);
    return experiments.flatMap(({ status, identity }) => [status, ...identity.map(({ what }) => what)]);
  };
  const changed = ['changed', 'data file faces'];
  const picture = (grey: number) => encode({ height: 1, width: 1, channels: 1, data: Uint8Array.of(grey) });
  try {
    own.write('small.ae', experiment('small', 1).replace(/data .*/, 'data images("faces", test=1)'));
    for (const grey of [1, 2, 3]) own.write(`faces/a/${grey}.png`, picture(grey));
    own.commit('one');
    own.write('faces/notes.txt', 'x');
    expect(await told()).toEqual(['same']);
    own.write('faces/a/3.png', picture(4));
    expect(await told()).toEqual(changed);
    own.commit('changed');
    expect(await told('HEAD~1', 'HEAD')).toEqual(changed);
    expect(await told()).toEqual(['same']);
    own.write('faces/b/4.png', picture(4));
    expect(await told()).toEqual(changed);
    own.commit('new');
    expect(await told('HEAD~1', 'HEAD')).toEqual(changed);
    rmSync(join(own.folder, 'faces/b/4.png'));
    rmSync(join(own.folder, 'faces/b'), { recursive: true });
    expect(await told()).toEqual(changed);
    own.commit('gone');
    expect(await told('HEAD~1', 'HEAD')).toEqual(changed);
    expect(await told('HEAD~2', 'HEAD')).toEqual(['same']);
  } finally {
    own.remove();
  }
});
