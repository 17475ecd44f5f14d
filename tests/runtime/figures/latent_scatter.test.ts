import { describe, expect, test } from 'vitest';
import { drawLatentScatter, type LatentScatterInput } from '../../../src/runtime/figures/latent_scatter.js';
import { decodePicture, type Picture, WHITE } from './picture.js';

async function draw(input: Omit<LatentScatterInput, 'xLabel' | 'yLabel'>): Promise<Picture> {
  return decodePicture(await drawLatentScatter({ ...input, xLabel: 'first', yLabel: 'second' }));
}

/** Whether a pixel is more of the one than of the other: points are translucent. */
function isBluish([red = 0, , blue = 0]: readonly number[]): boolean {
  return blue > red + 40;
}

function isReddish([red = 0, , blue = 0]: readonly number[]): boolean {
  return red > blue + 40;
}

/** The mean place, in shares of the picture, of the pixels of the plot for which this holds. */
function centre(picture: Picture, holds: (pixel: readonly number[]) => boolean): [x: number, y: number] {
  const places: [number, number][] = [];
  for (let y = 0; y < 620; y++) for (let x = 70; x < 650; x++) if (holds(picture.pixel(x, y))) places.push([x, y]);
  const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
  return [mean(places.map(([x]) => x)) / picture.width, mean(places.map(([, y]) => y)) / picture.height];
}

/** Class 0 at the lower left, class 1 at the upper right. */
const points = Array.from({ length: 200 }, (_, i) => (i % 4 < 2 ? 0 : 10) + ((i * 7919) % 100) / 50);
const labels = Array.from({ length: 100 }, (_, i) => i % 2);

describe('a scatter of codes', () => {
  test('shows each class where its points are, in its own colour', async () => {
    const picture = await draw({ points, labels });
    const [blueX, blueY] = centre(picture, isBluish);
    const [redX, redY] = centre(picture, isReddish);
    expect(blueX).toBeLessThan(redX - 0.3);
    expect(blueY).toBeGreaterThan(redY + 0.3);
  });

  test('has a legend only where there are labels', async () => {
    const [labelled, plain] = [await draw({ points, labels }), await draw({ points })];
    expect(labelled.width).toBeGreaterThan(plain.width);
    const named = await draw({ points, labels, classNames: ['trouser', 'ankle boot'] });
    expect(named.width).toBeGreaterThan(labelled.width);
  });

  test('leaves out what is not finite, and says so', async () => {
    const broken = await draw({ points: [...points.slice(2), Number.NaN, 1], labels });
    const whole = await draw({ points, labels });
    const below = { x: 0, y: whole.height - 30, width: whole.width, height: 30 };
    expect(broken.count(WHITE, below)).toBeLessThan(whole.count(WHITE, below));
  });

  test.each([
    ['no points', []],
    ['one point', [1, 2]],
    ['equal points', [3, 3, 3, 3]],
    ['nothing finite', [Number.NaN, Number.POSITIVE_INFINITY]],
    ['the largest doubles', [1.7e308, -1.7e308, 1, 1]],
  ])('of %s is still a picture', async (_what, values) => {
    const picture = await draw({ points: values });
    expect(picture.count(WHITE)).toBeLessThan(picture.width * picture.height);
  });

  test('with labels of any kind is still a picture', async () => {
    const strange = Array.from({ length: 100 }, (_, i) => (i === 0 ? Number.NaN : i - 50.5));
    expect((await draw({ points, labels: strange, classNames: ['<b>&'] })).width).toBeGreaterThan(600);
  });

  test('is the same twice', async () => {
    const input = { points, labels, xLabel: 'first', yLabel: 'second' };
    expect(await drawLatentScatter(input)).toEqual(await drawLatentScatter(input));
  });

  test('needs two values and one label for each point', async () => {
    await expect(draw({ points: [1, 2, 3] })).rejects.toThrow(RangeError);
    await expect(draw({ points: [1, 2], labels: [] })).rejects.toThrow(RangeError);
  });
});
