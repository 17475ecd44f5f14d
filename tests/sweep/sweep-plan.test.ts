import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { positionAt } from '../../src/compiler/syntax/source.js';
import { compileRecipe, worldOf } from '../../src/project/recipe.js';
import type { SweepOptions } from '../../src/sweep/plan/sweep-options.js';
import { planSweep, type SweepPlan } from '../../src/sweep/plan/sweep-plan.js';
import { builtinWords } from '../../src/words/words.js';

const text = (sweep = '') => `experiment example {
  param rho = 0.05 where 0 < rho < 1
  param beta = 3 where beta >= 0
  param hidden = 16
  data digits(take=256, validation=64, test=64)
  encoder { code: dense(hidden, activation=sigmoid) }
  decoder { dense(input.size, activation=sigmoid) }
  loss mse() + kl_sparsity(rho=rho, beta=beta)
  train adam(lr=0.001) { epochs = 9  batch = 32 }
  ${sweep}
}`;

const source = { path: 'example.ae', text: text() };

function planned(options: Partial<SweepOptions>): SweepPlan {
  const { value, diagnostics } = planSweep({ library: builtinWords, source, ...options });
  if (value === null) throw new Error(diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n'));
  return value;
}

const values = (options: Partial<SweepOptions>) =>
  planned(options).trials.map(({ parameters, seed }) => ({ ...parameters, seed }));

/** Code, and what the carets stand under. */
function errors(options: Partial<SweepOptions>): readonly string[] {
  return planSweep({ library: builtinWords, source, ...options }).diagnostics.map(({ code, span }) =>
    span ? `${code} ${span.source.text.slice(span.start, span.end)}` : code,
  );
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aedsl-plan-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('the trials of a plan', () => {
  it('are the product of the axes, the first slowest and the seeds fastest', () => {
    expect(values({ axes: ['rho=0.01,0.05', 'hidden=[8,16]'], seeds: '2' })).toEqual([
      { rho: 0.01, hidden: 8, seed: 1 },
      { rho: 0.01, hidden: 8, seed: 2 },
      { rho: 0.01, hidden: 16, seed: 1 },
      { rho: 0.01, hidden: 16, seed: 2 },
      { rho: 0.05, hidden: 8, seed: 1 },
      { rho: 0.05, hidden: 8, seed: 2 },
      { rho: 0.05, hidden: 16, seed: 1 },
      { rho: 0.05, hidden: 16, seed: 2 },
    ]);
  });

  it('have a recipe each that compiles to the same content', () => {
    const plan = planned({ axes: ['rho=0.1:0.4:0.1', 'data=digits,digits(take=100)', 'hidden=int:8:64'], draws: 3 });
    expect(plan.trials).toHaveLength(18);
    for (const { recipe, compiled } of plan.trials) {
      const again = compileRecipe(recipe, worldOf(recipe), { library: builtinWords });
      expect(again.value?.hash).toBe(compiled.hash);
    }
  });

  it('show what varies; what is given and the same in all is apart', () => {
    const plan = planned({ axes: ['rho=0.01,0.05', 'beta=2'], seeds: '1,2,7' });
    expect(plan.axes).toEqual([{ name: 'rho', values: [0.01, 0.05] }]);
    expect(plan.fixed).toEqual({ beta: 2 });
    expect(plan.seeds).toEqual([1, 2, 7]);
    expect(plan.trials[0]?.parameters).toEqual({ rho: 0.01 });
    expect(plan.trials[0]?.recipe.params).toEqual(['rho=0.01', 'beta=2']);
  });

  it('count their updates: epochs of 8 batches each, or fewer where they are cut', () => {
    expect(planned({}).trials.map(({ steps }) => steps)).toEqual([72]);
    expect(planned({ epochs: 2 }).trials[0]?.steps).toBe(16);
    expect(planned({ maxSteps: 5 }).trials[0]?.steps).toBe(5);
  });

  it('are one where nothing varies', () => {
    expect(planned({}).trials).toHaveLength(1);
    expect(planned({}).axes).toEqual([]);
  });

  it('are each there once: a value that is given twice is trained once, and said', () => {
    const plan = planned({ axes: ['hidden=8,16,8', 'rho=0.1,1e-1'] });
    expect(plan.trials.map(({ parameters }) => parameters)).toEqual([{ hidden: 8 }, { hidden: 16 }]);
    expect(plan.warnings.map(({ code }) => code)).toEqual(['AE604', 'AE604']);
  });

  it('take values for what they are, however they are written', () => {
    const written = {
      path: 'example.ae',
      text: `experiment example {
        param start = he()
        param size = [3, 3]
        param stop = early(patience=2)
        data digits(take=256, validation=64, test=64)
        encoder { conv2d(2, kernel=size, init=start)  code: dense(8) }
        decoder { dense(input.size) }
        loss mse()
        train adam() { epochs = 9  stop = stop }
      }`,
    };
    const count = (axes: readonly string[], seeds: string | null = null) => {
      const { trials, warnings } = planned({ source: written, axes, ...(seeds === null ? {} : { seeds }) });
      expect(warnings.every(({ code }) => code === 'AE604')).toBe(true);
      expect(trials.map(({ trial }) => trial)).toEqual([...trials.keys()]);
      return [trials.length, warnings.length];
    };
    expect(count(['size=[[3, 3], [3.0, 6/2], [ 3,3 ], [5, 3]]'])).toEqual([2, 2]);
    // A square kernel may be one number.
    expect(count(['size=[[3, 3], 3, 5]'])).toEqual([2, 1]);
    expect(count(['start=[he(), he( ), he, zeros]'])).toEqual([2, 2]);
    const stops = [`early(2)`, `early(patience=1+1)`, `early(2, "loss")`, `early(2, "validation.loss")`, `early(3)`];
    expect(count([`stop=[${stops.join(', ')}]`], '2')[0]).toBe(4);
  });

  it('take the whole of a data set for what it is, whether or not it is counted', () => {
    const shares = (sets: string) =>
      planned({
        source: { ...source, text: text().replace('digits(take=256, validation=64, test=64)', 'digits()') },
        data: sets,
      });
    const whole = shares('digits,digits()').trials[0]?.compiled.ir.data;
    const counted = `digits(take=${whole?.train}, test=${whole?.test})`;
    for (const same of [counted, `digits(take=${whole?.train})`, 'digits(validation=0)']) {
      const plan = shares(`digits,${same}`);
      expect([same, plan.trials.length]).toEqual([same, 1]);
      expect(plan.warnings.map(({ code }) => code)).toEqual(['AE604']);
    }
    const fewer = shares('digits,digits(take=100),digits(shuffle_seed=1)');
    expect(fewer.trials).toHaveLength(3);
  });

  it('fold sums of numbers', () => {
    const plan = planned({ axes: ['hidden=8,2*4,16/2', 'rho=0.5,0.50,5e-1,1-0.5'] });
    expect(plan.trials.map(({ parameters }) => parameters)).toEqual([{}]);
    expect(plan.warnings.map(({ code }) => code)).toEqual(Array(5).fill('AE604'));
  });
});

describe('an inherited sweep', () => {
  const inherited = (sweep: string, own = 'loss mse()') => ({
    source: { path: join(folder, 'example.ae'), text: `${text(sweep)}\nexperiment child extends example { ${own} }` },
    experiment: 'child',
  });

  it('leaves out what the child has no use for, without a warning', () => {
    for (const sweep of [
      'sweep { rho = [0.01, 0.05]  hidden = [8, 16] }',
      'sweep { rho = [0.01, 0.05]  beta = [1, 2]  hidden = [8, 16]  zip = [rho, beta] }',
      'sweep { rho = uniform(0.01, 0.05)  beta = uniform(1, 2)  trials = 5  hidden = [8, 16] }',
      'sweep { table = "idle.csv" }',
    ]) {
      file('idle.csv', 'rho,hidden\n0.1,8\n0.2,8\n0.3,16\n');
      const { trials: found, warnings, axes, draws } = planned(inherited(sweep));
      expect(warnings).toEqual([]);
      expect(found.map(({ parameters }) => parameters)).toEqual([{ hidden: 8 }, { hidden: 16 }]);
      expect(axes.map(({ name }) => name)).toEqual(['hidden']);
      expect(draws).toBeNull();
    }
    expect(planned(inherited('sweep { rho = [0.01, 0.05] }')).trials).toHaveLength(1);
  });

  it('reads its table only from a .csv file, whatever a link is called', () => {
    file('secrets.env', 'TOKEN=1');
    symlinkSync('secrets.env', join(folder, 'linked.csv'));
    for (const [name, problem] of [
      ['secrets.env', 'trials are in .csv files'],
      ['linked.csv', 'which is not a .csv file'],
    ] as const) {
      const { diagnostics } = planSweep({ library: builtinWords, ...inherited(`sweep { table = "${name}" }`) });
      expect(diagnostics.map(({ message }) => message)).toEqual([expect.stringContaining(problem)]);
    }
  });

  it('draws the same points while any drawn axis is of use', () => {
    const drawn = 'sweep { rho = uniform(0.01, 0.05)  hidden = int(2, 99)  trials = 4  method = sobol }';
    const hidden = (plan: SweepPlan) => plan.trials.map(({ parameters }) => parameters.hidden);
    const parent = planned({ ...inherited(drawn), experiment: 'example' });
    expect(hidden(planned(inherited(drawn)))).toEqual(hidden(parent));
  });

  it('says so of an axis that the child asks for itself, in its block or on the command line', () => {
    const own = inherited('', 'loss mse()  sweep { rho = [0.01, 0.05] }');
    expect(planned(own).warnings.map(({ code }) => code)).toEqual(['AE604']);
    const asked = { ...inherited('sweep { seeds = 2 }'), axes: ['rho=0.01,0.05'] };
    expect(planned(asked).warnings.map(({ code }) => code)).toEqual(['AE604']);
  });
});

describe('the command line and the file', () => {
  const swept = { path: 'example.ae', text: text('sweep { rho = [0.01, 0.05]  hidden = [8, 16]  seeds = 3 }') };

  it('an axis of the command line takes the place of the one with its name', () => {
    const plan = planned({ source: swept, axes: ['hidden=32'], seeds: '1' });
    expect(plan.trials.map(({ parameters }) => parameters)).toEqual([{ rho: 0.01 }, { rho: 0.05 }]);
    expect(plan.fixed).toEqual({ hidden: 32 });
    expect(planned({ source: swept, axes: ['hidden=4,5', 'beta=1,2'] }).axes.map(({ name }) => name)).toEqual([
      'rho',
      'hidden',
      'beta',
    ]);
  });

  it('a list of seeds takes the place of their number', () => {
    expect(planned({ source: swept, axes: ['seed=5,6'] }).seeds).toEqual([5, 6]);
  });

  it('the block can be left out', () => {
    expect(planned({ source: swept, fileAxes: false, axes: ['rho=0.1,0.2'] }).trials).toHaveLength(2);
  });

  it('what the block says of drawing ends with the axes that were drawn', () => {
    const drawn = { path: 'example.ae', text: text('sweep { rho = uniform(0, 1)  trials = 7 }') };
    expect(planned({ source: drawn }).trials).toHaveLength(7);
    expect(planned({ source: drawn, axes: ['rho=0.1,0.2'] }).trials).toHaveLength(2);
  });

  it('say the same in either place', () => {
    const block = 'rho = uniform(0, 1)  hidden = choice(8, 16)  trials = 9  method = sobol  metric = "loss"  of = last';
    const here = planned({ source: { path: 'example.ae', text: text(`sweep { ${block} }`) } });
    const there = planned({
      axes: ['rho=uniform:0:1', 'hidden=choice:8:16'],
      draws: 9,
      method: 'sobol',
      metric: 'loss',
      of: 'last',
    });
    expect(there.trials.map(({ parameters }) => parameters)).toEqual(here.trials.map(({ parameters }) => parameters));
    expect(there.objective).toEqual(here.objective);
    expect(here.objective).toEqual({ metric: 'validation.loss', goal: 'min', of: 'last' });
  });
});

describe('zipped axes and tables', () => {
  it('go step by step', () => {
    expect(values({ axes: ['rho=0.1,0.2', 'hidden=8,16', 'beta=1,2'], zip: ['rho,beta'] })).toEqual([
      { rho: 0.1, beta: 1, hidden: 8, seed: 1 },
      { rho: 0.1, beta: 1, hidden: 16, seed: 1 },
      { rho: 0.2, beta: 2, hidden: 8, seed: 1 },
      { rho: 0.2, beta: 2, hidden: 16, seed: 1 },
    ]);
  });

  it('a table has a trial in each row, and crosses with the seeds', () => {
    const path = file('trials.csv', '\uFEFFrho,hidden\r\n0.1,8\r\n"0.2", 16\r\n\r\n');
    expect(values({ axes: [`@${path}`], seeds: '2' })).toEqual([
      { rho: 0.1, hidden: 8, seed: 1 },
      { rho: 0.1, hidden: 8, seed: 2 },
      { rho: 0.2, hidden: 16, seed: 1 },
      { rho: 0.2, hidden: 16, seed: 2 },
    ]);
  });

  it('a table may say seeds and data sets', () => {
    const path = file('seeds.csv', 'seed,data,rho\n3,digits,0.1\n4,"digits(take=128, validation=32)",0.1\n');
    const plan = planned({ axes: [`@${path}`] });
    expect(plan.trials.map(({ seed, parameters }) => ({ seed, ...parameters }))).toEqual([
      { seed: 3, data: 'digits()' },
      { seed: 4, data: 'digits(take=128, validation=32)' },
    ]);
    expect(plan.trials.map(({ compiled }) => compiled.ir.data.train)).toEqual([256, 128]);
  });
});

describe('drawn trials', () => {
  const axes = ['rho=loguniform:1e-3:0.5', 'beta=uniform:0:10', 'hidden=int:8:64'];

  it.each(['random', 'sobol'] as const)('by %s: the first of many are the few', (method) => {
    const many = values({ axes, draws: 40, method });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), (draws) => {
        expect(values({ axes, draws, method })).toEqual(many.slice(0, draws));
      }),
      { numRuns: 8 },
    );
  });

  it('are these numbers everywhere', () => {
    expect(values({ axes, draws: 3 })).toMatchInlineSnapshot(`
      [
        {
          "beta": 6.63493,
          "hidden": 56,
          "rho": 0.034715,
          "seed": 1,
        },
        {
          "beta": 1.38175,
          "hidden": 19,
          "rho": 0.186124,
          "seed": 1,
        },
        {
          "beta": 6.21076,
          "hidden": 15,
          "rho": 0.00284706,
          "seed": 1,
        },
      ]
    `);
    expect(values({ axes, draws: 3, method: 'sobol' })).toMatchInlineSnapshot(`
      [
        {
          "beta": 7.47633,
          "hidden": 10,
          "rho": 0.037949,
          "seed": 1,
        },
        {
          "beta": 2.47633,
          "hidden": 38,
          "rho": 0.00169713,
          "seed": 1,
        },
        {
          "beta": 9.97633,
          "hidden": 24,
          "rho": 0.00802524,
          "seed": 1,
        },
      ]
    `);
  });

  it('are others with another seed, and an axis is not moved by its neighbours', () => {
    expect(values({ axes, draws: 3, drawSeed: 2 })).not.toEqual(values({ axes, draws: 3 }));
    const alone = values({ axes: ['beta=uniform:0:10'], draws: 3 });
    const together = values({ axes, draws: 3 });
    expect(alone.map((each) => 'beta' in each && each.beta)).toEqual(
      together.map((each) => 'beta' in each && each.beta),
    );
  });

  it('meet every combination of the lists: a list is never sampled', () => {
    expect(values({ axes: ['rho=uniform:0.1:0.9', 'hidden=8,16'], draws: 5, seeds: '2' })).toHaveLength(20);
  });

  it('may be data sets and seeds', () => {
    const drawn = values({ axes: ['data=choice:digits:digits(take=64)', 'seed=int:1:3'], draws: 6 });
    expect(new Set(drawn.map((each) => JSON.stringify(each))).size).toBe(6);
  });

  it('are different from each other, down to the last of them', () => {
    const drawn = values({ axes: ['hidden=int:8:19', 'beta=choice:1:2:3'], draws: 36 });
    expect(new Set(drawn.map((each) => JSON.stringify(each))).size).toBe(36);
  });

  it('stay within their ends', () => {
    for (const { parameters } of planned({ axes, draws: 200 }).trials) {
      const { rho, beta, hidden } = parameters;
      expect(Number(rho)).toBeGreaterThanOrEqual(1e-3);
      expect(Number(rho)).toBeLessThanOrEqual(0.5);
      expect(Number(beta)).toBeGreaterThanOrEqual(0);
      expect(Number(beta)).toBeLessThanOrEqual(10);
      expect(Number.isInteger(hidden)).toBe(true);
    }
  });

  it('fill the space evenly by sobol: of 16 points one is in each sixteenth of every axis', () => {
    const points = planned({ axes: ['rho=uniform:0:1', 'beta=uniform:0:1'], draws: 16, method: 'sobol' }).trials;
    for (const name of ['rho', 'beta']) {
      const cells = points.map(({ parameters }) => Math.floor(Number(parameters[name]) * 16));
      expect([...cells].sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, i) => i));
    }
  });
});

