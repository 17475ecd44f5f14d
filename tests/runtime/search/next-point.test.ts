import { describe, expect, it } from 'vitest';
import { drawsOf } from '../../../src/runtime/search/draws.js';
import { nextPoint, type SearchMethod, type SearchPlan } from '../../../src/runtime/search/next-point.js';
import { normalMass, ParzenEstimator } from '../../../src/runtime/search/parzen.js';
import { type Observation, placeOn, type SearchAxis, type UnitPoint } from '../../../src/runtime/search/space.js';
import { tpeProposals } from '../../../src/runtime/search/tpe.js';

const axes: readonly SearchAxis[] = [
  { kind: 'real', values: Number.POSITIVE_INFINITY },
  { kind: 'whole', values: 9 },
  { kind: 'category', values: 3 },
];

function plan(method: SearchMethod, lag: number, seed = 1): SearchPlan {
  return { method, axes, seed, lag };
}

const bowl = ([x = 0, n = 0, c = 0]: UnitPoint) => (x - 0.7) ** 2 + (n - 0.2) ** 2 + (c > 0.6 ? 0 : 0.3);

/** Points of a search; `cost` may be infinite. */
function searched({
  plan: of,
  count,
  cost = (point) => [bowl(point)],
}: {
  readonly plan: SearchPlan;
  readonly count: number;
  readonly cost?: (point: UnitPoint, i: number) => readonly number[];
}): readonly Observation[] {
  const history: Observation[] = [];
  while (history.length < count) {
    const taken = new Set(history.map(({ point }) => point.join()));
    const point = nextPoint(of, history, (one) => taken.has(one.join()));
    if (point === null) break;
    history.push({ point, costs: cost(point, history.length) });
  }
  return history;
}

describe.each(['tpe', 'cmaes'] as const)('%s', (method) => {
  it('proposes points of the space, each once, the same each time, and others with another seed', () => {
    const history = searched({ plan: plan(method, 2), count: 40 });
    const points = history.map(({ point }) => point);
    for (const point of points) {
      expect(point).toEqual(axes.map((axis, i) => placeOn(axis, point[i] ?? 0)));
      expect(point.every((unit) => unit >= 0 && unit < 1)).toBe(true);
    }
    expect(new Set(points.map((point) => point.join())).size).toBe(40);
    expect(searched({ plan: plan(method, 2), count: 40 })).toEqual(history);
    expect(searched({ plan: plan(method, 2, 7), count: 40 })).not.toEqual(history);
  });

  it('gets near the best', () => {
    const costs = searched({ plan: plan(method, 4), count: 60 }).map(({ point }) => bowl(point));
    expect(Math.min(...costs)).toBeLessThan(0.01);
  });

  it('looks at no result that is newer than its lag, and needs all that are older', () => {
    const history = searched({ plan: plan(method, 1), count: 30 });
    const none = () => false;
    for (const lag of [1, 3, 8]) {
      const expected = nextPoint(plan(method, lag), history, none);
      const without = (from: number) =>
        history.map(({ point, costs }, i) => ({ point, costs: i < from ? costs : null }));
      expect(nextPoint(plan(method, lag), without(30 - lag + 1), none)).toEqual(expected);
      expect(() => nextPoint(plan(method, lag), without(30 - lag), none)).toThrow(RangeError);
      const other = history.map(({ point, costs }, i) => ({ point, costs: i > 30 - lag ? [-1e9] : costs }));
      expect(nextPoint(plan(method, lag), other, none)).toEqual(expected);
    }
  });

  it('goes on where trials diverge, and avoids that place', () => {
    const cost = ([x = 0, ...others]: UnitPoint) => [x > 0.5 ? Number.POSITIVE_INFINITY : bowl([0.7, ...others])];
    const history = searched({ plan: plan(method, 4), count: 60, cost });
    const late = history.slice(30).filter(({ point: [x = 0] }) => x > 0.5);
    expect(late.length).toBeLessThan(12);
    const all = searched({ plan: plan(method, 1), count: 25, cost: () => [Number.POSITIVE_INFINITY] });
    expect(all).toHaveLength(25);
  });

  it('ends where every point is taken', () => {
    const few: readonly SearchAxis[] = [
      { kind: 'whole', values: 4 },
      { kind: 'category', values: 3 },
    ];
    expect(searched({ plan: { ...plan(method, 1), axes: few }, count: 20 })).toHaveLength(12);
  });
});

