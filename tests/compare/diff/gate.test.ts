import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { compare } from '../../../src/compare/diff/compare.js';
import { gateFailures, readGate } from '../../../src/compare/diff/gate.js';
import { readSelection } from '../../../src/compare/diff/selection.js';
import { projectAround } from '../../../src/project/versioned-project.js';
import type { Measured } from '../../../src/runtime/provenance/measured.js';
import { builtinWords } from '../../../src/words/words.js';
import { type Locked, lockText, ScriptedHistory } from './scripted-history.js';

const history = new ScriptedHistory();
const project = projectAround(history.folder);
const file = 'experiments/small.ae';
const lock = `${file}.lock`;
const text = `experiment small {
  param width = 8
  data digits(take=50, test=10)
  encoder { code: dense(width) }
  decoder { dense(input.size, activation=sigmoid) }
  loss mse()
  train adam() { epochs = 1 }
}
`;
const wider = text.replace('width = 8', 'width = 9');
/** Its loss is 784 times as large in its own units. */
const summed = text.replace('mse()', 'mse(reduction=sum)');
/** Another experiment, which nobody would take for the first one under a new name. */
const other = `experiment other {
  data digits(take=60, test=20)
  encoder { dense(20, activation=relu)  dense(4) }
  decoder { dense(20, activation=relu)  dense(input.size) }
  loss bce()
  train sgd(lr=0.1) { epochs = 2 }
}
`;

const compareToHead = () => compare(readSelection([], project), project, 'no results.db', builtinWords);

async function failures(...gates: readonly string[]): Promise<readonly string[]> {
  const found = gateFailures(await compareToHead(), gates.map(readGate));
  return found.map(({ experiment, reason }) => `${experiment}: ${reason}`);
}

/** The content hash of each text, by which a lock says what it is of. */
const hashes = new Map<string, string>();

function lockAs(metrics: Measured['metrics'], { of = text, ...locked }: Locked & { readonly of?: string } = {}): void {
  history.write(lock, lockText('small', hashes.get(of) ?? '', metrics, locked));
}

function remove(path: string): void {
  rmSync(join(history.folder, path));
}

function restore(): void {
  history.git('reset', '--quiet', '--hard', 'locked');
  history.git('clean', '--quiet', '--force', '-d');
}

beforeAll(async () => {
  history.write(file, text);
  history.commit('unlocked');
  for (const written of [text, wider, summed]) {
    history.write(file, written);
    hashes.set(written, (await compareToHead()).experiments[0]?.new?.compiled?.hash ?? '');
  }
  history.write(file, text);
  lockAs({ 'test.loss': [1, 2], 'train.loss': [1, 2] });
  history.commit('locked');
  history.git('tag', 'locked');
});
afterEach(restore);
afterAll(() => history.remove());

