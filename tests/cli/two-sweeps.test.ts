import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallExperiment, table } from '../compare/diff/scripted-history.js';
import { lines, type Workplace, workplace } from './command.js';

let place: Workplace;
const write = (path: string, text: string) => writeFileSync(join(place.folder, path), text);
const sweep = (axis: string) => {
  const done = place.aedsl('sweep', 'experiments/small.ae', axis, '--seeds', '2', '--jobs', '1');
  if (done.status !== 0) throw new Error(done.stderr);
};

// s1 has lr 0.01 and 0.05, s2 a wider code and lr 0.05 and 0.1.
beforeAll(() => {
  place = workplace('one');
  mkdirSync(join(place.folder, 'experiments', 'data'), { recursive: true });
  write('experiments/small.ae', smallExperiment);
  write('experiments/data/table.csv', table('0.5'));
  sweep('lr=[0.01,0.05]');
  write('experiments/small.ae', smallExperiment.replace('dense(2)', 'dense(3)'));
  sweep('lr=[0.05,0.1]');
});
afterAll(() => place.leave());

describe('aedsl diff of two sweeps', () => {
  it('says what their experiments say differently, and compares the cells that both have', () => {
    const { status, stdout, stderr } = place.aedsl('diff', 's1', 's2');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(
      's1 → s2\n\nsmall\n  experiment\n    encoder.code: dense 2 → 3\n  results, lr=0.05 (2 seeds',
    );
    expect(stdout).not.toContain('dense 3 → 2');
    // What varies within a sweep is not said to have changed between two.
    expect(stdout).not.toMatch(/adam lr|param/);
    expect(stdout).toContain('first differ in step 1 of train (loss)');
    expect(stdout).toContain('note: lr=0.1 results: new in s2\n');
    expect(stdout).toContain('note: lr=0.01 results: gone in s2\n');
  });

  it('has a row for each metric of each cell in CSV, and seeds in pairs in JSON', () => {
    const [, first] = place.aedsl('diff', 's1', 's2', '--csv').stdout.split('\n');
    expect(first).toMatch(/^small,lr=0\.05,test\.loss,last,2,/);
    const [experiment, counted] = lines(place.aedsl('diff', 's1', 's2', '--json').stdout);
    expect(experiment).toMatchObject({
      event: 'experiment',
      status: 'changed',
      results: [{ params: ['lr=0.05'], seeds: [1, 2] }],
    });
    expect(counted).toMatchObject({ event: 'compared', old: 's1', new: 's2', changed: 1 });
  });

  it('of one with itself says that nothing changed', () => {
    expect(place.aedsl('diff', 's1', 's1').stdout).toBe('s1 → s1\n\nunchanged: small\n');
  });

  it('refuses a sweep that is not there', () => {
    const { status, stderr } = place.aedsl('diff', 's1', 's9');
    expect(status).toBe(2);
    expect(stderr).toContain("there is no sweep 's9'");
  });
});

describe('aedsl verify of a sweep', () => {
  it('has a verdict on each of its runs', () => {
    const { status, stdout } = place.aedsl('verify', 's1', '--json');
    const verdicts = lines(stdout);
    expect(status).toBe(0);
    expect(verdicts.map(({ run }) => run)).toEqual(['r1', 'r2', 'r3', 'r4']);
    expect(verdicts.every(({ event, identical }) => event === 'verdict' && identical === true)).toBe(true);
  });
});
