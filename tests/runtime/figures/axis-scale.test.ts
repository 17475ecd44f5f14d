import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AxisScale,
  adaptiveScale,
  exactScale,
  extentOf,
  paddedScale,
} from '../../../src/runtime/figures/axis-scale.js';

const value = fc.double({ min: -1e300, max: 1e300, noNaN: true }).map((x) => (Math.abs(x) < 1e-300 ? 0 : x));
const extent = fc.tuple(value, value).map(([a, b]) => ({ low: Math.min(a, b), high: Math.max(a, b) }));
const decimals = fc.tuple(fc.integer({ min: -9999, max: 9999 }), fc.integer({ min: -8, max: 6 }));
const ordinaryExtent = fc
  .tuple(decimals, decimals)
  .map(([[a, e], [b, f]]) => [Number(`${a}e${e}`), Number(`${b}e${f}`)])
  .map(([a = 0, b = 0]) => ({ low: Math.min(a, b), high: Math.max(a, b) }));

const scales = { adaptiveScale, exactScale, paddedScale };

function numberOf(label: string): number {
  return Number(label.replaceAll('−', '-'));
}

function expectSoundTicks({ ticks, share }: AxisScale): void {
  ticks.forEach(({ value: at, label }, i) => {
    expect(share(at)).toBeGreaterThanOrEqual(-1e-9);
    expect(share(at)).toBeLessThanOrEqual(1 + 1e-9);
    expect(numberOf(label)).toBe(at);
    const before = ticks[i - 1];
    if (before) expect(at).toBeGreaterThan(before.value);
  });
}

describe.each(Object.entries(scales))('%s', (_name, scaleOf) => {
  test('ticks lie within, ascend, are not too many, and their labels say exactly their values', () => {
    fc.assert(
      fc.property(ordinaryExtent, fc.integer({ min: 2, max: 12 }), (range, mostTicks) => {
        const scale = scaleOf(range, mostTicks);
        expectSoundTicks(scale);
        expect(scale.ticks.length).toBeLessThanOrEqual(mostTicks + 1);
      }),
    );
  });

  test('any range of doubles has a scale on which larger values lie further', () => {
    fc.assert(
      fc.property(extent, ({ low, high }) => {
        const { share } = scaleOf({ low, high }, 8);
        expect(share(low)).toBeGreaterThanOrEqual(-1e-9);
        expect(share(high)).toBeLessThanOrEqual(1 + 1e-9);
        expect(share(high)).toBeGreaterThanOrEqual(share(low));
      }),
    );
  });
});

test('a single value beyond the whole numbers that doubles have stands in the middle of its axis', () => {
  for (const value of [5, 2 ** 60, 1e300, -1e300]) {
    expect(exactScale({ low: value, high: value }, 8).share(value)).toBeCloseTo(0.5, 6);
  }
});

test('an axis is logarithmic when positive values span more than about 1.5 decades', () => {
  expect(adaptiveScale({ low: 1, high: 30 }, 8).kind).toBe('linear');
  expect(adaptiveScale({ low: 1, high: 33 }, 8).kind).toBe('log');
  expect(adaptiveScale({ low: 0, high: 1000 }, 8).kind).toBe('linear');
  expect(adaptiveScale({ low: -1, high: 1000 }, 8).kind).toBe('linear');
});

test('decades are equally long on a logarithmic axis', () => {
  const { share, ticks } = adaptiveScale({ low: 0.001, high: 10 }, 6);
  expect(share(0.1) - share(0.01)).toBeCloseTo(share(10) - share(1), 12);
  expect(ticks.map(({ label }) => label)).toEqual(['0.001', '0.01', '0.1', '1', '10']);
});

test('ticks are the numbers a person would choose', () => {
  const labels = (low: number, high: number, mostTicks: number) =>
    exactScale({ low, high }, mostTicks).ticks.map(({ label }) => label);
  expect(labels(0, 15, 8)).toEqual(['0', '2', '4', '6', '8', '10', '12', '14']);
  expect(labels(0.7, 1.1, 5)).toEqual(['0.7', '0.8', '0.9', '1.0', '1.1']);
  expect(labels(-1, 1, 5)).toEqual(['−1.0', '−0.5', '0', '0.5', '1.0']);
  expect(labels(0, 30000, 4)).toEqual(['0', '10000', '20000', '30000']);
  expect(labels(0, 4e-7, 4)).toEqual(['0', '1e−7', '2e−7', '3e−7', '4e−7']);
  expect(labels(5e6 + 0.01, 5e6 + 0.05, 3)).toEqual(['5000000.02', '5000000.04']);
});

test('a measured quantity that is never negative has no room below zero', () => {
  expect(paddedScale({ low: 0, high: 2 }, 8).share(0)).toBe(0);
  expect(paddedScale({ low: -1, high: 2 }, 8).share(-1)).toBeGreaterThan(0);
});

test('a constant lies in the middle of a range around it', () => {
  expect(paddedScale({ low: 5, high: 5 }, 8).share(5)).toBeCloseTo(0.5, 12);
  expect(exactScale({ low: 1, high: 1 }, 8).share(1)).toBe(0.5);
});

test('the extent is of the finite values', () => {
  expect(extentOf([Number.NaN, 2, Number.NEGATIVE_INFINITY, -1])).toEqual({ low: -1, high: 2 });
  expect(extentOf([Number.NaN])).toBeUndefined();
});
