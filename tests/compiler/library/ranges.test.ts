import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closed, contains, type Interval, open, realLine } from '../../../src/compiler/ir/interval.js';
import { dropout } from '../../../src/words/layer/dropout.js';
import { normalize } from '../../../src/words/transform/normalize.js';
import { scale } from '../../../src/words/transform/scale.js';
import { builtinWords } from '../../../src/words/words.js';
import { argumentsOf, wordValue } from './word-value.js';

const erf = (x: number): number => {
  // Simpson's rule on the defining integral; far closer than the ranges below need.
  const f = (t: number) => Math.exp(-t * t);
  const n = 400;
  let sum = f(0) + f(x);
  for (let i = 1; i < n; i++) sum += (i % 2 === 1 ? 4 : 2) * f((x * i) / n);
  return (2 / Math.sqrt(Math.PI)) * ((x / n / 3) * sum);
};
const elu = (x: number, alpha: number) => (x > 0 ? x : alpha * Math.expm1(x));

/** Each elementwise activation as its definition says, with arguments. */
const functions: Readonly<
  Record<string, readonly (readonly [Record<string, number | string>, (x: number) => number])[]>
> = {
  linear: [[{}, (x) => x]],
  relu: [[{}, (x) => Math.max(x, 0)]],
  leaky_relu: [
    [{ slope: 0.2 }, (x) => (x > 0 ? x : 0.2 * x)],
    [{ slope: 0 }, (x) => Math.max(x, 0)],
  ],
  elu: [
    [{ alpha: 1.5 }, (x) => elu(x, 1.5)],
    [{ alpha: 0 }, (x) => elu(x, 0)],
  ],
  selu: [[{}, (x) => 1.0507009873554805 * elu(x, 1.6732632423543772)]],
  gelu: [
    [{ approximate: 'none' }, (x) => (x / 2) * (1 + erf(x / Math.SQRT2))],
    [{ approximate: 'tanh' }, (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)))],
  ],
  softplus: [[{ beta: 2 }, (x) => Math.log1p(Math.exp(2 * x)) / 2]],
  sigmoid: [[{}, (x) => 1 / (1 + Math.exp(-x))]],
  tanh: [[{}, Math.tanh]],
  silu: [[{}, (x) => x / (1 + Math.exp(-x))]],
  mish: [[{}, (x) => x * Math.tanh(Math.log1p(Math.exp(x)))]],
};

const bound = fc.double({ min: -6, max: 6, noNaN: true });
const interval: fc.Arbitrary<Interval> = fc
  .tuple(bound, bound, fc.boolean(), fc.boolean())
  .filter(([a, b]) => Math.abs(a - b) > 1e-3)
  .map(([a, b, lowOpen, highOpen]) => ({ low: Math.min(a, b), high: Math.max(a, b), lowOpen, highOpen }));
const part = fc.double({ min: 0.001, max: 0.999, noNaN: true });

