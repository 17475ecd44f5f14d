import { createHash } from 'node:crypto';
import { decode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { drawLossCurves, type LossCurvesInput } from '../../../src/runtime/figures/loss_curves.js';
import type { LossSeries } from '../../../src/runtime/figures/panels.js';
import { BLUE, decodePicture, type Picture, VERMILLION, WHITE } from './picture.js';

/** The hue mixed with white to 62 %, as for the values of single steps. */
const PALE_BLUE = [158, 201, 226];
const PALE_MAGENTA = [255, 191, 241];

/** Where the plot of a picture with a single panel surely is: below title and legend, right of the labels. */
const PLOT = { x: 100, y: 80, width: 780, height: 410 };

function epochs(name: string, y: readonly number[], panel?: string): LossSeries {
  const points = { x: y.map((_, i) => i + 1), y };
  return { name, style: 'epochs', points, ...(panel === undefined ? {} : { panel }) };
}

function steps(name: string, y: readonly number[]): LossSeries {
  return { name, style: 'steps', points: { x: y.map((_, i) => i / 100), y } };
}

async function draw(series: readonly LossSeries[], rest: Partial<LossCurvesInput> = {}): Promise<Picture> {
  const png = await drawLossCurves({ title: 'loss', series, xLabel: 'epoch', yLabel: 'loss', ...rest });
  return decodePicture(png);
}

/** The mean row of the pixels of a colour in a column of the plot; undefined when there are none. */
function heightAt(picture: Picture, x: number, colour: readonly number[]): number | undefined {
  const rows = Array.from({ length: PLOT.height }, (_, i) => PLOT.y + i).filter((y) =>
    picture.pixel(x, y).every((part, i) => part === colour[i]),
  );
  return rows.length === 0 ? undefined : rows.reduce((sum, y) => sum + y, 0) / rows.length;
}

describe('loss curves', () => {
  test('are 900 by 560 pixels, and higher for many panels', async () => {
    const one = await draw([epochs('train', [3, 2, 1])]);
    expect([one.width, one.height]).toEqual([900, 560]);
    const panels = ['loss', 'mse', 'kl', 'l1', 'l2'].map((panel) => epochs('train', [3, 2, 1], panel));
    const five = await draw(panels);
    expect(five.width).toBe(900);
    expect(five.height).toBeGreaterThan(560);
  });

  test('go down when the values do', async () => {
    const picture = await draw([epochs('train', [9, 7, 6, 5.5, 5, 4.8])]);
    const heights = [150, 300, 450, 600, 750, 850].map((x) => heightAt(picture, x, BLUE) ?? Number.NaN);
    expect(heights).toEqual([...heights].sort((a, b) => a - b));
    expect(heights[0]).toBeLessThan(200);
    expect(heights[5]).toBeGreaterThan(440);
  });

  test('fall straight on a logarithmic axis when each value is a tenth of the one before', async () => {
    const picture = await draw([epochs('train', [1, 0.1, 0.01, 0.001, 0.0001])]);
    const [left = 0, middle = 0, right = 0] = [200, 475, 750].map((x) => heightAt(picture, x, BLUE));
    expect(Math.abs(middle - (left + right) / 2)).toBeLessThan(2);
    expect(right - left).toBeGreaterThan(200);
  });

  test('have a colour for each name, with single steps pale and under the means of epochs', async () => {
    const falling = Array.from({ length: 900 }, (_, i) => 3 - i / 500 + ((i * 37) % 10) / 10);
    const means = [3, 2.6, 2.4, 2.2, 2, 1.9, 1.8, 1.7];
    const picture = await draw([
      epochs('train', means),
      steps('train', falling),
      epochs(
        'validation',
        means.map((y) => y + 0.6),
      ),
    ]);
    for (const colour of [BLUE, PALE_BLUE, VERMILLION]) expect(picture.count(colour, PLOT)).toBeGreaterThan(500);
    const alone = await draw([
      epochs('train', means),
      epochs(
        'validation',
        means.map((y) => y + 0.6),
      ),
    ]);
    expect(alone.count(PALE_BLUE, PLOT)).toBe(0);
  });

  test('show a spike of a single step out of a hundred thousand', async () => {
    const values = Array.from({ length: 100_000 }, (_, i) => (i === 50_500 ? 2 : 1 + (i % 7) / 100));
    const picture = await draw([steps('train', values)]);
    const isBluish = ([red = 0, , blue = 0]: readonly number[]) => blue > red + 20;
    const upperHalf = Array.from({ length: 200 }, (_, i) => PLOT.y + 20 + i);
    const spike = Array.from({ length: PLOT.width }, (_, i) => PLOT.x + i).filter((x) =>
      upperHalf.every((y) => isBluish(picture.pixel(x, y))),
    );
    expect(spike.length).toBeGreaterThanOrEqual(1);
    expect(spike.length).toBeLessThanOrEqual(2);
  });

  test('have a gap and a band where values are not finite', async () => {
    const picture = await draw([epochs('train', [1, 2, Number.NaN, Number.POSITIVE_INFINITY, 2, 1])]);
    // Epochs 1 to 6 over the width: the band lies from 3 to 4.
    const at = (epoch: number) => Math.round(60 + ((epoch - 1) / 5) * 814);
    expect(picture.count(PALE_MAGENTA, { ...PLOT, x: at(3) + 20, width: 60 })).toBeGreaterThan(60 * 350);
    expect(heightAt(picture, at(3.5), BLUE)).toBeUndefined();
    expect(heightAt(picture, at(1.5), BLUE)).toBeDefined();
    expect(picture.count(PALE_MAGENTA, { ...PLOT, x: at(1.5), width: 60 })).toBe(0);
  });

  test.each([
    ['no series', []],
    ['a series without points', [epochs('train', [])]],
    ['one point', [epochs('train', [0])]],
    ['a constant', [epochs('train', [0.1, 0.1, 0.1])]],
    ['nothing finite', [epochs('train', [Number.NaN, Number.NEGATIVE_INFINITY])]],
    ['the largest doubles', [epochs('train', [1.7e308, -1.7e308, 1e300, -1e300])]],
    ['the smallest', [epochs('train', [5e-324, 1e-300, 2e-300])]],
    ['x that is not finite', [{ name: 'train', style: 'steps', points: { x: [Number.NaN, 1], y: [1, 2] } }]],
  ] satisfies [string, LossSeries[]][])('%s is still a picture', async (_what, series) => {
    const picture = await draw(series);
    expect([picture.width, picture.height]).toEqual([900, 560]);
    expect(picture.count(WHITE)).toBeLessThan(900 * 560);
  });

  test('take any text', async () => {
    const hostile = '</text><rect width="900" height="560" fill="#d55e00"/>&\u0000\ud800';
    const picture = await draw([epochs(hostile, [1, 2], hostile), epochs('train', [1, 2], `${hostile}2`)], {
      title: hostile.repeat(20),
      xLabel: hostile,
    });
    expect(picture.pixel(1, 1)).toEqual(WHITE);
    expect(picture.count(WHITE)).toBeGreaterThan(900 * 560 * 0.8);
  });

  test('with as many x as y only', async () => {
    const series: LossSeries = { name: 'train', style: 'steps', points: { x: [1, 2], y: [1] } };
    await expect(draw([series])).rejects.toThrow(RangeError);
  });
});

/** Own fonts, renderer and logarithms: the digest was taken on Linux x64. */
test('the pixels are the same on every platform', async () => {
  const input = {
    title: 'loss, and 0.3 of it',
    series: [epochs('train', [1, 0.31, 0.1, 0.031, 0.01, 0.0099]), epochs('validation', [2, 0.7, 0.3, 0.1, 0.09, 0.2])],
    xLabel: 'epoch',
    yLabel: 'loss',
  };
  const png = await drawLossCurves(input);
  expect(await drawLossCurves(input)).toEqual(png);
  const digest = createHash('sha256').update(decode(png).data).digest('hex');
  expect(digest).toBe('47a9f9f2d2a24184fb962974177c9b808cb7524fa9ed60877cbe8bd8a896830c');
});
