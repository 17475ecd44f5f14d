import { describe, expect, it } from 'vitest';
import { PointSearch } from '../../../src/sweep/plan/point-search.js';
import type { SweepOptions } from '../../../src/sweep/plan/sweep-options.js';
import { planSweep } from '../../../src/sweep/plan/sweep-plan.js';
import { pointOf, searchedPoints } from '../../../src/sweep/point-source.js';
import { builtinWords } from '../../../src/words/words.js';
import { errors, planned, source, text } from './planned.js';

const axes = ['rho=loguniform:1e-3:0.5', 'hidden=int:8:64'];
const search = { axes, draws: 20, method: 'tpe' } as const;

describe('several objectives', () => {
  const two = { ...search, objectives: ['sse', 'validation.kl_sparsity'] };

  it('have their full names and the goals of the schema', () => {
    const plan = planned(two);
    expect(plan.objective).toEqual({ metric: 'validation.sse', goal: 'min', of: 'last' });
    expect(plan.moreObjectives).toEqual([{ metric: 'validation.loss.kl_sparsity', goal: 'min' }]);
    // The loss is another in each trial, and decides nothing.
    expect(plan.warnings).toEqual([]);
    const measured = text('evaluate { knn() }  sweep { objectives = ["test.sse", "test.knn"] }');
    expect(planned({ source: { path: 'a.ae', text: measured }, axes: ['rho=0.1,0.2'] })).toMatchObject({
      objective: { metric: 'test.sse' },
      moreObjectives: [{ metric: 'test.knn', goal: 'max' }],
    });
    expect(planned({ axes: ['rho=0.1,0.2'], objectives: ['validation.mse'] })).toMatchObject({
      objective: { metric: 'validation.mse', of: 'best' },
      moreObjectives: [],
    });
  });

  it.each<[Partial<SweepOptions>, readonly string[]]>([
    [{ ...two, objectives: ['sse', 'code.kl'] }, ['AE506 code.kl']],
    [{ ...two, objectives: ['sse', 'mse', 'sse'] }, ['AE303 sse']],
    [{ ...two, objectives: ['sse', 'test.mse'] }, ['AE506 test.mse']],
    [{ ...two, objectives: ['sse', 'train.mse'] }, ['AE506 train.mse']],
    [{ ...two, objectives: ['sse', 'mse', 'loss', 'kl_sparsity', 'train.sse'], method: 'random' }, ['AE610 train.sse']],
    [{ ...two, method: 'cmaes' }, ['AE610 cmaes']],
    [{ ...two, goal: 'max' }, ['AE610 max']],
    [{ ...two, method: 'random', prune: 'asha' }, ['AE608 asha']],
    [{ source: { path: 'a.ae', text: text('sweep { objectives = "sse" }') } }, ['AE305 "sse"']],
  ])('%j is refused', (options, expected) => {
    expect(errors(options)).toEqual(expected);
  });
});