describe('ranges of activations', () => {
  it('are known for every activation', () => {
    const activations = builtinWords.words.flatMap((w) =>
      w.family === 'layer' && w.activation && w.isElementwise !== false ? [w.name] : [],
    );
    expect(Object.keys(functions).sort()).toEqual([...activations].sort());
  });

  for (const [name, forms] of Object.entries(functions)) {
    it.each(forms)(`${name} %j: what comes out is in them`, (given, compute) => {
      const word = builtinWords.find('layer', name);
      const args = argumentsOf(wordValue('layer', name, given));
      fc.assert(
        fc.property(interval, part, (input, t) => {
          const range = word?.range(args, input);
          const inside = input.low + (input.high - input.low) * t;
          const points = [inside, ...(input.lowOpen ? [] : [input.low]), ...(input.highOpen ? [] : [input.high])];
          for (const x of points) expect(range && contains(range, compute(x)), `${name}(${x})`).toBe(true);
        }),
      );
      const everything = word?.range(args, realLine);
      for (let x = -6; x <= 6; x += 0.01) expect(everything && contains(everything, compute(x))).toBe(true);
    });
  }

  it('softmax: what comes out is in them, whatever stands beside it', () => {
    const range = builtinWords.find('layer', 'softmax')?.range({}, realLine);
    fc.assert(
      fc.property(fc.array(bound, { minLength: 1, maxLength: 5 }), (values) => {
        const total = values.reduce((sum, x) => sum + Math.exp(x), 0);
        for (const x of values) expect(range && contains(range, Math.exp(x) / total)).toBe(true);
      }),
    );
    // Differences beyond float32 give the ends themselves.
    expect(range).toEqual(closed(0, 1));
  });

  it('topk, abs_topk: what is kept is in them, and 0 is, however far from it the input lies', () => {
    fc.assert(
      fc.property(interval, part, (input, t) => {
        const inside = input.low + (input.high - input.low) * t;
        const range = (name: string) => builtinWords.find('layer', name)?.range({ k: 1 }, input);
        const [rectified, signed] = [range('topk'), range('abs_topk')];
        for (const x of [0, Math.max(inside, 0)]) expect(rectified && contains(rectified, x)).toBe(true);
        for (const x of [0, inside]) expect(signed && contains(signed, x)).toBe(true);
        expect(rectified?.high).toBe(Math.max(input.high, 0));
        expect([signed?.low, signed?.high]).toEqual([Math.min(input.low, 0), Math.max(input.high, 0)]);
      }),
    );
  });

  it('are no wider than they have to be where it decides something', () => {
    const rangeAfter = (name: string, input: Interval) =>
      builtinWords.find('layer', name)?.range(argumentsOf(wordValue('layer', name)), input);
    expect(rangeAfter('sigmoid', realLine)).toEqual(open(0, 1));
    expect(rangeAfter('tanh', realLine)).toEqual(open(-1, 1));
    expect(rangeAfter('relu', realLine)).toEqual({ low: 0, high: Infinity, lowOpen: false, highOpen: true });
    expect(rangeAfter('relu', open(0, 1))).toEqual(open(0, 1));
    expect(rangeAfter('relu', closed(-2, 3))).toEqual(closed(0, 3));
    expect(rangeAfter('elu', realLine)).toEqual(open(-1, Infinity));
    expect(rangeAfter('linear', closed(0, 1))).toEqual(closed(0, 1));
  });
});

describe('ranges of other words', () => {
  it('dropout: zero, and what is kept times 1/(1-p)', () => {
    fc.assert(
      fc.property(interval, part, fc.double({ min: 0, max: 0.9, noNaN: true }), (input, t, p) => {
        const range = dropout.range({ p }, input);
        const x = input.low + (input.high - input.low) * t;
        expect(contains(range, x / (1 - p))).toBe(true);
        if (p > 0) expect(contains(range, 0)).toBe(true);
      }),
    );
    expect(dropout.range({ p: 0 }, open(0, 1))).toEqual(open(0, 1));
    expect(dropout.range({ p: 0.5 }, open(0, 1))).toEqual({ low: 0, high: 2, lowOpen: false, highOpen: true });
    const schedule = wordValue('schedule', 'switch', { from: 0, to: 0.5, after: 1 });
    expect(dropout.range({ p: schedule }, closed(-1, 1))).toEqual(closed(-Infinity, Infinity));
  });

  it('normalize and scale: the ends are mapped as the values are', () => {
    const pixels = closed(0, 1);
    expect(normalize.range({ mean: 0.5, std: 0.5 }, pixels)).toEqual(closed(-1, 1));
    const mnist = normalize.range({ mean: 0.1307, std: 0.3081 }, pixels);
    expect(mnist.low).toBeCloseTo(-0.42421, 5);
    expect(mnist.high).toBeCloseTo(2.82149, 5);
    expect(scale.range({ low: -1, high: 1 }, pixels)).toEqual(closed(-1, 1));
  });
});
