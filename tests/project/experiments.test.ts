import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onlyMeant } from '../../src/project/experiment-names.js';
import { findExperiment } from '../../src/project/experiments.js';
import { UsageError } from '../../src/project/usage-error.js';
import { projectAround } from '../../src/project/versioned-project.js';
import { experimentText } from '../compiler/compiled.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aedsl-find-'));
  const write = (name: string, statements: string, more = '') => {
    const text = experimentText(statements).replace('experiment example', `experiment ${name.replace(/^.*\//, '')}`);
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, `${name}.ae`), `${text}\n${more}`);
  };
  write(
    'sparse',
    'data digits() param rho = 0.1 param beta = 3',
    'experiment denser extends sparse { param rho = 0.5 }',
  );
  write('deep/wide', 'data digits() param hidden = 16 param beta = 1');
  write('fixed', 'data digits()');
  writeFileSync(join(folder, 'broken.ae'), 'experiment {');
  write('.hidden/copy', 'data digits() param hidden = 16');
  write('node_modules/other/copy', 'data digits() param hidden = 16');
  symlinkSync('deep', join(folder, 'link'));
  symlinkSync('deep/wide.ae', join(folder, 'link.ae'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The message and the hint of what is thrown. */
function refusal(word: string | null, axes: readonly string[]): string {
  try {
    findExperiment(word, axes, folder);
  } catch (error) {
    if (error instanceof UsageError) return `${error.message}: ${error.hint}`.replaceAll(folder, 'experiments');
    throw error;
  }
  throw new Error('it was found');
}

describe('which experiment a sweep is of', () => {
  it('the only one that declares every axis itself', () => {
    expect(findExperiment(null, ['hidden'], folder).experiment).toBe('wide');
    expect(findExperiment(null, ['rho', 'beta', 'seed'], folder).experiment).toBe('sparse');
  });

  it('lists those that there are, when there are several', () => {
    expect(refusal(null, ['rho'])).toBe(
      "several experiments have the param 'rho': name one of them first: experiments/sparse.ae, experiments/sparse.ae:denser",
    );
  });

  it('may be one that has errors, which is not passed over', () => {
    const broken = join(folder, 'unclosed.ae');
    writeFileSync(broken, 'experiment unclosed { param hidden = 4 encoder { code: dense(hidden } }');
    try {
      expect(refusal(null, ['hidden'])).toBe(
        "several experiments have the param 'hidden': name one of them first: experiments/deep/wide.ae\n  skipped because of errors: experiments/unclosed.ae (this '(' is never closed)",
      );
      expect(findExperiment(null, ['rho', 'beta'], folder).experiment).toBe('sparse');
    } finally {
      rmSync(broken);
    }
  });

  it('lists a dozen, and eight params of each, where there are many', () => {
    const many = join(folder, 'many.ae');
    const params = Array.from({ length: 20 }, (_, i) => `param p${i} = ${i}`).join(' ');
    writeFileSync(
      many,
      Array.from({ length: 20 }, (_, i) => `experiment e${i} extends "sparse.ae" { ${params} }`).join('\n'),
    );
    try {
      const said = refusal(null, ['momentum']);
      expect(said).toContain('; … (23)');
      expect(said).toContain('has p0, p1, p2, p3, p4, p5, p6, p7, … (20);');
      expect(said.length).toBeLessThan(2000);
    } finally {
      rmSync(many);
    }
  });

  it('lists what there is, when there is none', () => {
    expect(refusal(null, ['momentum'])).toBe(
      "no experiment of 'experiments' has the param 'momentum': experiments/deep/wide.ae has hidden, beta; experiments/sparse.ae has rho, beta; experiments/sparse.ae:denser has rho\n  skipped because of errors: experiments/broken.ae (this '{' is never closed)",
    );
    expect(refusal(null, ['rho', 'hidden'])).toMatch(
      /^no experiment of 'experiments' has the param 'rho' and 'hidden':/,
    );
    expect(refusal(null, ['hiden'])).toMatch(/did you mean 'hidden'\?\n.*broken/);
    expect(refusal(null, ['seed'])).toMatch(/^no experiment is named: name it first: experiments\//);
  });

  it('by the name of a file, of an experiment of it, or of an experiment alone', () => {
    const path = join(folder, 'sparse.ae');
    expect(findExperiment(path, [], folder)).toMatchObject({ source: { path }, experiment: null });
    expect(findExperiment(`${path}:denser`, [], folder)).toMatchObject({ source: { path }, experiment: 'denser' });
    expect(findExperiment('denser', [], folder)).toMatchObject({ source: { path }, experiment: 'denser' });
    expect(refusal('spars', [])).toMatch(/did you mean 'sparse'\?\n.*broken/);
    expect(refusal('nothing_like_it', [])).toMatch(/there are experiments\//);
  });

  it('says what to do where there is no folder', () => {
    expect(() => findExperiment(null, ['rho'], join(folder, 'nowhere'))).toThrow(/there is no folder/);
  });

  it.each([
    ['x.csv', 'a,b\n1,2\n', 'a table', 'data csv("x.csv")'],
    ['x.npy', '\u0093NUMPY', 'a NumPy array', 'data npy("x.npy")'],
    ['x.safetensors', '\u0008\0\0\0\0\0\0\0{}      ', 'a file of arrays', 'data safetensors("x.safetensors")'],
    ['x.png', '\u0089PNG', 'a PNG picture', 'data images("x.png")'],
    ['results.db', 'SQLite format 3', 'an SQLite database', 'aedsl ls --db'],
    ['r1.tgz', 'x', 'a bundle', 'aedsl show'],
    ['x.ipynb', '{}', 'a notebook', 'docs/notebook.md'],
    ['train.py', 'import torch', 'a Python program', 'docs/from-pytorch.md'],
    ['sparse.ae.lock', '{}', 'a lock file', 'sparse.ae'],
    ['x.parquet', 'PAR1', 'a table of a kind that is not read', 'save it as CSV'],
    ['weights.pt', 'PK\u0003\u0004', 'of another library', '--init'],
    ['lr.yaml', 'lr: 1', 'a text for other programs', '.ae files'],
    ['x.pdf', '%PDF', 'a PDF document', '.ae files'],
  ])('says of %s what it is and what to do', (name, content, what, toDo) => {
    const path = join(folder, 'others', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content, 'latin1');
    const told = refusal(path, []);
    expect(told).toContain(what);
    expect(told).toContain(toDo);
    expect(() => onlyMeant(path, [], projectAround(folder))).toThrow(what);
  });

  it('takes a text of any name that may have an experiment, and says of a folder what it could be', () => {
    const path = join(folder, 'others.txt');
    writeFileSync(path, experimentText('data digits()'));
    expect(findExperiment(path, [], folder)).toMatchObject({ source: { path }, experiment: null });
    mkdirSync(join(folder, 'pictures'), { recursive: true });
    expect(() => onlyMeant(join(folder, 'pictures'), [], projectAround(folder))).toThrow(/is a folder/);
  });
});
