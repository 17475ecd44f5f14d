import { describe, expect, it } from 'vitest';
import { positionAt } from '../../../src/compiler/syntax/source.js';
import type { SweepOptions } from '../../../src/sweep/plan/sweep-options.js';
import { planSweep } from '../../../src/sweep/plan/sweep-plan.js';
import { builtinWords } from '../../../src/words/words.js';
import { scratchFolder } from '../../runtime/datasets/scratch-folder.js';
import { errors, planned, source, text } from './planned.js';

const folder = scratchFolder();

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
    const path = folder.put(`${name}.csv`, content);
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
    // At the axis, where it is typed as where it is written.
    const [typed] = planSweep({ library: builtinWords, source, axes: ['hidden=8,16', 'beta=1,3'] }).diagnostics;
    expect([typed?.span?.source.text, typed?.span?.start, typed?.span?.end]).toEqual(['beta=1,3', 0, 4]);
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