describe('a planned search', () => {
  it('has the trials of the points that depend on no result, for every seed, and is judged by the validation part', () => {
    const plan = planned({ ...search, seeds: '2' });
    expect(plan.trials.map(({ seed }) => seed)).toEqual([1, 2, 1, 2, 1, 2, 1, 2]);
    expect(plan.objective).toEqual({ metric: 'validation.sse', goal: 'min', of: 'best' });
    expect(plan.axes).toEqual([
      { name: 'rho', values: [1e-3, 0.5] },
      { name: 'hidden', values: [8, 64] },
    ]);
    expect(plan.search).toEqual({
      proposals: 2,
      method: 'tpe',
      seed: 1,
      lag: 4,
      points: 20,
      seeds: [1, 2],
      axes: [
        { name: 'rho', range: { word: 'loguniform', from: 1e-3, to: 0.5 } },
        { name: 'hidden', range: { word: 'int', from: 8, to: 64 } },
      ],
    });
    expect(planned({ ...search, lag: 1 }).trials).toHaveLength(1);
    expect(planned({ ...search, draws: 3, lag: 8 }).trials).toHaveLength(3);
    const written = text('sweep { rho = loguniform(0.001, 0.5)  trials = 9  method = cmaes  lag = 2  draw_seed = 3 }');
    expect(planned({ source: { path: 'a.ae', text: written } }).search).toMatchObject({
      method: 'cmaes',
      lag: 2,
      points: 9,
      seed: 3,
    });
  });

  it('proposes from what it was stored as the same points, and refuses none but those that cannot be trained', async () => {
    const plan = planned({ ...search, axes: [...axes, 'init=choice:zeros:xavier:torch'], source: withInit });
    const { search: settings, trials } = plan;
    if (settings === null) throw new Error('it is no search');
    const decided = trials.map(({ recipe }) => pointOf(settings, recipe));
    expect(decided.map(([rho]) => Number(rho))).toEqual(trials.map(({ parameters }) => parameters.rho));
    const made: (readonly string[])[] = [];
    const notes: string[] = [];
    const points = searchedPoints(JSON.stringify(settings), decided, async (_names, point) => {
      made.push(point);
      return made.length === 1 ? { problem: 'AE999 as planned' } : [];
    });
    expect(points).toMatchObject({ count: 20, lag: 4, trialsPerPoint: 1 });
    await points.next([[1], null, null, null], (note) => notes.push(note));
    expect(made).toHaveLength(2);
    expect(made[0]).not.toEqual(made[1]);
    expect(notes).toEqual([expect.stringMatching(/^rho=0\.\d+ hidden=\d+ init=\S+ is left out: AE999 as planned$/)]);
    const { search: read } = PointSearch.stored(JSON.stringify(settings));
    const history = decided.map((point, i) => ({ point, costs: i === 0 ? [1] : null }));
    expect(read.next(history, new Set())).toEqual(made[0]);
    expect(() => PointSearch.stored('{"method":"tpe"}')).toThrow('the search');
    // As the first searches were stored, whose points were proposed otherwise.
    const { proposals: _, ...before } = settings;
    const other = searchedPoints(JSON.stringify(before), decided, async () => []);
    await expect(other.next([[1], null, null, null], () => {})).rejects.toThrow('4 of 20 points');
  });

  it.each<[Partial<SweepOptions>, readonly string[]]>([
    [{ ...search, axes: ['rho=0.01,0.1'] }, ['AE606 20', 'AE610 0.01,0.1']],
    [{ axes: ['rho=0.01,0.1'], method: 'tpe' }, ['AE610 0.01,0.1']],
    [{ ...search, axes: [...axes, 'beta=1,3'] }, ['AE610 beta']],
    [{ ...search, axes: [...axes, 'seed=int:1:9'] }, ['AE610 seed']],
    [{ ...search, axes: ['hidden=choice:8:16:32'], draws: 2, method: 'cmaes' }, ['AE610 cmaes']],
    [{ ...search, method: 'sobol', lag: 2 }, ['AE610 2']],
    [{ axes: ['rho=0.1,0.2'], lag: 2 }, ['AE610 2']],
    [{ ...search, prune: 'asha' }, ['AE608 asha']],
    [{ ...search, metric: 'test.sse' }, ['AE506 test.sse']],
    [{ ...search, source: { path: 'a.ae', text: text().replace('validation=64, ', '') } }, ['AE506 tpe']],
    [{ ...search, source: { path: 'a.ae', text: text('sweep { lag = 0 }') } }, ['AE306 0']],
  ])('refuses %j', (options, expected) => {
    expect(errors(options)).toEqual(expected);
  });

  it('finds mistakes of points that are not decided yet', () => {
    const { value, diagnostics } = planSweep({
      library: builtinWords,
      source,
      ...search,
      axes: ['rho=uniform:0.01:1.4'],
      lag: 1,
    });
    expect(value).toBeNull();
    expect(diagnostics[0]?.message).toMatch(/rho = 1\.39\d* is not allowed/);
  });
});

const withInit = {
  path: 'a.ae',
  text: text()
    .replace('param hidden', 'param init = zeros\n  param hidden')
    .replace('dense(hidden,', 'dense(hidden, init=init,'),
};