describe('a gate', () => {
  it('lets through what is as good as it was, and stops what is worse', async () => {
    expect(await failures('test.loss>+1%')).toEqual([]);
    history.write(file, wider);
    lockAs({ 'test.loss': [1, 2.1], 'train.loss': [1, 2] }, { of: wider });
    expect(await failures('test.loss>+5%')).toEqual([]);
    expect(await failures('test.loss>+1%', 'test.loss>0.04')).toEqual([
      'small: test.loss changed by +3.33 %',
      'small: test.loss changed by +0.05',
    ]);
  });

  it('fails when the experiment is gone', async () => {
    history.write('experiments/other.ae', other);
    remove(file);
    remove(lock);
    expect(await failures('test.loss>+1%')).toEqual(['small: the experiment is gone']);
    restore();
    remove(file);
    remove(lock);
    expect(await failures('test.loss>+1%')).toEqual(['small: the experiment is gone']);
  });

  it('fails when the results are gone, changed or not', async () => {
    remove(lock);
    expect(await failures('test.loss>+1%')).toEqual(['small: its new results are unknown']);
    history.write(file, wider);
    expect(await failures('test.loss>+1%')).toEqual(['small: it changed, and its new results are unknown']);
    restore();
    // Locked with another choice of params only.
    lockAs({ 'test.loss': [1, 2] }, { params: ['width=9'], of: wider });
    expect(await failures('test.loss>+1%')).toEqual(['small: its results are gone']);
    history.write(lock, 'no lock file');
    expect(await failures('test.loss>+1%')).toEqual(['small: its new results are unknown']);
  });

  it('fails when the results are those of another text', async () => {
    history.write(file, wider);
    expect(await failures('test.loss>+1%')).toEqual([
      'small: its new results are unknown: the locked ones belong to another text',
    ]);
    lockAs({ 'test.loss': [1, 2.001], 'train.loss': [1, 2] });
    expect(await failures('test.loss>+1%')).toHaveLength(1);
  });

  it('fails when the metric is gone or not a finite number, with any seed', async () => {
    lockAs({ 'train.loss': [1, 2] });
    expect(await failures('test.loss>+1%')).toEqual(['small: test.loss is no longer measured']);
    lockAs({ 'test.loss': [1, Number.NaN], 'train.loss': [1, 2] });
    expect(await failures('test.loss>+1%')).toEqual(['small: test.loss is not a finite number with seed 2']);
    // A seed that the old side does not have, and is left out of the difference.
    lockAs({ 'test.loss': [1, 2, Number.NaN], 'train.loss': [1, 2, 3] }, { seeds: [1, 2, 3] });
    expect(await failures('test.loss>+1%')).toEqual(['small: test.loss is not a finite number with seed 3']);
    // A loss of the epoch before is no result of a training that diverged.
    lockAs({ 'test.loss': [1, 2], 'train.loss': [1, 2] }, { diverged: [2] });
    expect(await failures('train.loss>+1%')).toEqual(['small: train.loss is not a finite number with seed 2']);
  });

  it('fails for NaN that was NaN before, and not for what is finite again', async () => {
    lockAs({ 'test.loss': [1, Number.NaN] });
    history.commit('diverged');
    expect(await failures('test.loss>+1%')).toEqual(['small: test.loss is not a finite number with seed 2']);
    lockAs({ 'test.loss': [1, 2] });
    expect(await failures('test.loss>+1%')).toEqual([]);
  });

  it('fails for a loss in other units, which cannot be told from a better one', async () => {
    lockAs({ 'test.loss': [100, 200], 'test.sse': [100, 200], 'test.loss.mse': [100, 200] }, { of: summed });
    history.write(file, summed);
    history.commit('summed');
    history.write(file, text);
    lockAs({ 'test.loss': [1, 2], 'test.sse': [100, 201], 'test.loss.mse': [1, 2] });
    const inOtherUnits = 'small: test.loss is in other units, since the loss itself changed, where test.sse is not';
    expect(await failures('test.loss>+1%', 'test.sse>+1%', 'test.sse>0.1')).toEqual([
      inOtherUnits,
      'small: test.sse changed by +0.5',
    ]);
    // The sum of a term's squares and their mean are two things, too.
    expect(await failures('test.loss.mse>+1%')).toEqual([inOtherUnits.replace('test.loss', 'test.loss.mse')]);
    expect(await failures('test.loss<-1%')).toEqual(['small: test.loss changed by -99 %']);
  });

  it('compares what has other seeds by the means', async () => {
    lockAs({ 'test.loss': [3, 4], 'train.loss': [1, 2] }, { seeds: [5, 6] });
    expect(await failures('test.loss>+1%')).toEqual(['small: test.loss changed by +133 %']);
  });

  it('takes any change of 0 for more than every percentage', async () => {
    lockAs({ 'test.loss': [0, 0] });
    history.commit('zero');
    lockAs({ 'test.loss': [0.1, 0.1] });
    expect(await failures('test.loss>+1000%', 'test.loss<-1%')).toEqual(['small: test.loss changed by +0.1 from 0']);
    lockAs({ 'test.loss': [-0.1, -0.1] });
    expect(await failures('test.loss>+1000%', 'test.loss<-1%')).toEqual(['small: test.loss changed by -0.1 from 0']);
  });

  it('lets a change of just the limit through', async () => {
    lockAs({ 'test.loss': [1.5, 2.5], 'train.loss': [1, 2] });
    expect(await failures('test.loss>+0.5')).toEqual([]);
    expect(await failures('test.loss>+0.4999')).toHaveLength(1);
    lockAs({ 'test.loss': [0.5, 1.5], 'train.loss': [1, 2] });
    expect(await failures('test.loss<-0.5')).toEqual([]);
  });

  it('has nothing to say of what is new, or was never measured', async () => {
    history.write('experiments/other.ae', other);
    expect(await failures('test.loss>+1%')).toEqual([]);
    restore();
    remove(lock);
    history.commit('unlocked again');
    expect(await failures('test.loss>+1%')).toEqual([]);
    history.write(file, wider);
    expect(await failures('test.loss>+1%')).toEqual(['small: it changed, and its results are unknown']);
  });

  it('is refused where there is no experiment at all', async () => {
    history.git('rm', '--quiet', '-r', 'experiments');
    history.commit('nothing');
    await expect(failures('test.loss>+1%')).rejects.toThrow('there is no experiment to check');
    expect(await failures()).toEqual([]);
  });
});
