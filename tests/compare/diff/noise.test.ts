import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bisect } from '../../../src/compare/bisect/bisect.js';
import { readCondition } from '../../../src/compare/bisect/condition.js';
import { compare } from '../../../src/compare/diff/compare.js';
import { readSelection } from '../../../src/compare/diff/selection.js';
import { metricLog } from '../../../src/compare/log.js';
import { projectAround } from '../../../src/project/versioned-project.js';
import { builtinWords } from '../../../src/words/words.js';
import { lockText, ScriptedHistory } from './scripted-history.js';

const history = new ScriptedHistory();
const project = projectAround(history.folder);
const file = 'experiments/small.ae';
const text = (lr: string) => `experiment small {
  data digits(take=50, test=10)
  encoder { code: dense(2) }
  decoder { dense(input.size) }
  loss mse()
  train sgd(lr=${lr}) { epochs = 1 }
}
`;
const seeds = [1, 2, 3, 4, 5];

/** A commit whose lock says that its seeds gave these losses. */
async function commit(subject: string, lr: string, losses: readonly number[]): Promise<string> {
  history.write(file, text(lr));
  const { experiments } = await compare(readSelection([], project), project, 'no results.db', builtinWords);
  const hash = experiments[0]?.new?.compiled?.hash ?? '';
  history.write(`${file}.lock`, lockText('small', hash, { 'test.loss': losses }, { seeds }));
  return history.commit(subject);
}

const commits: string[] = [];
beforeAll(async () => {
  history.write(file, text('0.5'));
  history.commit('unlocked');
  commits.push(
    await commit('the first', '0.01', [5, 5.1, 5.2, 5.1, 5]),
    // One seed of five.
    await commit('an outlier', '0.02', [5, 5.1, 5.2, 5.1, 9]),
    await commit('back again', '0.03', [5, 5.1, 5.2, 5.1, 5]),
    await commit('better', '0.04', [4.5, 4.6, 4.7, 4.7, 4.5]),
    await commit('diverges', '1e30', [Number.NaN, 4.6, 4.7, 4.7, 4.5]),
    await commit('finite again', '0.05', [4.4, 4.5, 4.6, 4.7, 4.3]),
  );
});
afterAll(() => history.remove());

describe('a log', () => {
  it('tells the moves that are more than noise', () => {
    const { entries, largest } = metricLog('small', 'test.loss', {
      project,
      revision: commits[3] ?? '',
      words: builtinWords,
    });
    const moves = entries.slice(1);
    expect(moves.map(({ commit: { subject }, moved }) => [subject, moved])).toEqual([
      ['the first', false],
      ['an outlier', true],
      ['back again', true],
      ['better', true],
    ]);
    expect(moves.map(({ significant }) => significant)).toEqual([false, false, false, true]);
    // SciPy: ttest_rel has 0.373901, 0.373901 and 1.79e-05; Holm's correction is for the three.
    const [, outlier, , better] = moves;
    expect(outlier?.p).toBeCloseTo(2 * 0.373901, 5);
    expect(better?.p).toBeCloseTo(3 * 1.7877072e-5, 8);
    expect(largest).toBe(2);
  });

  it('takes what is no longer finite for the largest move', () => {
    const { entries, largest } = metricLog('small', 'test.loss', { project, revision: 'HEAD', words: builtinWords });
    expect(entries[largest ?? -1]?.commit.subject).toBe('diverges');
    expect(entries[largest ?? -1]).toMatchObject({ significant: false, p: null, difference: Number.NaN });
  });
});

describe('a bisection', () => {
  const options = {
    project,
    experiment: 'small',
    install: false,
    backend: 'cpu',
    threads: null,
    store: null,
    listener: () => {},
    library: builtinWords,
    signal: new AbortController().signal,
    commandLine: [],
  } as const;

  it('says whether the seeds tell the values on both sides of the limit', async () => {
    const range = (from: number, to: number) => `${commits[from]}..${commits[to]}`;
    const found = await bisect({
      ...options,
      seeds,
      condition: readCondition('test.loss < 4.8'),
      range: range(2, 3),
    });
    expect(found?.culprit.subject).toBe('better');
    expect(found?.p).toBeCloseTo(1.7877072e-5, 8);
    const outlier = await bisect({
      ...options,
      seeds,
      condition: readCondition('test.loss < 5.5'),
      range: range(0, 1),
    });
    expect(outlier?.p).toBeCloseTo(0.373901, 5);
    const one = await bisect({
      ...options,
      seeds: [5],
      condition: readCondition('test.loss < 6'),
      range: range(0, 1),
    });
    expect(one).toMatchObject({ p: null, culprit: { subject: 'an outlier' } });
  });

  it('cannot try a commit whose training diverges, and goes on', async () => {
    const found = await bisect({
      ...options,
      seeds: [1],
      condition: readCondition('test.loss < 4.45'),
      range: `${commits[3]}..${commits[5]}`,
    });
    expect(found?.suspects.map(({ subject }) => subject)).toEqual(['diverges']);
    expect(found?.tried.map(({ value, reason }) => [value, reason])).toEqual([
      [4.5, null],
      [null, 'it diverged with seed 1'],
      [4.4, null],
    ]);
  });
});
