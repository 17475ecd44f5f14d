import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lines, type Workplace, workplace } from './command.js';

let place: Workplace;
beforeAll(() => {
  place = workplace('one');
  const run = place.aedsl(
    'run',
    'experiments/first.ae',
    '--data',
    'digits(take=128, test=16)',
    '--epochs',
    '2',
    '--threads',
    '1',
  );
  if (run.status !== 0) throw new Error(run.stderr);
});
afterAll(() => place.leave());

describe('aedsl verify', () => {
  it('trains a run again, with other threads, beside another engine', () => {
    const again = place.aedsl('verify', 'last');
    expect(again).toMatchObject({ status: 0, stdout: 'r1: bit-identical in 8 steps (simd)\n' });
    const [verdict] = lines(place.aedsl('verify', 'r1', '--threads', '2', '--json').stdout);
    expect(verdict).toMatchObject({ event: 'verdict', run: 'r1', identical: true, steps: 8, window: null });
    expect(place.aedsl('verify', 'r1', '--threads', '1', '--against', 'threads=2').status).toBe(0);
  });

  it('says which tensor another backend computes otherwise, and how far it is off', () => {
    const { status, stdout } = place.aedsl('verify', 'r1', '--against', 'backend=cpu');
    expect(status).toBe(1);
    expect(stdout).toMatch(/r1: simd and cpu first differ in step 1 of train/);
    expect(stdout).toMatch(/the first tensor that differs: 'output encoder\[\d\]' \(.*\) of step 1/);
    expect(stdout).toMatch(/values differ, by at most [\d,]+ ULP; the first is \[\d+\]: /);
  });

  it.each([
    ['an unknown run', ['r9'], /no run 'r9'/, 2],
    ['a bundle that isn’t there', ['no.tgz'], /no file 'no\.tgz'/, 2],
    ['an experiment that was not run', ['experiments/sparse.ae'], /'sparse' has no complete run/, 2],
    ['a sweep that isn’t there', ['s4'], /there is no sweep 's4'/, 2],
    [
      'what answers as no engine does',
      ['r1', '--node', 'cat'],
      /could not train it again: its command wrote something else than messages/,
      4,
    ],
    ['a backend that isn’t there', ['r1', '--against', 'backend=gpu'], /no backend 'gpu'/, 2],
    ['a Node that isn’t there', ['r1', '--node', 'no-node'], /could not be started/, 4],
    ['what is no Node', ['r1', '--node', 'false'], /its command ended with code 1 before it reported the end/, 4],
    ['a number of threads that is none', ['r1', '--against', 'threads=0'], /no number of threads/, 2],
  ])('refuses %s', (_what, args, message, code) => {
    const { status, stderr } = place.aedsl('verify', ...args);
    expect(stderr).toMatch(message);
    expect(status).toBe(code);
  });
});

describe('aedsl bundle', () => {
  it('writes what is verified where there is no database, and refused when it was altered', () => {
    const bundled = place.aedsl('bundle', 'r1', '-o', 'run.tgz');
    expect(bundled.status).toBe(0);
    expect(bundled.stdout).toMatch(/^[0-9a-f]{64} {2}run\.tgz\n$/);
    const elsewhere = join(place.folder, 'elsewhere');
    mkdirSync(elsewhere);
    const bytes = readFileSync(join(place.folder, 'run.tgz'));
    writeFileSync(join(elsewhere, 'run.tgz'), bytes);
    const texts = ['environment.json', 'experiment.ae.lock', 'checkpoint.safetensors', 'history.json'];
    const files = [...texts, 'series.safetensors', 'its pictures'];
    expect(place.aedsl('verify', 'elsewhere/run.tgz').stdout).toBe(
      'run.tgz: bit-identical in 8 steps (simd)\n' +
        `  not checked: ${[...files, 'run, data.name and package in bundle.json'].join(', ')}\n`,
    );
    expect(place.aedsl('show', 'elsewhere/run.tgz').stdout).toBe(place.aedsl('show', 'r1').stdout);
    expect(place.aedsl('show', 'elsewhere/run.tgz').stdout).toBe(place.aedsl('show', 'r1').stdout);
    const [verdict] = lines(place.aedsl('verify', 'elsewhere/run.tgz', '--json').stdout);
    expect(verdict).toMatchObject({
      identical: true,
      notChecked: [...files, 'run, data.name and package in bundle.json'],
    });
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    writeFileSync(join(elsewhere, 'altered.tgz'), bytes);
    const altered = place.aedsl('verify', 'elsewhere/altered.tgz');
    expect(altered.status).toBe(4);
    expect(altered.stderr).toMatch(/^aedsl: the (bundle|file) /);
  });
});
