import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comparisonMarkdown } from '../../../src/cli/diff/markdown.js';
import { comparisonText } from '../../../src/cli/diff/text.js';
import { bisect } from '../../../src/compare/bisect/bisect.js';
import { readCondition } from '../../../src/compare/bisect/condition.js';
import { compare } from '../../../src/compare/diff/compare.js';
import { gateFailures, readGate } from '../../../src/compare/diff/gate.js';
import { ExperimentHistory } from '../../../src/compare/diff/history.js';
import { readSelection } from '../../../src/compare/diff/selection.js';
import { lockExperiments } from '../../../src/compare/lock/lock.js';
import { metricLog } from '../../../src/compare/log.js';
import { projectAround } from '../../../src/project/versioned-project.js';
import { openStore } from '../../../src/runtime/store/store.js';
import { run } from '../../../src/sweep/run.js';
import { builtinWords } from '../../../src/words/words.js';
import { ScriptedHistory, smallExperiment, table } from './scripted-history.js';

const file = 'experiments/small.ae';
const history = new ScriptedHistory();
const project = projectAround(history.folder);
const steps: readonly (readonly [subject: string, change: () => void])[] = [
  ['a comment', () => history.edit(file, 'loss', '// of all columns\n  loss')],
  ['a reformat', () => history.edit(file, 'dense(2)', 'dense( 2 )')],
  ['a hyper-parameter', () => history.edit(file, 'lr = 0.01', 'lr = 0.05')],
  ['a renamed layer', () => history.edit(file, 'h: dense', 'hidden: dense')],
  ['a new layer', () => history.edit(file, '    code:', '    mid: dense(3, activation=relu)\n    code:')],
  ['a data change', () => history.write('experiments/data/table.csv', table('0.999'))],
];
const commits: string[] = [];

async function lockAll(seeds = 2): Promise<void> {
  const done = await lockExperiments({
    library: builtinWords,
    project,
    experiments: ['small'],
    seeds,
    sweep: false,
    backend: 'cpu',
    threads: null,
    store: null,
    listener: () => {},
    signal: new AbortController().signal,
    commandLine: [],
  });
  expect(done).not.toBeNull();
}

beforeAll(async () => {
  history.write(file, smallExperiment);
  history.write('experiments/data/table.csv', table('0.5'));
  await lockAll();
  commits.push(history.commit('the first'));
  for (const [subject, change] of steps) {
    change();
    await lockAll();
    commits.push(history.commit(subject));
  }
});
afterAll(() => history.remove());

const difference = (...words: readonly string[]) =>
  compare(readSelection(words, project), project, 'no results.db', builtinWords);
const textOf = async (...words: readonly string[]) =>
  comparisonText(await difference(...words), { precision: 6, onlyChanged: false });

/** The experiment and identity parts, and whether results are shown. */
async function said(step: number) {
  const { experiments } = await difference(commits[step] ?? '', commits[step + 1] ?? '');
  expect(experiments).toHaveLength(1);
  const text = await textOf(commits[step] ?? '', commits[step + 1] ?? '');
  const part = (title: string) =>
    (text.split(`  ${title}\n`)[1] ?? '')
      .split(/\n {2}\S/)[0]
      ?.trimEnd()
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '') ?? [];
  return {
    experiment: part('experiment'),
    identity: part('identity'),
    results: text.includes('results (2 seeds, paired)'),
  };
}

