import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { type Chart, chartInPage, chartPng, chartSvg } from '../../../src/runtime/figures/chart.js';
import { readableOn, sequential } from '../../../src/runtime/figures/colour.js';
import { drawMarginalPlots } from '../../../src/runtime/figures/marginal-plots.js';
import { drawObjectiveMap, shareOf } from '../../../src/runtime/figures/objective-map.js';
import { drawParallelAxes } from '../../../src/runtime/figures/parallel-axes.js';
import { drawSeedCurves } from '../../../src/runtime/figures/seed-curves.js';
import { drawShareBars } from '../../../src/runtime/figures/share-bars.js';
import type { SvgElement } from '../../../src/runtime/figures/svg.js';

const named = (chart: Chart, name: string): readonly SvgElement[] => {
  const below = (one: SvgElement): readonly SvgElement[] => [
    ...(one.name === name ? [one] : []),
    ...one.children.flatMap((child) => (typeof child === 'string' ? [] : below(child))),
  ];
  return chart.elements.flatMap(below);
};

const curves = (groups: readonly { name: string; seeds: readonly (readonly number[])[] }[]) =>
  drawSeedCurves({
    title: 'loss',
    xLabel: 'epoch',
    yLabel: 'loss',
    groups: groups.map(({ name, seeds }) => ({
      name,
      curves: seeds.map((y) => ({ x: y.map((_, i) => i + 1), y })),
    })),
  });

describe('curves with seeds', () => {
  it('have a line for each setting, and a band where there are several seeds', async () => {
    const chart = await curves([
      {
        name: 'a',
        seeds: [
          [3, 2, 1],
          [4, 3, 2],
        ],
      },
      { name: 'b', seeds: [[5, 5, 5]] },
    ]);
    const paths = named(chart, 'path');
    expect(paths.filter(({ attributes }) => attributes['fill-opacity'] !== undefined)).toHaveLength(1);
    expect(paths.filter(({ attributes }) => attributes.fill === 'none')).toHaveLength(2);
  });

  it('draw the mean half way between two seeds', async () => {
    const chart = await curves([
      {
        name: 'a',
        seeds: [
          [1, 1],
          [3, 3],
        ],
      },
    ]);
    const d = (opacity: boolean) =>
      named(chart, 'path').find(({ attributes }) => (attributes['fill-opacity'] !== undefined) === opacity)?.attributes
        .d;
    const heights = (path: unknown) => [...String(path).matchAll(/[ML][\d.]+ ([\d.]+)/g)].map(([, y]) => Number(y));
    const [mean] = heights(d(false));
    const band = heights(d(true));
    expect(mean).toBeCloseTo((Math.min(...band) + Math.max(...band)) / 2, 1);
  });

  it('leave out what is not finite, and say so where nothing is', async () => {
    const chart = await curves([{ name: 'a', seeds: [[Number.NaN, Number.POSITIVE_INFINITY]] }]);
    expect(chartInPage(chart)).toContain('no finite value');
    expect(chartInPage(chart)).not.toContain('NaN');
    expect(chartInPage(await curves([]))).toContain('no finite value');
  });
});

describe('the map of an objective', () => {
  const map = (goal: 'min' | 'max', values: readonly number[]) =>
    drawObjectiveMap({
      title: 'map',
      rowName: 'b',
      columnName: 'a',
      rows: ['1', '2'],
      columns: ['x', 'y'],
      values: Float64Array.from(values),
      valueLabel: 'loss',
      goal,
    });

  it('frames the best, which is light, and leaves a cell without a trial empty', async () => {
    const chart = await map('min', [4, 3, 1, Number.NaN]);
    const rects = named(chart, 'rect');
    const framed = rects.filter(({ attributes }) => attributes['stroke-width'] === 2);
    expect(framed).toHaveLength(1);
    expect(rects.filter(({ attributes }) => attributes['stroke-dasharray'] !== undefined)).toHaveLength(1);
    expect(rects.some(({ attributes }) => attributes.fill === 'rgb(253,231,37)')).toBe(true);
    // The first row is at the bottom, so the best one, in the second, is above.
    const y = (text: string) => Number(named(chart, 'text').find(({ children }) => children[0] === text)?.attributes.y);
    expect(y('1.00')).toBeLessThan(y('4.00'));
  });

  it('takes the largest as the best where more is better', () => {
    expect(shareOf(3, { low: 1, high: 3 }, 'max')).toBe(1);
    expect(shareOf(3, { low: 1, high: 3 }, 'min')).toBe(0);
    expect(shareOf(2, { low: 2, high: 2 }, 'min')).toBe(1);
  });

  it('needs a value for each cell', async () => {
    await expect(map('min', [1])).rejects.toThrow(RangeError);
  });

  it('writes on dark cells in white and on light ones in black', () => {
    expect(readableOn(sequential(0))).toEqual([255, 255, 255]);
    expect(readableOn(sequential(1))).toEqual([0, 0, 0]);
  });
});

describe('a chart', () => {
  const marginals = () =>
    drawMarginalPlots({
      title: 'by parameter',
      metric: 'loss',
      parameters: [
        {
          name: 'rho',
          note: '62 % of the variance',
          levels: [0.01, 0.1, 1].map((position) => ({
            label: String(position),
            position,
            mean: position,
            spread: 0.1,
          })),
          trials: [
            { level: 0, value: 1 },
            { level: 2, value: Number.NaN },
          ],
        },
        {
          name: 'activation',
          note: '1 % of the variance',
          levels: ['relu', 'tanh'].map((label) => ({ label, position: null, mean: 1, spread: 0 })),
          trials: [],
        },
      ],
    });

  it('is the same bytes each time, as a picture of its size', async () => {
    const [first, second] = [await chartPng(await marginals()), await chartPng(await marginals())];
    expect(Buffer.compare(first, second)).toBe(0);
    const { width, height } = await marginals();
    expect(decode(first)).toMatchObject({ width, height });
  });

  it('shows markup in names as text, in a document and in a page', async () => {
    const chart = await drawShareBars({
      title: '<script>x</script>',
      note: '&',
      bars: [{ name: '<b>"', share: 0.5, label: '50 %', kind: 'first' }],
    });
    for (const text of [await chartSvg(chart), chartInPage(chart)]) {
      expect(text).not.toContain('<script');
      expect(text).not.toContain('<b>');
      expect(text).toContain('&lt;b&gt;&quot;');
    }
  });

  it('takes ink and grid from the page it is in, and carries its fonts in a document', async () => {
    const chart = await marginals();
    expect(chartInPage(chart)).toContain('fill="var(--chart-ink, rgb(38,38,38))"');
    const document = await chartSvg(chart);
    expect(document).not.toContain('var(--');
    expect(document).toContain('font/woff2');
  });

  it('has a line for each setting over parallel axes, the best on top', () => {
    const level = (label: string, position: number | null) => ({ label, position });
    const chart = drawParallelAxes({
      title: 'settings',
      parameters: [
        { name: 'a', levels: [level('1', 1), level('2', 2)] },
        { name: 'f', levels: [level('relu', null), level('tanh', null)] },
      ],
      settings: [
        { levels: [0, 1], value: 1 },
        { levels: [1, 0], value: 2 },
        { levels: [1, 1], value: Number.NaN },
      ],
      metric: 'loss',
      goal: 'min',
    });
    const lines = named(chart, 'path');
    expect(lines).toHaveLength(2);
    expect(lines.at(-1)?.attributes.stroke).toBe('rgb(253,231,37)');
  });
});
