import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rerun } from '../../src/compare/rerun.js';
import { builtinWords } from '../../src/words/words.js';
import { aedsl } from './recorded-console.js';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-typed-')));
const here = join(root, 'a');
const before = process.cwd();

/** A table whose number of rows tells it from the others. */
const table = (rows: number) =>
  ['a,b', ...Array.from({ length: rows }, (_, i) => `${(i % 7) / 7},${(i % 5) / 5}`)].join('\n');
const rowsOf = { 't.csv': 60, 'a/t.csv': 50, 'a/here.csv': 40, 'beside.csv': 30 };
const experiment = `experiment p {
  param f = "t.csv"
  param g = "beside.csv"
  param lr = 0.01
  data csv(f) { min_max() }
  encoder { code: dense(1) }
  decoder { dense(input.size, activation=sigmoid) }
  loss mse()
  train adam(lr=lr) { epochs = 1  batch = 10 }
}
`;

beforeAll(() => {
  mkdirSync(join(root, 'a'));
  mkdirSync(join(root, '.git'));
  for (const [path, rows] of Object.entries(rowsOf)) writeFileSync(join(root, path), table(rows));
  writeFileSync(join(root, 'p.ae'), experiment);
  writeFileSync(join(root, 'q.ae'), experiment.replace('experiment p', 'experiment q'));
  symlinkSync(root, join(root, 'a', 'up'));
});
beforeEach(() => process.chdir(here));
afterEach(() => process.chdir(before));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The examples that are trained on, and what is said. */
async function compiled(file: string, params: readonly string[], data?: string) {
  const { code, out, err } = await aedsl('compile', file, ...params, ...(data === undefined ? [] : ['--data', data]));
  expect(code).toBe(0);
  const [, train = ''] = /"train": (\d+)/.exec(out) ?? [];
  const notes = err.match(/^note: .*\n/gm) ?? [];
  return { train: Number(train), said: notes.join('') };
}

const taken = (name: string) => `note: '${name}' is read from here, and not from ../${name}, beside ../p.ae\n`;
const notHere = (name: string) => `note: '${name}' is not here: reading ../${name}, beside ../p.ae\n`;

describe('a data file that is typed on the command line', () => {
  it('is read from where one stands, and what could be another file is told', async () => {
    expect(await compiled('../p.ae', [], 'csv("t.csv")')).toEqual({ train: 50, said: taken('t.csv') });
    expect(await compiled('../p.ae', [], 'csv(file="here.csv")')).toEqual({ train: 40, said: '' });
    expect(await compiled('../p.ae', ['f="t.csv"', 'lr=0.1'])).toEqual({ train: 50, said: taken('t.csv') });
    expect(await compiled('../p.ae', ['g="here.csv"'], 'csv(g)')).toEqual({ train: 40, said: '' });
  });

  it('may be beside the experiment where there is none here', async () => {
    expect(await compiled('../p.ae', [], 'csv("beside.csv")')).toEqual({ train: 30, said: notHere('beside.csv') });
    expect(await compiled('../p.ae', ['f="beside.csv"'])).toEqual({ train: 30, said: notHere('beside.csv') });
  });

  it('keeps its meaning beside the experiment, in the experiment itself, and with an absolute path', async () => {
    expect(await compiled('../p.ae', [])).toEqual({ train: 60, said: '' });
    expect(await compiled('../p.ae', [], `csv("${join(root, 't.csv')}")`)).toEqual({ train: 60, said: '' });
    process.chdir(root);
    expect(await compiled('p.ae', ['f="a/t.csv"'], 'csv("t.csv")')).toEqual({ train: 60, said: '' });
  });

  it('is found through a link to the folder of the experiment', async () => {
    expect(await compiled('up/p.ae', [], 'csv("here.csv")')).toEqual({ train: 40, said: '' });
  });

  it('is the same file for check, with several experiments', async () => {
    expect(await aedsl('check', '../p.ae', '../q.ae', 'f="here.csv"')).toMatchObject({ code: 0, err: '' });
    expect(await aedsl('check', '../p.ae', '--data', 'csv("here.csv")')).toMatchObject({ code: 0, err: '' });
    const nowhere = await aedsl('check', '../p.ae', '--data', 'csv("nowhere.csv")');
    expect(nowhere).toMatchObject({ code: 3, err: '' });
    expect(nowhere.out).toContain(`${join(here, 'nowhere.csv')}: there is no such file`);
  });

  it('is the same file for a sweep, and for what comes of its runs in other folders', async () => {
    const db = join(root, 'results.db');
    const trained = await aedsl('run', '../p.ae', '--data', 'csv("t.csv")', '--db', db, '--json', '--backend', 'cpu');
    expect(trained).toMatchObject({ code: 0, err: expect.stringContaining(taken('t.csv')) });
    expect(trained.out).toContain('50 examples to train on');
    process.chdir(before);
    const signal = new AbortController().signal;
    const again = { store: db, keep: false, backend: null, threads: null, listener: () => {}, signal, commandLine: [] };
    expect(await rerun('r1', { library: builtinWords, ...again })).toMatchObject({ identical: true });
    process.chdir(here);
    const words = ['../p.ae', 'f="here.csv","beside.csv"', 'data=csv("here.csv"),digits'];
    const planned = await aedsl('sweep', ...words, '--no-store', '--dry-run', '--json');
    expect(planned.err).toBe(notHere('beside.csv'));
    expect(planned.out).toContain('a/here.csv');
    expect(planned.out).toContain('csv(\\"a/here.csv\\")');
  });
});