describe('the difference between two commits says exactly what was done', () => {
  it('a comment', async () => {
    const only = ['only comments differ; no result depends on them'];
    expect(await said(0)).toEqual({ experiment: only, identity: [], results: false });
  });

  it('a reformat', async () => {
    const only = ['only the layout of the text differs; no result depends on it'];
    expect(await said(1)).toEqual({ experiment: only, identity: [], results: false });
  });

  it('a hyper-parameter', async () => {
    const experiment = ['train: adam lr 0.01 → 0.05 (param lr)'];
    expect(await said(2)).toEqual({ experiment, identity: [], results: true });
  });

  it('a renamed layer', async () => {
    const experiment = ['encoder.h: renamed: h → hidden; no result depends on it'];
    expect(await said(3)).toEqual({ experiment, identity: [], results: false });
  });

  it('a new layer', async () => {
    const experiment = ['encoder.mid: new: dense(3, activation=relu)'];
    expect(await said(4)).toEqual({ experiment, identity: [], results: true });
  });

  it('a data change', async () => {
    const { experiment, identity, results } = await said(5);
    expect({ experiment, results }).toEqual({ experiment: [], results: true });
    expect(identity.map((line) => line.replace(/[0-9a-f]{12}/g, '…'))).toEqual([
      'data file experiments/data/table.csv: … → …',
      'data: csv … → csv …',
    ]);
  });

  it('a data change, and nothing of an experiment on other data', async () => {
    history.write('experiments/zebra.ae', smallExperiment.replace(/data .*/, 'data digits(take=50, test=10)'));
    history.edit('experiments/zebra.ae', 'experiment small', 'experiment zebra');
    history.commit('another experiment');
    history.write('experiments/data/table.csv', table('0.777'));
    const { experiments } = await difference('HEAD');
    history.git('reset', '--quiet', '--hard', 'HEAD~1');
    expect(experiments.map(({ name, status }) => [name, status])).toEqual([
      ['small', 'changed'],
      ['zebra', 'same'],
    ]);
  });

  it('data that a lock is not of do not get through a gate; other files of the same values do', async () => {
    const gated = async () => {
      const comparison = await difference('HEAD');
      const notes = comparison.experiments.flatMap(({ notes: said }) => said);
      const failures = gateFailures(comparison, [readGate('test.loss>+1%')]);
      return { notes, reasons: failures.map(({ reason }) => reason) };
    };
    history.write('experiments/data/table.csv', table('0.777'));
    const stale = await gated();
    // As a spreadsheet ends a file.
    history.write('experiments/data/table.csv', `${table('0.999')}\n\n`);
    const same = await gated();
    history.git('reset', '--quiet', '--hard');
    expect(stale).toEqual({
      notes: [`the lock of working tree does not match its data: aedsl lock ${file} updates it`],
      reasons: ['its new results are unknown: the locked ones belong to other data'],
    });
    expect(same).toEqual({ notes: [], reasons: [] });
  });

  it('nothing, with a clean working tree', async () => {
    expect(await textOf()).toMatch(/^HEAD \([0-9a-f]{7}\) → working tree\n\nunchanged: small\n$/);
  });
});

describe('results', () => {
  it('are paired by seed, and two seeds are said to be too few', async () => {
    const { experiments } = await difference('HEAD~4', 'HEAD~3');
    const [result] = experiments[0]?.results ?? [];
    expect(result?.seeds).toEqual([1, 2]);
    expect(result?.metrics.every(({ significant }) => !significant)).toBe(true);
    expect(result?.words.join()).toContain('2 seeds tell only differences of 9 standard deviations or more');
    expect(await textOf('HEAD~4', 'HEAD~3')).toMatch(/^ {4}test\.loss .*~ \(p=0\.\d+\)$/m);
  });

  it('stop a pull request that makes them worse', async () => {
    const comparison = await difference('HEAD~4', 'HEAD~3');
    const [metric] = comparison.experiments[0]?.results[0]?.metrics ?? [];
    const worse = (metric?.difference ?? 0) > 0;
    expect(gateFailures(comparison, [readGate(`test.loss${worse ? '>' : '<'}0`)])).toHaveLength(1);
    expect(gateFailures(comparison, [readGate(`test.loss${worse ? '<' : '>'}0%`)])).toHaveLength(0);
    expect(gateFailures(comparison, [readGate('test.loss>+1000%')])).toHaveLength(0);
    // Also metrics that are not shown, because another one says the same in other units.
    for (const name of ['test.mse', 'test.loss.mse', 'train.sse']) {
      expect(gateFailures(comparison, [readGate(`${name}>-1000`)])).toHaveLength(1);
    }
    expect(() => gateFailures(comparison, [readGate('test.lots>1')])).toThrow("no result has the metric 'test.lots'");
    expect(() => readGate('test.loss')).toThrow('is not a limit');
  });

  it('fit a comment in Markdown', async () => {
    const text = comparisonMarkdown(await difference('HEAD~4', 'HEAD~3'), { precision: 4, onlyChanged: true });
    expect(text).toContain('### Results: HEAD\\~4');
    expect(text).toContain('- train: adam lr 0.01 → 0.05 (param lr)');
    expect(text).toMatch(/^\| test\.loss \|/m);
  });
});

