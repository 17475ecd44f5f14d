import { describe, expect, it } from 'vitest';
import { importanceOf, type MeasuredTrial } from '../../../src/runtime/importance/importance.js';
import { stream } from '../../../src/runtime/random/stream.js';

/** All combinations of the values, in the order of the axes. */
function grid(
  axes: Readonly<Record<string, readonly number[]>>,
  f: (x: Record<string, number>) => number,
): MeasuredTrial[] {
  const points = Object.entries(axes).reduce<Record<string, number>[]>(
    (found, [name, values]) => found.flatMap((point) => values.map((value) => ({ ...point, [name]: value }))),
    [{}],
  );
  return points.map((parameters) => ({ parameters, value: f(parameters) }));
}

function uniform(count: number, step: number): Float32Array {
  const out = new Float32Array(count);
  stream({ seed: 7, path: 'importance-test', purpose: 'points' }).uniform(out, step);
  return out;
}

describe('a complete grid', () => {
  it('parts the variance of a + 2 b as 1 to 4, with nothing together', () => {
    const trials = grid({ a: [-1, 1], b: [-1, 1] }, ({ a = 0, b = 0 }) => a + 2 * b);
    const found = importanceOf(trials, ['a', 'b']);
    expect(found?.method).toBe('grid');
    expect(found?.parameters.map(({ name, share }) => [name, Number(share.toFixed(12))])).toEqual([
      ['b', 0.8],
      ['a', 0.2],
    ]);
    expect(found?.pairs[0]?.share).toBeCloseTo(0, 12);
    expect(found?.higher).toBeCloseTo(0, 12);
  });

  it('gives all to the pair for an exclusive or, and all to three for the parity of three', () => {
    const two = importanceOf(
      grid({ a: [-1, 1], b: [-1, 1] }, ({ a = 0, b = 0 }) => a * b),
      ['a', 'b'],
    );
    expect(two?.pairs[0]?.share).toBeCloseTo(1, 12);
    expect(two?.parameters.every(({ share }) => share < 1e-12)).toBe(true);
    const three = importanceOf(
      grid({ a: [-1, 1], b: [-1, 1], c: [-1, 1] }, ({ a = 0, b = 0, c = 0 }) => a * b * c),
      ['a', 'b', 'c'],
    );
    expect(three?.higher).toBeCloseTo(1, 12);
  });

  it('agrees with the sums of squares of a two-way analysis of variance by hand', () => {
    // Cell means 1 2 6 / 3 4 2: grand mean 3; rows 3, 3; columns 2, 3, 4. SS columns = 2 (1 + 0 + 1) = 4, SS rows = 0,
    // SS total = 4 + 1 + 9 + 0 + 1 + 1 = 16, so the interaction has 12 of 16.
    const table = [1, 2, 6, 3, 4, 2];
    const trials = table.map((value, i) => ({ parameters: { row: Math.floor(i / 3), column: i % 3 }, value }));
    const found = importanceOf(trials, ['row', 'column']);
    expect(found?.parameters.map(({ name, share }) => [name, Number(share.toFixed(12))])).toEqual([
      ['column', 0.25],
      ['row', 0],
    ]);
    expect(found?.pairs[0]?.share).toBeCloseTo(0.75, 12);
    expect(found?.parameters[0]?.marginal.map(({ mean }) => Number(mean.toFixed(12)))).toEqual([2, 3, 4]);
  });

  it('says how much seeds alone make', () => {
    // Two settings with means 0 and 2 (variance 2), each ±1 around it (variance 2): half of it is the seeds'.
    const trials = [-1, 1, 1, 3].map((value, i) => ({ parameters: { a: Math.floor(i / 2) }, value }));
    expect(importanceOf(trials, ['a'])?.seeds).toBeCloseTo(0.5, 12);
    expect(importanceOf(trials.slice(1, 3), ['a'])?.seeds).toBeNull();
  });

  it('takes names as levels, and leaves out what is not finite', () => {
    const trials: MeasuredTrial[] = ['relu', 'tanh', 'relu', 'tanh'].map((f, i) => ({
      parameters: { f, b: i < 2 },
      value: i === 1 ? Number.NaN : i,
    }));
    const found = importanceOf([...trials, { parameters: { f: 'tanh', b: true }, value: 5 }], ['f', 'b']);
    expect(found?.leftOut).toBe(1);
    expect(found?.trials).toBe(4);
    expect(found?.parameters.every(({ ordered }) => !ordered)).toBe(true);
  });
});

describe('scattered trials', () => {
  const [a, b, c] = [uniform(240, 0), uniform(240, 1), uniform(240, 2)];
  const trials = [...a].map((_, i) => ({
    parameters: { a: a[i] ?? 0, b: b[i] ?? 0, c: c[i] ?? 0 },
    value: 4 * (a[i] ?? 0) + 2 * (b[i] ?? 0),
  }));

  it('recovers the shares of a linear function, 16 to 4 to 0, within a few hundredths', () => {
    const found = importanceOf(trials, ['a', 'b', 'c']);
    expect(found?.method).toBe('forest');
    const shares = Object.fromEntries(found?.parameters.map(({ name, share }) => [name, share]) ?? []);
    expect(shares.a).toBeGreaterThan(0.72);
    expect(shares.a).toBeLessThan(0.88);
    expect(shares.b).toBeGreaterThan(0.12);
    expect(shares.b).toBeLessThan(0.26);
    expect(shares.c).toBeLessThan(0.02);
    expect(found?.explained).toBeGreaterThan(0.9);
  });

  it('is the same each time, and for a parameter and its logarithm', () => {
    const found = importanceOf(trials, ['a', 'b', 'c']);
    expect(importanceOf(trials, ['a', 'b', 'c'])).toEqual(found);
    const squared = trials.map(({ parameters, value }) => ({
      parameters: { ...parameters, a: parameters.a * parameters.a },
      value,
    }));
    const shares = (one: typeof found) => one?.parameters.map(({ name, share }) => [name, share]);
    expect(shares(importanceOf(squared, ['a', 'b', 'c']))).toEqual(shares(found));
  });

  it('admits that it foretells nothing of noise', () => {
    const noise = uniform(240, 3);
    const found = importanceOf(
      trials.map(({ parameters }, i) => ({ parameters, value: noise[i] ?? 0 })),
      ['a', 'b', 'c'],
    );
    expect(found?.explained).toBeLessThan(0.1);
  });

  it('says nothing of too few trials, or of parameters that do not vary', () => {
    expect(importanceOf(trials.slice(0, 9), ['a', 'b'])).toBeNull();
    expect(importanceOf(trials, ['d'])).toBeNull();
    expect(importanceOf([], ['a'])).toBeNull();
  });
});
