import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRecipe, worldOf } from '../../../src/project/recipe.js';
import { planSweep, type SweepPlan } from '../../../src/sweep/plan/sweep-plan.js';
import { builtinWords } from '../../../src/words/words.js';
import { scratchFolder } from '../../runtime/datasets/scratch-folder.js';
import { planned, source, text, values } from './planned.js';

const folder = scratchFolder();

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
    source: {
      path: join(folder.path, 'example.ae'),
      text: `${text(sweep)}\nexperiment child extends example { ${own} }`,
    },
    experiment: 'child',
  });

  it('leaves out what the child has no use for, without a warning', () => {
    for (const sweep of [
      'sweep { rho = [0.01, 0.05]  hidden = [8, 16] }',
      'sweep { rho = [0.01, 0.05]  beta = [1, 2]  hidden = [8, 16]  zip = [rho, beta] }',
      'sweep { rho = uniform(0.01, 0.05)  beta = uniform(1, 2)  trials = 5  hidden = [8, 16] }',
      'sweep { table = "idle.csv" }',
    ]) {
      folder.put('idle.csv', 'rho,hidden\n0.1,8\n0.2,8\n0.3,16\n');
      const { trials: found, warnings, axes, draws } = planned(inherited(sweep));
      expect(warnings).toEqual([]);
      expect(found.map(({ parameters }) => parameters)).toEqual([{ hidden: 8 }, { hidden: 16 }]);
      expect(axes.map(({ name }) => name)).toEqual(['hidden']);
      expect(draws).toBeNull();
    }
    expect(planned(inherited('sweep { rho = [0.01, 0.05] }')).trials).toHaveLength(1);
  });

  it('reads its table only from a .csv file, whatever a link is called', () => {
    folder.put('secrets.env', 'TOKEN=1');
    symlinkSync('secrets.env', join(folder.path, 'linked.csv'));
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
    const path = folder.put('trials.csv', '\uFEFFrho,hidden\r\n0.1,8\r\n"0.2", 16\r\n\r\n');
    expect(values({ axes: [`@${path}`], seeds: '2' })).toEqual([
      { rho: 0.1, hidden: 8, seed: 1 },
      { rho: 0.1, hidden: 8, seed: 2 },
      { rho: 0.2, hidden: 16, seed: 1 },
      { rho: 0.2, hidden: 16, seed: 2 },
    ]);
  });

  it('a table may say seeds and data sets', () => {
    const path = folder.put('seeds.csv', 'seed,data,rho\n3,digits,0.1\n4,"digits(take=128, validation=32)",0.1\n');
    const plan = planned({ axes: [`@${path}`] });
    expect(plan.trials.map(({ seed, parameters }) => ({ seed, ...parameters }))).toEqual([
      { seed: 3, data: 'digits()' },
      { seed: 4, data: 'digits(take=128, validation=32)' },
    ]);
    expect(plan.trials.map(({ compiled }) => compiled.ir.data.train)).toEqual([256, 128]);
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
