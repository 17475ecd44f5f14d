import { describe, expect, it } from 'vitest';
import { type ChartScene, drawChart } from '../../../src/cli/dashboard/drawing/chart.js';
import { pointsOf, smoothed, valueAt } from '../../../src/cli/dashboard/drawing/curve.js';
import { seedBand } from '../../../src/cli/dashboard/drawing/seed-band.js';
import { appended, emptySeries } from '../../../src/cli/dashboard/state/series.js';
import { newTrial, type Trial } from '../../../src/cli/dashboard/state/trial.js';
import { toText } from './screens.js';

const settings = { metric: null, logarithmic: false, smoothing: 0, from: 0, to: 1 } as const;

function trialWith(values: readonly number[], seed = 1): Trial {
  const trial = newTrial({ trial: 0, parameters: {}, seed, identity: '', state: 'running', runId: null });
  return { ...trial, steps: new Map([['loss', appended(emptySeries(0), 0, Float32Array.from(values))]]) };
}

function sceneOf(values: readonly number[]): ChartScene {
  const points = pointsOf(trialWith(values), 'loss');
  if (points === null) throw new Error('there are values');
  return { marks: [{ kind: 'curve', points, colour: 'accent' }], levels: [], axis: 'step' };
}

/** Rows of the plot alone, without axes. */
function plot(scene: ChartScene, chart: Partial<Parameters<typeof drawChart>[1]> = {}): readonly string[] {
  const rows = drawChart(scene, { ...settings, ...chart }, 60, 14).map(toText);
  return rows.slice(0, -2).map((row) => row.slice(9));
}

describe('a chart', () => {
  it('shows a spike of one of 100,000 steps at its height, where it was', () => {
    const values = new Array<number>(100_000).fill(1);
    values[75_000] = 9;
    const [top = ''] = plot(sceneOf(values)).filter((row) => /[^ ]/.test(row));
    // A single column of dots, three quarters along.
    expect(top.trim()).toHaveLength(1);
    expect(top.search(/[^ ]/) / top.length).toBeCloseTo(0.75, 1);
  });

  it('still shows it behind the smoothed line', () => {
    const values = new Array<number>(5000).fill(1);
    values[2500] = 9;
    const raw = plot(sceneOf(values)).findIndex((row) => /[^ ]/.test(row));
    expect(plot(sceneOf(values), { smoothing: 0.97 }).findIndex((row) => /[^ ]/.test(row))).toBe(raw);
  });

  it('makes a straight line of an exponential on a log scale', () => {
    const decay = Array.from({ length: 200 }, (_, i) => Math.exp(-i / 20));
    const rows = plot(sceneOf(decay), { logarithmic: true });
    const places = rows.flatMap((row, y) => [...row].flatMap((dot, x) => (dot === ' ' ? [] : [{ x, y }])));
    // Each cell lies within one row of the line between the corners.
    for (const { x, y } of places) expect(Math.abs(y - (x / 50) * (rows.length - 1))).toBeLessThanOrEqual(1.2);
  });

  it('shows a constant at half its height on a log scale', () => {
    const rows = plot(sceneOf(new Array<number>(50).fill(3)), { logarithmic: true });
    const drawn = rows.flatMap((row, y) => (/[^ ]/.test(row) ? y : []));
    expect(drawn).toHaveLength(1);
    expect(Math.abs((drawn[0] ?? 0) - (rows.length - 1) / 2)).toBeLessThan(1.5);
  });

  it('leaves out what has no logarithm', () => {
    expect(plot(sceneOf([-1, -2, 0]), { logarithmic: true }).join('')).toContain('no positive values');
  });

  it('is empty where nothing has come in', () => {
    expect(plot(sceneOf([])).join('')).toContain('no values yet');
    expect(plot(sceneOf([Number.NaN, Number.NaN])).join('')).toContain('no values yet');
  });
});

describe('a smoothed line', () => {
  it('is the bias-corrected moving average', () => {
    const points = pointsOf(trialWith([1, 3, 5]), 'loss');
    // (0.5·1)/0.5, (0.25·1 + 0.5·3)/0.75, (0.125·1 + 0.25·3 + 0.5·5)/0.875
    const expected = [1, 7 / 3, 27 / 7];
    const { mean } = smoothed(points ?? sceneless(), 0.5);
    for (const [i, value] of expected.entries()) expect(mean[i]).toBeCloseTo(value, 6);
  });
});

describe('seeds of a setting', () => {
  it('have Student’s interval of the mean at every step', () => {
    const seeds = [trialWith([1, 10], 1), trialWith([2, 20], 2), trialWith([3, 30], 3)];
    const band = seedBand(seeds, 'loss');
    // sd 1 and 10, t of 2 degrees of freedom is 4.302653: 2 ± 4.302653/√3, 20 ± 43.02653/√3.
    expect([...(band?.points.mean ?? [])]).toEqual([2, 20]);
    expect(band?.low[0]).toBeCloseTo(2 - 4.302653 / Math.sqrt(3), 4);
    expect(band?.high[1]).toBeCloseTo(20 + 43.02653 / Math.sqrt(3), 3);
  });

  it('are compared where each of them has got to', () => {
    const points = pointsOf(trialWith([0, 10, 20]), 'loss') ?? sceneless();
    expect(valueAt(points, 1.5)).toBe(15);
    expect(valueAt(points, 3)).toBeNaN();
  });
});

function sceneless(): never {
  throw new Error('there are values');
}