describe('what every plan keeps', () => {
  const list = fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 4 });

  it('size, order and seeds', () => {
    fc.assert(
      fc.property(list, list, fc.integer({ min: 1, max: 3 }), (hidden, beta, seeds) => {
        const options = { axes: [`hidden=${hidden.join(',')}`, `beta=${beta.join(',')}`], seeds: String(seeds) };
        const plan = planned(options);
        expect(plan.trials).toHaveLength(hidden.length * beta.length * seeds);
        expect(plan.trials.map(({ trial }) => trial)).toEqual([...plan.trials.keys()]);
        const keys = plan.trials.map(({ compiled, seed }) => `${compiled.hash} ${seed}`);
        expect(new Set(keys).size).toBe(keys.length);
        expect(planned(options).trials.map(({ recipe }) => recipe.params)).toEqual(
          plan.trials.map(({ recipe }) => recipe.params),
        );
      }),
      { numRuns: 25 },
    );
  });
});

describe('whatever stands after the equals sign', () => {
  const piece = fc.constantFrom(
    ...['0.1', '1e9', '-1', 'relu', 'x', ':', ',', '[', ']', '(', ')', '{', '}', '"', '=', ' ', '.', '+', '**', '/'],
    ...['log', 'lin', 'uniform', 'int', 'choice', 'range', 'digits', 'rho', 'input.size', '@', '#', '//', 'é', 'true'],
  );
  const word = fc
    .tuple(fc.constantFrom('rho', 'hidden', 'seed', 'seeds', 'data', 'lr'), fc.array(piece, { maxLength: 8 }))
    .map(([name, pieces]) => `${name}=${pieces.join('')}`);

  it('is a plan or diagnostics, with places that are in the text', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 3 }), fc.constantFrom(null, 3), (axes, draws) => {
        const { value, diagnostics } = planSweep({ library: builtinWords, source, axes, draws, mostTrials: null });
        expect(value === null).toBe(diagnostics.some(({ severity }) => severity === 'error'));
        for (const { span } of diagnostics) {
          expect(span?.start ?? 0).toBeLessThanOrEqual(span?.end ?? 0);
          expect(span?.end ?? 0).toBeLessThanOrEqual(span?.source.text.length ?? 0);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('what is wrong with a sweep', () => {
  it('is found in all trials, and said once with the first of them', () => {
    const found = planSweep({ library: builtinWords, source, axes: ['beta=range:0:100', 'rho=0.5,1'] }).diagnostics;
    expect(found.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'AE307 rho = 1 is not allowed: it must satisfy 0 < rho < 1 (trial 1 of 200: beta=0 rho=1; and 99 more)',
      'AE306 rho must be in (0, 1), not 1 (trial 1 of 200: beta=0 rho=1; and 99 more)',
    ]);
  });

  it('names the trial where it is one of many', () => {
    const [found] = planSweep({
      library: builtinWords,
      source,
      axes: ['hidden=37:-3:-1', 'rho=0.1:0.6:0.1'],
    }).diagnostics;
    expect(found?.message).toMatch(/not 0 \(trial 185 of 200: hidden=0 rho=0.1; and 14 more\)$/);
  });

  it('an axis that nothing declares', () => {
    expect(errors({ axes: ['roh=0.1,0.2'] })).toEqual(['AE601 roh']);
    const [found] = planSweep({ library: builtinWords, source, axes: ['lr=0.1,0.2'] }).diagnostics;
    expect(found?.hint).toBe('make it a param: write param lr = 0.001, and adam(lr=lr)');
    const place = found?.related[0]?.span;
    expect(place && positionAt(place.source, place.start).line).toBe(9);
  });

  it.each([
    [['rho='], ['AE102 ']],
    [['rho=[]'], ['AE602 []']],
    [['rho=0.1,,0.2'], ['AE102 ']],
    [['rho=(0.1'], ['AE102 (']],
    [['rho=0.5:0.1:0.1'], ['AE602 0.5:0.1:0.1']],
    [['rho=0.1:0.2:0'], ['AE306 0.1:0.2:0']],
    [['rho=log:0:1:3'], ['AE306 log:0:1:3']],
    [['rho=lin:0.1'], ['AE302 lin:0.1']],
    [['rho=lin:0.1:0.2:x'], ['AE305 x']],
    [['rho=uniform:0:1'], ['AE606 uniform:0:1']],
    [['rho=0:1:1e-9'], ['AE310 0:1:1e-9']],
    [['seed=-1'], ['AE306 -1']],
    [['seed=1.5'], ['AE306 1.5']],
    [['data=3'], ['AE305 3']],
    [['data=nowhere'], ['AE201 nowhere']],
    [['rho=0.1,0.2', 'rho=0.3'], ['AE303 rho']],
  ] as const)('%j', (axes, expected) => {
    expect(errors({ axes })).toEqual(expected);
  });

  it('zips that do not fit', () => {
    expect(errors({ axes: ['rho=0.1,0.2', 'beta=1,2,3'], zip: ['rho,beta'] })).toEqual(['AE607 beta']);
    expect(errors({ axes: ['rho=0.1,0.2'], zip: ['rho,beta'] })).toEqual(['AE607 beta']);
    expect(errors({ axes: ['rho=0.1,0.2', 'beta=1,2'], zip: ['rho,beta', 'beta,rho'] })).toEqual([
      'AE303 beta',
      'AE303 rho',
    ]);
    expect(errors({ axes: ['rho=uniform:0:1', 'beta=1,2'], zip: ['rho,beta'], draws: 2 })).toEqual(['AE607 rho']);
  });

  it.each([
    ['ragged', 'rho,beta\n0.1,1\n0.2\n0.3,2,3\n', ['AE605 0.2', 'AE605 0.3,2,3']],
    ['empty', '', ['AE602 @']],
    ['head alone', 'rho,beta\n', ['AE602 @']],
    ['no value', 'rho,beta\n0.1,\n', ['AE605 \n']],
    ['no name', 'rho,\n0.1,1\n', ['AE605 \n']],
    ['quote', 'rho,beta\n"0.1,1\n', ['AE605 "']],
    ['no axis', 'rho,width\n0.1,1\n', ['AE601 width']],
    ['twice', 'rho,rho\n0.1,0.2\n', ['AE303 rho']],
    ['no expression', 'rho,beta\n0.1,1 2\n', ['AE102 2']],
  ])('a table: %s', (name, content, expected) => {
    const path = file(`${name}.csv`, content);
    const found = errors({ axes: [`@${path}`] });
    expect(found.map((each) => each.replace(path, ''))).toEqual(expected);
  });

  it('a table that is not there', () => {
    expect(errors({ axes: ['@nowhere.csv'] })).toEqual(['AE701 @nowhere.csv']);
  });

  it('more trials than are likely meant', () => {
    const axes = ['beta=range:0:101', 'rho=lin:0.1:0.9:100'];
    expect(errors({ axes })).toEqual(['AE603 lin:0.1:0.9:100']);
    const [found] = planSweep({ library: builtinWords, source, axes }).diagnostics;
    expect(found?.message).toBe('the sweep has 10,100 trials, more than 10,000');
    expect(found?.hint).toContain('--yes');
    expect(errors({ axes: ['rho=0.1,0.2'], mostTrials: 1 })).toEqual(['AE603 0.1,0.2']);
    expect(planned({ axes: ['rho=0.1,0.2'], mostTrials: null }).trials).toHaveLength(2);
    expect(errors({ axes: ['beta=range:0:99999', 'rho=lin:0.1:0.9:100'] })).toEqual(['AE603 lin:0.1:0.9:100']);
  });

  it('an objective that decides by nothing, or by the test part', () => {
    const axes = ['hidden=8,16'];
    expect(errors({ axes, metric: 'test.loss' })).toEqual(['AE506 test.loss']);
    expect(errors({ axes, metric: 'train.loss' })).toEqual(['AE506 train.loss']);
    expect(errors({ axes, metric: 'validation.los' })).toEqual(['AE506 validation.los']);
    const elsewhere = ['val_loss', 'val_mse', 'train_loss', 'val/loss'];
    expect(
      elsewhere.map((metric) =>
        planSweep({ library: builtinWords, source, axes, metric }).diagnostics.map(({ hint }) => hint),
      ),
    ).toEqual(['loss', 'mse', 'loss', 'loss'].map((name) => [`did you mean 'validation.${name}'?`]));
    const unquoted = { ...source, text: text('sweep { metric = val_mse  table = trials.csv }') };
    expect(planSweep({ library: builtinWords, source: unquoted }).diagnostics.map(({ hint }) => hint)).toEqual([
      'write "validation.mse"',
      'write "trials.csv"',
    ]);
    expect(errors({ axes, metric: 'validation.loss.mse' })).toEqual([]);
    const without = { path: 'example.ae', text: text().replace('validation=64, ', '') };
    expect(errors({ source: without, axes, metric: 'validation.loss' })).toEqual(['AE506 validation.loss']);
    expect(errors({ source: without, axes, prune: 'halving' })).toEqual(['AE506 halving']);
    expect(errors({ source: without, axes })).toEqual([]);
  });

  it('losses that cannot be compared', () => {
    const warnings = (options: Partial<SweepOptions>) =>
      planSweep({ library: builtinWords, source, ...options }).diagnostics.map(({ code, severity, message, hint }) => {
        expect([code, severity]).toEqual(['AE609', 'warning']);
        return `${message}: ${hint}`;
      });
    const changes = (names: string) => `${names} what the loss is, so the trials' losses cannot be compared`;
    const ranked = 'validation.sse ranks them';
    // A weight, an argument of a term, and both.
    expect(warnings({ axes: ['beta=1,3'] })).toEqual([`${changes('beta changes')}: ${ranked}`]);
    expect(warnings({ axes: ['rho=0.1,0.2', 'hidden=8,16'] })).toEqual([`${changes('rho changes')}: ${ranked}`]);
    expect(warnings({ axes: ['rho=0.1,0.2', 'beta=0,1'] })).toEqual([`${changes('rho and beta change')}: ${ranked}`]);
    expect(warnings({ axes: ['beta=uniform:0:1'], draws: 3 })).toEqual([`${changes('beta changes')}: ${ranked}`]);
    expect(warnings({ axes: ['beta=1,3'], metric: 'loss' })).toEqual([
      `${changes('beta changes')}: compare them by validation.sse`,
    ]);
    expect(warnings({ axes: ['hidden=8,16'], seeds: '3' })).toEqual([]);
    expect(warnings({ axes: ['beta=1,3'], metric: 'mse' })).toEqual([]);
    // Weights further away: a schedule through a let, a term that is switched, the scale of what the network sees.
    const written = (loss: string, params: string, transforms = '') => ({
      path: 'written.ae',
      text: `experiment written {
        ${params}
        data digits(take=256, validation=64) ${transforms}
        encoder { code: dense(8, activation=sigmoid) }
        decoder { dense(input.size, activation=sigmoid) }
        loss ${loss}
        train adam() { epochs = 2 }
      }`,
    });
    const bce = `${ranked}; --metric takes another, such as validation.loss.bce`;
    const scheduled = written('bce() + ramp * kl_sparsity(rho=0.1)', 'param n = 1  let ramp = warmup(1, over=n)');
    expect(warnings({ source: scheduled, axes: ['n=1,2'] })).toEqual([`${changes('n changes')}: ${bce}`]);
    const switched = written('bce() + w * l1(on=code)', 'param w = 0');
    expect(warnings({ source: switched, axes: ['w=0,1'] })).toEqual([`${changes('w changes')}: ${bce}`]);
    const scaled = written('mse()', 'param size = 20', '{ center_crop(size) }');
    expect(warnings({ source: scaled, axes: ['size=16,20'] })).toEqual([
      `${changes('size changes')}: validation.mse ranks them`,
    ]);
  });

  it('pruning without a metric goes by what can be compared', () => {
    const objective = (axes: readonly string[]) => planned({ axes, prune: 'halving' }).objective?.metric;
    expect(objective(['hidden=8,16'])).toBe('validation.loss');
    expect(objective(['beta=1,3'])).toBe('validation.sse');
    const rising = { path: 'example.ae', text: text().replace('beta=beta', 'beta=warmup(beta, over=5)') };
    const plan = planned({ source: rising, axes: ['hidden=8,16'], prune: 'halving' });
    expect(plan.objective?.metric).toBe('validation.final_loss');
    expect(errors({ source: rising, axes: ['hidden=8,16'], metric: 'loss' })).toContain('AE523 loss');
    expect(planned({ axes: ['beta=1,3'] })).toMatchObject({ objective: null, comparable: 'sse' });
  });

  it('pruning that is none', () => {
    const axes = ['hidden=8,16'];
    expect(errors({ axes, prune: 'halfing' })).toEqual(['AE608 halfing']);
    expect(errors({ axes, prune: 'halving:reduction=1' })).toEqual(['AE306 1']);
    expect(errors({ axes, prune: 'median:reduction=2' })).toEqual(['AE301 reduction']);
    expect(errors({ axes, prune: 'halving:from=20' })).toEqual(['AE608 halving(from=20)']);
    expect(planned({ axes, prune: 'halving' }).pruning).toEqual({ kind: 'halving', reduction: 3, from: 1 });
    expect(planned({ axes, prune: 'asha(4, from=2)' }).pruning).toEqual({ kind: 'asha', reduction: 4, from: 2 });
    expect(planned({ axes, prune: 'median:from=3:every=2' }).pruning).toEqual({ kind: 'median', from: 3, every: 2 });
  });
});
