import { Command } from '@commander-js/extra-typings';
import { describe, expect, it } from 'vitest';
import { addSweepPlanOptions, sweepOptions } from '../../src/cli/sweep-arguments.js';
import { sweepPlanTable } from '../../src/cli/sweep-plan-table.js';
import { type PlannedTrial, planSweep, type SweepPlan } from '../../src/sweep/plan/sweep-plan.js';
import { builtinWords } from '../../src/words/words.js';

function parsed(...words: string[]) {
  const command = new Command('sweep').exitOverride();
  const planned = addSweepPlanOptions(command);
  command.argument('[words...]');
  command.parse(words, { from: 'user' });
  return sweepOptions(command.args, planned.opts(), builtinWords);
}

function planned(...words: string[]): SweepPlan {
  const { value, diagnostics } = planSweep(parsed(...words));
  if (value === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return value;
}

const unknown = { stepsPerSecond: () => null, jobs: 2 };

describe('the words after aedsl sweep', () => {
  it('are an experiment and axes, or axes alone', () => {
    expect(parsed('experiments/first.ae', 'hidden=8,16')).toMatchObject({ axes: ['hidden=8,16'], experiment: null });
    expect(parsed('first', 'hidden=8,16').source.path).toBe('experiments/first.ae');
    expect(parsed('rho=0.01,0.05').source.path).toBe('experiments/sparse.ae');
  });

  it('are all options of the plan', () => {
    const options = parsed(
      ...['first', '--seeds', '3', '--zip', 'a,b', '--zip', 'c,d', '--trials', '20', '--method', 'sobol'],
      ...['--draw-seed', '4', '--only', '--metric', 'validation.loss', '--goal', 'max', '--of', 'last', '-y'],
      ...['--prune', 'halving', '--data', 'digits', '--epochs', '2', '--max-steps', '9', '--max-parameters', '1000'],
    );
    expect(options).toMatchObject({
      seeds: '3',
      zip: ['a,b', 'c,d'],
      draws: 20,
      method: 'sobol',
      drawSeed: 4,
      fileAxes: false,
      metric: 'validation.loss',
      goal: 'max',
      of: 'last',
      prune: 'halving',
      data: 'digits',
      epochs: 2,
      maxSteps: 9,
      mostParameters: 1000,
      mostTrials: null,
    });
  });

  it.each([
    [['first', '--trials', '0'], '--trials must be a whole number'],
    [['first', '--method', 'halton'], "--method must be random, sobol, tpe or cmaes, not 'halton'"],
    [['first', '--goal', 'least'], '--goal must be min or max'],
    [['nowhere.ae', 'rho=1'], "cannot read 'nowhere.ae'"],
  ])('%j is refused', (words, message) => {
    expect(() => parsed(...words)).toThrow(message);
  });
});

describe('the table of a plan', () => {
  it('has the trials, what varies, their updates and the time where it is known', () => {
    const plan = planned('first', 'hidden=8,16', '--seeds', '2', '--epochs', '1', '--data', 'digits(take=320)');
    const speed = (trial: PlannedTrial) => (trial.parameters.hidden === 8 ? 10 : 5);
    expect(sweepPlanTable(plan, { stepsPerSecond: speed, jobs: 2 })).toMatchInlineSnapshot(`
      "first (experiments/first.ae): 4 trials: hidden (2), seed (2)
      in all of them: data=digits(take=320)

      trial  hidden  seed  steps  time
          0       8     1     10  1 s
          1       8     2     10  1 s
          2      16     1     10  2 s
          3      16     2     10  2 s

      4 trials, 40 steps, about 3 s with 2 at a time
      "
    `);
  });

  it('says that the time is unknown, and leaves out the middle of a long table', () => {
    const text = sweepPlanTable(planned('first', 'hidden=1:201'), unknown);
    expect(text).toContain('… 140 more …');
    expect(text).toContain('time unknown');
    expect(text.split('\n').length).toBeLessThan(75);
  });

  it('says how trials are drawn, what decides, and that fewer updates may do', () => {
    const plan = planned(
      ...['classic', 'bottleneck=int:2:64', '--trials', '4', '--method', 'sobol', '--metric', 'loss'],
      ...['--prune', 'halving', '--data', 'digits(take=320, validation=64)'],
    );
    const text = sweepPlanTable(plan, unknown);
    expect(text).toContain("4 points of Sobol's sequence");
    expect(text).toContain('objective: validation.loss, min');
    expect(text).toContain('pruning: successive halving');
    expect(text).toContain('at most');
  });
});
