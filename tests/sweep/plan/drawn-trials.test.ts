import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planned, values } from './planned.js';

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
