import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bindExperiment } from '../../../src/compiler/compile.js';
import { experimentText } from '../compiled.js';
import { sweptTrials } from '../swept.js';
import { testWorld } from '../world.js';

function trials(sweep: string) {
  const text = experimentText(`data mnist() param a = 1 param b = 2 sweep { ${sweep} }`);
  const bound = bindExperiment({ path: 'example.ae', text }, null, testWorld()).value;
  return sweptTrials(bound ?? fail(), testWorld()).trials?.map(({ assignments, seed, data }) => ({
    ...Object.fromEntries(
      assignments.map((x) => [x.name.name, x.value.kind === 'number' ? x.value.value : x.value.kind]),
    ),
    ...(data ? { data: data.word.name } : {}),
    seed,
  }));
}

function fail(): never {
  throw new Error('the experiment has errors');
}

describe('a sweep', () => {
  it('varies its first axis slowest and the seeds fastest, wherever they are written', () => {
    expect(trials('seeds = 2  a = [3, 4]  b = [5, 6]')).toEqual([
      { a: 3, b: 5, seed: 1 },
      { a: 3, b: 5, seed: 2 },
      { a: 3, b: 6, seed: 1 },
      { a: 3, b: 6, seed: 2 },
      { a: 4, b: 5, seed: 1 },
      { a: 4, b: 5, seed: 2 },
      { a: 4, b: 6, seed: 1 },
      { a: 4, b: 6, seed: 2 },
    ]);
  });

  it('has data sets and seeds as axes', () => {
    expect(trials('data = [mnist(), digits()]  seed = [7]')).toEqual([
      { data: 'mnist', seed: 7 },
      { data: 'digits', seed: 7 },
    ]);
  });

  it('excludes the end of a range and includes the ends of linspace and logspace', () => {
    expect(trials('a = range(0, 3)')?.map((t) => 'a' in t && t.a)).toEqual([0, 1, 2]);
    expect(trials('a = range(1, 2, 0.25)')?.map((t) => 'a' in t && t.a)).toEqual([1, 1.25, 1.5, 1.75]);
    expect(trials('a = linspace(0, 1, 5)')?.map((t) => 'a' in t && t.a)).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(trials('a = logspace(0.001, 10, 5)')?.map((t) => 'a' in t && t.a)).toEqual([0.001, 0.01, 0.1, 1, 10]);
  });

  it('has as many trials as its axes multiply to', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        (n, m, s) => {
          expect(trials(`a = range(0, ${n})  b = range(0, ${m})  seeds = ${s}`)).toHaveLength(n * m * s);
        },
      ),
      { numRuns: 30 },
    );
  });
});
