import { describe, expect, test } from 'vitest';
import { drawFilters, MAXIMUM_TILES } from '../../../src/runtime/figures/filters.js';
import { BLACK, decodePicture, MAGENTA } from './picture.js';

/** Ten by ten tiles of 10 by 10 pixels: 560 = 11 lines of 2 and 100 pixels of at least 5.4, so 6 to a pixel. */
const SCALE = 6;
const STEP = 10 * SCALE + 2;

function middleOf(unit: number, pixel: number): [x: number, y: number] {
  const x = 2 + (unit % 10) * STEP + (pixel % 10) * SCALE + 3;
  const y = 2 + Math.floor(unit / 10) * STEP + Math.floor(pixel / 10) * SCALE + 3;
  return [x, y];
}

async function drawHundred(weightOf: (unit: number, pixel: number) => number) {
  const weights = Float32Array.from({ length: 100 * 100 }, (_, i) => weightOf(Math.floor(i / 100), i % 100));
  return decodePicture(await drawFilters({ weights, units: 100, shape: [1, 10, 10] }));
}

describe('filters of images', () => {
  test('100 units are 10 by 10 tiles with lines between and around them', async () => {
    const picture = await drawHundred(() => 1);
    expect([picture.width, picture.height]).toEqual([10 * STEP + 2, 10 * STEP + 2]);
    expect(picture.width).toBeGreaterThanOrEqual(500);
    for (const line of [0, 1, STEP, STEP + 1, 10 * STEP, 10 * STEP + 1]) {
      expect(picture.pixel(line, 30)).toEqual(BLACK);
      expect(picture.pixel(30, line)).toEqual(BLACK);
    }
    expect(picture.pixel(2, 2)).toEqual([255, 255, 255]);
    expect(picture.pixel(STEP - 1, STEP - 1)).toEqual([255, 255, 255]);
  });

  test('each unit is where it belongs, row by row, and its pixels too', async () => {
    const picture = await drawHundred((unit, pixel) => (pixel === unit ? 1 : 0));
    for (const unit of [0, 9, 10, 57, 99]) {
      expect(picture.pixel(...middleOf(unit, unit))).toEqual([255, 255, 255]);
      expect(picture.pixel(...middleOf(unit, (unit + 1) % 100))).toEqual([128, 128, 128]);
    }
  });

  test('a larger weight is never darker, zero is mid-grey, and each tile has its own scale', async () => {
    const picture = await drawHundred((unit, pixel) => (pixel - 50) * (unit + 1) * 1e-3);
    for (const unit of [0, 31, 99]) {
      const greys = Array.from({ length: 100 }, (_, pixel) => picture.pixel(...middleOf(unit, pixel))[0] ?? -1);
      expect(greys).toEqual([...greys].sort((a, b) => a - b));
      expect(greys[0]).toBe(1);
      expect(greys[50]).toBe(128);
      expect(greys[99]).toBe(Math.round(128 + (49 / 50) * 127));
    }
  });

  test('a unit without weights is mid-grey; what is not finite is magenta and counts for no scale', async () => {
    const picture = await drawHundred((unit, pixel) => {
      if (unit === 0) return 0;
      if (unit === 1) return Number.NaN;
      return pixel === 0 ? Number.POSITIVE_INFINITY : pixel === 1 ? -2 : 1;
    });
    expect(picture.pixel(...middleOf(0, 42))).toEqual([128, 128, 128]);
    expect(picture.pixel(...middleOf(1, 42))).toEqual(MAGENTA);
    expect(picture.pixel(...middleOf(2, 0))).toEqual(MAGENTA);
    expect(picture.pixel(...middleOf(2, 1))).toEqual([1, 1, 1]);
    expect(picture.pixel(...middleOf(2, 2))).toEqual([192, 192, 192]);
  });

  test('three channels are red, green and blue on one scale', async () => {
    const weights = [1, 0, 0, 0.5, -1, 0];
    const picture = decodePicture(await drawFilters({ weights, units: 1, shape: [3, 1, 2] }));
    const left = picture.pixel(10, 10);
    const right = picture.pixel(picture.width - 10, 10);
    expect(left).toEqual([255, 128, 1]);
    expect(right).toEqual([128, 192, 128]);
  });

  test('other numbers of channels lie side by side', async () => {
    const picture = decodePicture(await drawFilters({ weights: [1, -1], units: 1, shape: [2, 1, 1] }));
    expect(picture.pixel(10, 10)).toEqual([255, 255, 255]);
    expect(picture.pixel(picture.width - 10, 10)).toEqual([1, 1, 1]);
  });

  test('a layer with more units than can be looked at is cut off', async () => {
    const units = MAXIMUM_TILES + 1;
    const picture = decodePicture(await drawFilters({ weights: new Float32Array(units), units, shape: [1, 1, 1] }));
    expect(picture.width).toBe(picture.height);
  });
});

describe('filters of other inputs', () => {
  const weights = [3, 4, 0, -2];

  test('are a heat map: red above zero, blue below, on the scale of w / |w|', async () => {
    const picture = decodePicture(await drawFilters({ weights, units: 2, shape: [2] }));
    expect(picture.width).toBeGreaterThanOrEqual(500);
    // Rows are (0.6, 0.8) and (0, -1): one cell of the darkest blue, one near white, two reds of which the second is darker.
    for (const colour of [redAt(0.6), redAt(0.8), [247, 247, 247], [5, 48, 97]]) {
      expect(picture.count(colour)).toBeGreaterThan(200 * 70);
    }
  });

  test('a weight that is not finite is magenta', async () => {
    const picture = decodePicture(await drawFilters({ weights: [3, Number.NaN, 0, -2], units: 2, shape: [2] }));
    expect(picture.count(MAGENTA)).toBeGreaterThan(200 * 70);
  });

  test('a single large weight is seen however many there are', async () => {
    const many = new Float32Array(3000 * 5).fill(0.001);
    many[7001] = 5;
    const picture = decodePicture(await drawFilters({ weights: many, units: 3000, shape: [5] }));
    expect(picture.height).toBeLessThan(1000);
    expect(picture.count([103, 0, 31])).toBeGreaterThanOrEqual(40);
  });
});

/** The palette between 0.5, (214, 96, 77), and 1, (103, 0, 31). */
function redAt(value: number): number[] {
  const share = (value - 0.5) * 2;
  return [214 - 111 * share, 96 - 96 * share, 77 - 46 * share].map(Math.round);
}

test('the same weights give the same bytes', async () => {
  const weights = Float32Array.from({ length: 12 }, (_, i) => i - 5);
  for (const shape of [[4], [1, 2, 2]]) {
    const first = await drawFilters({ weights, units: 3, shape });
    expect(await drawFilters({ weights, units: 3, shape })).toEqual(first);
  }
});

test('no units are a picture that says so', async () => {
  for (const shape of [[784], [1, 28, 28]]) {
    const picture = decodePicture(await drawFilters({ weights: [], units: 0, shape }));
    expect(picture.count([255, 255, 255])).toBeLessThan(picture.width * picture.height);
  }
});

test('weights that do not fit the shape are refused', async () => {
  await expect(drawFilters({ weights: [1, 2, 3], units: 2, shape: [2] })).rejects.toThrow(RangeError);
});