describe('log and bisect', () => {
  it('show the metric over the commits, and which moved it', () => {
    const log = metricLog('small', 'test.loss', { project, revision: 'HEAD', words: builtinWords });
    expect(log.entries.map(({ commit }) => commit.subject)).toEqual([
      'the first',
      ...steps.map(([subject]) => subject),
    ]);
    expect(log.entries.map(({ moved }) => moved)).toEqual([false, false, false, true, false, true, true]);
    expect(log.entries[3]?.changes).toEqual(['train: adam lr 0.01 → 0.05 (param lr)']);
    expect(() => metricLog('small', 'test.los', { project, revision: 'HEAD', words: builtinWords })).toThrow(
      "no metric 'test.los'",
    );
  });

  it('take fewer seeds for no move', async () => {
    await lockAll(1);
    history.commit('one seed');
    const { entries, largest } = metricLog('small', 'test.loss', { project, revision: 'HEAD', words: builtinWords });
    history.git('reset', '--quiet', '--hard', 'HEAD~1');
    expect(entries.at(-1)).toMatchObject({ seeds: [1], difference: 0, moved: false, note: 'seeds 1' });
    expect(largest).not.toBe(entries.length - 1);
  });

  it('name a metric that no result has before anything is trained', async () => {
    const condition = readCondition('test.los < 1');
    const range = `${commits[0]}..${commits[4]}`;
    await expect(bisect({ project, experiment: 'small', condition, range, ...bisecting })).rejects.toThrow(
      "no result has the metric 'test.los'",
    );
  });

  it('find the culprit commit from what is locked, without training', async () => {
    const log = metricLog('small', 'test.loss', { project, revision: 'HEAD', words: builtinWords });
    const seed1 = log.entries.map(({ values }) => values[0] ?? Number.NaN);
    const limit = ((seed1[2] ?? 0) + (seed1[3] ?? 0)) / 2;
    const found = await bisect({
      project,
      experiment: 'small',
      condition: readCondition(`test.loss < ${limit}`),
      range: `${commits[0]}..${commits[4]}`,
      ...bisecting,
    });
    expect(found?.culprit.subject).toBe('a hyper-parameter');
    expect(found?.changes).toEqual(['train: adam lr 0.01 → 0.05 (param lr)']);
    expect(found?.tried.every(({ from }) => from === 'lock')).toBe(true);
    expect(found?.outcomeChanges).toBe(1);
  });
});

const bisecting = {
  seeds: [1],
  install: false,
  backend: 'cpu',
  threads: null,
  store: null,
  listener: () => {},
  library: builtinWords,
  signal: new AbortController().signal,
  commandLine: [],
} as const;

describe('without lock files', () => {
  const bare = new ScriptedHistory();
  const own = projectAround(bare.folder);
  afterAll(() => bare.remove());

  it('a bisection trains in worktrees of its own, and says what it cannot try', async () => {
    bare.write(file, smallExperiment);
    bare.write('experiments/data/table.csv', table('0.5'));
    const first = bare.commit('the first');
    bare.write('notes.txt', 'nothing to do with it');
    bare.commit('notes');
    bare.edit(file, 'lr = 0.01', 'lr = 0.01 where');
    bare.commit('broken');
    bare.edit(file, 'lr = 0.01 where', 'lr = 0.2');
    bare.commit('culprit');
    bare.edit(file, 'h: dense', 'hidden: dense');
    bare.commit('renamed');
    const before = bare.state();
    const options = { project: own, experiment: 'small', range: `${first}..HEAD`, ...bisecting };
    await expect(bisect({ ...options, condition: readCondition('train.loss > 0') })).rejects.toThrow('at both ends');
    const both = await bisect({ ...options, condition: readCondition('train.loss > 0') }).catch(
      (error: Error) => error.message,
    );
    const [a, b] = [...String(both).matchAll(/\(([\d.]+)\)/g)].map(([, value]) => Number(value));
    const found = await bisect({ ...options, condition: readCondition(`train.loss > ${((a ?? 0) + (b ?? 0)) / 2}`) });
    expect(found?.culprit.subject).toBe('culprit');
    expect(found?.suspects.map(({ subject }) => subject)).toEqual(['broken']);
    expect(found?.tried.map(({ from }) => from)).toContain('the same content');
    expect(bare.state()).toBe(before);
    expect(bare.git('worktree', 'list').trim().split('\n')).toHaveLength(1);
  });
});