it.each([
  [20, 2, 1 / 16],
  [40, 4, 0.03],
])(
  'after %i points TPE proposes first, of what it draws near the best %i, what is least among the others',
  (count, few, width) => {
    const history = searched({ plan: plan('tpe', 1), count });
    const sorted = [...history].sort((a, b) => bowl(a.point) - bowl(b.point));
    const best = history.filter((one) => sorted.indexOf(one) < few);
    const others = history.filter((one) => sorted.indexOf(one) >= few);
    const gains = best.map(({ point }) => bowl(sorted[few]?.point ?? []) - bowl(point));
    const gain = gains.reduce((a, b) => a + b, 0) / few;
    const density = (of: readonly Observation[], weights: readonly number[], leastWidth: number) =>
      new ParzenEstimator(
        axes,
        of.map(({ point }) => point),
        weights,
        leastWidth,
      );
    const weights = gains.map((one) => one / gain);
    const good = density(best, weights, width);
    const bad = density(others, new Array<number>(count - few).fill(1), 0.03);
    const ratios = tpeProposals(axes, history, drawsOf(5, count, 0, 'proposal')).map(
      (point) => good.logDensity(point) - bad.logDensity(point),
    );
    expect(ratios).toHaveLength(48);
    expect(ratios).toEqual([...ratios].sort((a, b) => b - a));
    expect(ratios[0]).toBeGreaterThan(ratios[47] ?? 0);
  },
);

it('TPE spreads over a front of two costs', () => {
  const cost = ([x = 0, n = 0]: UnitPoint) => [x * x + n, (x - 1) ** 2 + n];
  const front = searched({ plan: plan('tpe', 4), count: 60, cost }).slice(20);
  const near = front.filter(({ point: [, n = 0] }) => n < 0.2).map(({ point: [x = 0] }) => x);
  expect(near.length).toBeGreaterThan(20);
  expect(Math.max(...near) - Math.min(...near)).toBeGreaterThan(0.6);
});

it('the first points, and the directions of CMA-ES, are even on each axis, and on two together', () => {
  const reals = axes.slice(0, 1).flatMap((axis) => [axis, axis, axis]);
  const cells = (history: readonly Observation[], shareBelow: (unit: number) => number) =>
    reals.map((_, i) => new Set(history.map(({ point }) => Math.floor(shareBelow(point[i] ?? 0) * 8))).size);
  const first = (method: SearchMethod, count: number) => searched({ plan: { ...plan(method, 8), axes: reals }, count });
  expect(cells(first('tpe', 8), (unit) => unit)).toEqual([8, 8, 8]);
  const boxes = first('tpe', 8).map(({ point: [x = 0, y = 0] }) => `${Math.floor(x * 4)} ${Math.floor(y * 2)}`);
  expect(new Set(boxes).size).toBe(8);
  // The cube's ends are three deviations from its middle.
  expect(cells(first('cmaes', 8), (unit) => normalMass(-9, (unit - 0.5) * 6))).toEqual([8, 8, 8]);
  // More axes than Sobol's sequence has dimensions.
  const many = new Array<readonly SearchAxis[]>(8).fill(reals).flat();
  expect(searched({ plan: { ...plan('tpe', 1), axes: many }, count: 2, cost: () => [1] })).toHaveLength(2);
});

it('TPE weighs equal results, and those that nothing else ended beside, equally', () => {
  for (const cost of [() => [1], (_: UnitPoint, i: number) => [i === 0 ? 1 : Number.POSITIVE_INFINITY]]) {
    const history = searched({ plan: plan('tpe', 1), count: 20, cost });
    const proposed = tpeProposals(axes, history, drawsOf(5, 20, 0, 'proposal'));
    expect(proposed.every((point) => point.every((unit) => unit >= 0 && unit < 1))).toBe(true);
  }
});
