import { beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { dataCenter, geometricMedian, withCenters } from '../../../src/runtime/training/data-center.js';
import type { Examples } from '../../../src/runtime/training/examples.js';
import { train } from './trial.js';

const medianOf = (rows: readonly (readonly number[])[]) => {
  const mean = rows[0]?.map((_, i) => rows.reduce((sum, row) => sum + (row[i] ?? 0), 0) / rows.length) ?? [];
  return [...geometricMedian(rows, Float64Array.from(mean))];
};

describe('the geometric median', () => {
  it.each<readonly [what: string, rows: readonly (readonly number[])[], median: readonly number[]]>([
    ['of points on a line is their median', [[0], [1], [2], [10], [100]], [2]],
    // Of four corners of a convex quadrilateral it is where the diagonals cross.
    [
      'of four points is where the diagonals cross',
      [
        [0, 0],
        [4, 4],
        [0, 3],
        [3, 0],
      ],
      [1.5, 1.5],
    ],
    // An angle of more than 120 degrees: that corner.
    [
      'of a flat triangle is its corner',
      [
        [-5, 0],
        [5, 0],
        [0, 1],
      ],
      [0, 1],
    ],
    [
      'of equal points is that point',
      [
        [2, 3],
        [2, 3],
      ],
      [2, 3],
    ],
  ])('%s', (_what, rows, median) => {
    for (const [i, value] of medianOf(rows).entries()) expect(value).toBeCloseTo(median[i] ?? Number.NaN, 2);
  });

  it('of a triangle is the point that sees all sides under 120 degrees', () => {
    const corners = [
      [0, 0],
      [4, 0],
      [1, 3],
    ];
    const median = medianOf(corners);
    const units = corners.map((corner) => {
      const to = corner.map((x, i) => x - (median[i] ?? 0));
      return to.map((x) => x / Math.hypot(...to));
    });
    for (const axis of [0, 1]) expect(units.reduce((sum, unit) => sum + (unit[axis] ?? 0), 0)).toBeCloseTo(0, 6);
  });

  it('has no smaller sum of distances around it', () => {
    const rows = Array.from({ length: 60 }, (_, i) =>
      [0, 1, 2].map((j) => Math.sin(7 * i + 3 * j) * (i % 7 === 0 ? 40 : 1)),
    );
    const median = medianOf(rows);
    const cost = (point: readonly number[]) =>
      rows.reduce((sum, row) => sum + Math.hypot(...row.map((x, i) => x - (point[i] ?? 0))), 0);
    for (const axis of [0, 1, 2]) {
      for (const step of [-1e-3, 1e-3]) {
        expect(cost(median.map((x, i) => (i === axis ? x + step : x)))).toBeGreaterThan(cost(median));
      }
    }
  });
});

describe('the center of the data', () => {
  const examples = (rows: number): Pick<Examples, 'count' | 'evaluationBatch'> => ({
    count: () => rows,
    evaluationBatch(_part, first, count) {
      const clean = Float32Array.from({ length: 2 * count }, (_, i) => first + Math.floor(i / 2));
      const [input, target] = [new Float32Array(clean.length), clean];
      return { count, input, clean, target, classes: null, columns: null };
    },
  });

  it('is of the first 4,096 examples, clean', () => {
    expect([...dataCenter('mean', examples(1000))]).toEqual([499.5, 499.5]);
    expect([...dataCenter('mean', examples(100_000))]).toEqual([2047.5, 2047.5]);
    for (const value of dataCenter('geometric_median', examples(100_000))) expect(value).toBeCloseTo(2047.5, 3);
  });

  it('gives way to a weight that is given', () => {
    const weight = { key: 'encoder/0/value', address: 'encoder/0', name: 'value', shape: [2], trainable: true };
    const network = { weights: [{ ...weight, initial: { kind: 'center', center: 'mean' } as const }] };
    expect(withCenters(network, examples(3), new Map()).get(weight.key)).toEqual(Float32Array.of(1, 1));
    const given = new Map([[weight.key, Float32Array.of(5, 6)]]);
    expect(withCenters(network, examples(3), given).get(weight.key)).toEqual(Float32Array.of(5, 6));
  });
});

describe('a training', () => {
  beforeAll(async () => {
    await chooseBackend('simd');
  });

  it('starts from the center where pre_bias says so', async () => {
    const bias = async (arguments_: string) => {
      const { weights } =
        await train(`data digits(take=48, validation=16, test=16) { center_crop(4)  normalize(mean=0.5, std=2) }
        encoder { pre_bias(${arguments_}, frozen=true)  code: dense(6, activation=relu) }
        decoder { dense(input.size, bias=false) }  loss mse()
        train adam(lr=0.01) { epochs = 1  batch = 16 }`);
      return [...(weights.find(({ name }) => name === 'encoder.0.value')?.values ?? [])];
    };
    const [mean, median, zero] = [await bias('start=mean'), await bias('start=geometric_median'), await bias('init=0')];
    expect(zero.every((value) => value === 0)).toBe(true);
    // Black is -0.25 here, and white 0.25.
    expect(mean.every((value) => value > -0.25 && value < 0.25)).toBe(true);
    expect(median).not.toEqual(mean);
    expect(median.every((value) => value >= -0.25 && value < 0.25)).toBe(true);
  });
});