describe('results that are not locked', () => {
  const bare = new ScriptedHistory();
  const own = projectAround(bare.folder);
  const store = join(bare.folder, 'results.db');
  afterAll(() => bare.remove());

  it('are those of the data beside the text, not of another version of it', async () => {
    bare.write(file, smallExperiment);
    bare.write('experiments/data/table.csv', table('0.5'));
    const commit = bare.commit('the first');
    const train = async () => {
      const source = { path: join(bare.folder, file), text: bare.read(file) };
      const { model } = await run({ source, backend: 'cpu', store });
      model?.dispose();
    };
    await train();
    // Not of the folder in which the tests run.
    const opened = await openStore(store, { mode: 'read' });
    const { environment } = opened.findRun('r1');
    opened.close();
    expect(JSON.parse(environment).git).toMatchObject({ commit, branch: 'main', dirty: false });
    bare.write('experiments/data/table.csv', table('0.999'));
    const runsOf = async () => {
      const { experiments } = await compare(readSelection([], own), own, store, builtinWords);
      return experiments[0]?.pairs.map(({ old, new: now }) => [old.runs, now.runs]);
    };
    expect(await runsOf()).toEqual([]);
    await train();
    expect(await runsOf()).toEqual([[['r1'], ['r2']]]);
  });
});

describe('a link in place of an experiment', () => {
  const bare = new ScriptedHistory();
  const own = projectAround(bare.folder);
  const commitsOf: string[] = [];
  const repository = () => {
    if (own.repository === null) throw new Error('there is a repository');
    return own.repository;
  };
  const linked = (to: string) => {
    bare.git('rm', '--quiet', '--cached', file);
    rmSync(join(bare.folder, file));
    symlinkSync(to, join(bare.folder, file));
  };
  beforeAll(() => {
    bare.write('experiments/data/table.csv', table('0.5'));
    bare.write('experiments/real.ae', smallExperiment);
    symlinkSync('real.ae', join(bare.folder, file));
    commitsOf.push(bare.commit('a link'));
    rmSync(join(bare.folder, file));
    bare.git('mv', 'experiments/real.ae', file);
    commitsOf.push(bare.commit('a file'));
    bare.edit(file, 'lr = 0.01', 'lr = 0.05');
    commitsOf.push(bare.commit('faster'));
  });
  afterAll(() => bare.remove());

  it('is the experiment that it leads to, in log and bisect', async () => {
    const [first = '', , last = ''] = commitsOf;
    const asked = { project: own, experiment: 'small', range: `${first}..${last}`, ...bisecting };
    await expect(bisect({ ...asked, condition: readCondition('train.loss < 1e9') })).rejects.toThrow('at both ends');
    const history = new ExperimentHistory(repository(), { file, name: 'small' }, last, builtinWords);
    expect(commitsOf.map((commit) => history.versionAt(commit)?.diagnostics)).toEqual([[], [], []]);
  });

  it('may have been the file itself before, or lead nowhere', () => {
    bare.git('mv', file, 'experiments/real.ae');
    symlinkSync('real.ae', join(bare.folder, file));
    const tip = bare.commit('a link again');
    const history = new ExperimentHistory(
      repository(),
      { file: 'experiments/real.ae', name: 'small' },
      tip,
      builtinWords,
    );
    expect(commitsOf.map((commit) => history.placeAt(commit)?.file)).toEqual(['experiments/real.ae', file, file]);
    for (const target of ['small.ae', '../../outside.ae', '/etc/passwd', '../.gitignore', 'none.ae']) {
      linked(target);
      const commit = bare.commit(target);
      expect(repository().read(commit, file), target).toBeNull();
    }
  });
});
