import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { adapted, firstDistribution, generationSize } from '../../../src/runtime/search/cma-es.js';
import { drawsOf } from '../../../src/runtime/search/draws.js';
import { hypervolume, mostVolume, paretoFront, paretoRanks } from '../../../src/runtime/search/pareto.js';
import { ParzenEstimator } from '../../../src/runtime/search/parzen.js';
import type { SearchAxis } from '../../../src/runtime/search/space.js';

interface SearchValues {
  readonly parzen: readonly {
    readonly points: readonly (readonly number[])[];
    readonly asked: readonly (readonly number[])[];
    readonly logDensity: readonly number[];
  }[];
  readonly cma: readonly {
    readonly dimensions: number;
    readonly size: number;
    readonly generations: readonly {
      readonly population: readonly { readonly point: readonly number[]; readonly cost: number }[];
      readonly mean: readonly number[];
      readonly step: number;
      readonly covariance: readonly number[];
    }[];
  }[];
  readonly fronts: readonly {
    readonly costs: readonly (readonly number[])[];
    readonly ranks: readonly number[];
    readonly reference: readonly number[];
    readonly volume: number;
  }[];
}

/** What Optuna and cmaes give: see make_search_values.py beside the values. */
const values: SearchValues = JSON.parse(readFileSync('tests/goldens/search/search_values.json', 'utf8'));

const axes: readonly SearchAxis[] = [
  { kind: 'real', values: Number.POSITIVE_INFINITY },
  { kind: 'whole', values: 7 },
  { kind: 'category', values: 3 },
];

function expectClose(actual: ArrayLike<number>, expected: readonly number[], digits: number): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, digits);
}

/** The weights of Optuna: the last 25 count fully. */
function ramp(count: number): readonly number[] {
  const old = count - 25;
  return Array.from({ length: count }, (_, i) =>
    i >= old ? 1 : 1 / count + ((1 - 1 / count) * i) / Math.max(1, old - 1),
  );
}

/** Its magic clip. */
const clip = (count: number) => 1 / Math.min(100, count + 2);

describe('the Parzen estimator', () => {
  it("has the densities of Optuna's", () => {
    for (const { points, asked, logDensity } of values.parzen) {
      const estimator = new ParzenEstimator(
        axes.slice(0, points[0]?.length),
        points,
        ramp(points.length),
        clip(points.length),
      );
      expectClose(
        asked.map((point) => estimator.logDensity(point)),
        logDensity,
        7,
      );
    }
  });

  it('draws from its own density', () => {
    const [, , { points } = { points: [] }] = values.parzen;
    const estimator = new ParzenEstimator(axes, points, ramp(points.length), clip(points.length));
    const draws = drawsOf(1, 0, 0, 'proposal');
    const drawn = Array.from({ length: 4000 }, () => estimator.sample(draws));
    for (const [axis, cells] of [7, 7, 3].entries()) {
      const middle = (cell: number) => [0.5, 0.5, 0.5].map((unit, i) => (i === axis ? (cell + 0.5) / cells : unit));
      const share = (cell: number) =>
        drawn.filter((point) => Math.floor((point[axis] ?? 0) * cells) === cell).length / 4000;
      if (axis === 0) continue;
      // Of one axis alone, whose density is that of a mixture of its own kernels.
      const own = new ParzenEstimator(
        axes.slice(axis, axis + 1),
        points.map((point) => point.slice(axis, axis + 1)),
        ramp(points.length),
        clip(points.length),
      );
      for (let cell = 0; cell < cells; cell++) {
        const expected = Math.exp(own.logDensity(middle(cell).slice(axis, axis + 1)));
        expect(Math.abs(share(cell) - expected)).toBeLessThan(0.04);
      }
    }
    expect(drawn.every((point) => point.every((unit) => unit >= 0 && unit < 1))).toBe(true);
  });
});

describe('CMA-ES', () => {
  it('adapts as cmaes does, generation by generation', () => {
    for (const { dimensions, size, generations } of values.cma) {
      expect(generationSize(dimensions)).toBe(size);
      let distribution = firstDistribution(dimensions, 0.25);
      for (const { population, mean, step, covariance } of generations) {
        distribution = adapted(distribution, population);
        expectClose(distribution.mean, mean, 9);
        expect(distribution.step).toBeCloseTo(step, 9);
        expectClose(distribution.covariance, covariance, 8);
      }
    }
  });
});

describe('Pareto fronts', () => {
  it("have Optuna's ranks, and its hypervolume", () => {
    for (const { costs, ranks, reference, volume } of values.fronts) {
      expect(paretoRanks(costs)).toEqual(ranks);
      expect(hypervolume(costs, reference)).toBeCloseTo(volume, 6);
    }
  });

  it('are what nothing dominates, and dominate as many cells as can be counted', () => {
    const draws = drawsOf(2, 0, 0, 'proposal');
    for (let round = 0; round < 30; round++) {
      const costs = Array.from({ length: 1 + (round % 9) }, () => [0, 0, 0].map(() => Math.floor(draws.uniform() * 7)));
      const isBeaten = (own: readonly number[]) =>
        costs.some((other) => other.every((cost, i) => cost <= (own[i] ?? 0)) && other.join() !== own.join());
      expect(paretoFront(costs)).toEqual(costs.flatMap((own, i) => (isBeaten(own) ? [] : [i])));
      let cells = 0;
      for (let cell = 0; cell < 343; cell++) {
        const corner = [cell % 7, Math.floor(cell / 7) % 7, Math.floor(cell / 49)];
        if (costs.some((cost) => cost.every((value, i) => value <= (corner[i] ?? 0)))) cells++;
      }
      expect(hypervolume(costs, [7, 7, 7])).toBe(cells);
    }
  });

  it('leave out what is not a number, and take the points that dominate most', () => {
    expect(
      paretoFront([
        [1, Number.NaN],
        [2, 2],
        [3, 1],
        [3, 3],
      ]),
    ).toEqual([1, 2]);
    expect(
      mostVolume(
        [
          [1, 9],
          [5, 5],
          [9, 1],
          [4.9, 6],
        ],
        2,
        [10, 10],
      ),
    ).toEqual([1, 0]);
  });
});
