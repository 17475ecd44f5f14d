import { describe, expect, test } from 'vitest';
import { drawReconstructions } from '../../../src/runtime/figures/reconstructions.js';
import { BLACK, decodePicture, MAGENTA, type Picture, VERMILLION, WHITE } from './picture.js';

/** Rows of 2 by 2 images, all pixels of which have one value. */
function flatRows(values: readonly (readonly number[])[], channels = 1) {
  return values.map((row, n) => ({
    label: ['input', 'corrupted', 'reconstruction'][n] ?? 'row',
    images: row.flatMap((value) => new Array<number>(channels * 4).fill(value)),
  }));
}

/** The greys along a column of pixels, each run once, without the paper. */
function runsDown(picture: Picture, x: number): number[] {
  const greys = Array.from({ length: picture.height }, (_, y) => picture.pixel(x, y)[0] ?? -1);
  return greys.filter((grey, y) => grey !== 255 && grey !== greys[y - 1]);
}

function runsAcross(picture: Picture, y: number, from: number): number[] {
  const greys = Array.from({ length: picture.width - from }, (_, x) => picture.pixel(from + x, y)[0] ?? -1);
  return greys.filter((grey, x) => grey !== 255 && grey !== greys[x - 1]);
}

describe('reconstructions of images', () => {
  test('originals over corrupted inputs over reconstructions', async () => {
    const rows = flatRows([[0], [0.5], [0.2]]);
    const picture = decodePicture(await drawReconstructions({ rows, count: 1, shape: [1, 2, 2] }));
    expect(runsDown(picture, picture.width - 20)).toEqual([0, 128, 51]);
  });

  test('examples follow one another to the right', async () => {
    const rows = flatRows([[0, 0.2, 0.4, 0.6]]);
    const picture = decodePicture(await drawReconstructions({ rows, count: 4, shape: [1, 2, 2] }));
    expect(runsAcross(picture, picture.height / 2, 60)).toEqual([0, 51, 102, 153]);
  });

  test('seventeen examples are two blocks, each with all its rows', async () => {
    const greys = Array.from({ length: 17 }, (_, n) => n / 20);
    const rows = flatRows([greys, greys.map((grey) => grey + 0.01)]);
    const picture = decodePicture(await drawReconstructions({ rows, count: 17, shape: [1, 2, 2] }));
    const level = (grey: number) => Math.round(grey * 255);
    // Nine columns; the last of the first block is example 8, and there is no tenth in the second.
    expect(runsDown(picture, picture.width - 20)).toEqual([level(8 / 20), level(8 / 20 + 0.01)]);
  });

  test('values are absolute: no tile is stretched, and what lies outside of [0, 1] is cut off', async () => {
    const rows = flatRows([[-3, 0.25, 0.75, 0.5]]);
    const picture = decodePicture(await drawReconstructions({ rows, count: 4, shape: [1, 2, 2] }));
    expect(runsAcross(picture, picture.height / 2, 60)).toEqual([0, 64, 191, 128]);
    const bright = decodePicture(await drawReconstructions({ rows: flatRows([[7]]), count: 1, shape: [1, 2, 2] }));
    expect(bright.pixel(bright.width - 20, bright.height / 2)).toEqual(WHITE);
  });

  test('three channels are colours, and what is not finite is magenta', async () => {
    const rows = [{ label: 'input', images: [1, 0, 0, 0.4, 0, 0] }];
    const picture = decodePicture(await drawReconstructions({ rows, count: 1, shape: [3, 1, 2] }));
    expect(picture.count([255, 0, 0])).toBeGreaterThan(0);
    expect(picture.count([0, 102, 0])).toBe(picture.count([255, 0, 0]));
    const broken = [{ label: 'input', images: [1, Number.NaN, 0, 0, 0, 0] }];
    const marked = decodePicture(await drawReconstructions({ rows: broken, count: 1, shape: [3, 1, 2] }));
    expect(marked.count(MAGENTA)).toBe(picture.count([255, 0, 0]));
  });

  test('labels stand at the left, whatever is in them, and make room for themselves', async () => {
    const widthWith = async (label: string) => {
      const rows = [{ label, images: [0] }];
      const picture = decodePicture(await drawReconstructions({ rows, count: 1, shape: [1, 1, 1] }));
      expect(picture.pixel(2, picture.height / 2)).toEqual(WHITE);
      return picture.width;
    };
    expect(await widthWith('<b>&"\u0000\ud800')).toBeGreaterThan(await widthWith('b'));
    expect(await widthWith('')).toBeLessThan(await widthWith('b'));
  });

  test('names of classes stand below their tiles, upright if they are wider', async () => {
    const input = { rows: flatRows([[0, 0.2]]), count: 2, shape: [1, 2, 2] };
    const draw = async (...names: string[]) => decodePicture(await drawReconstructions({ ...input, names }));
    const [none, short, long] = [await draw(), await draw('cat', 'dog'), await draw('cat', 'w'.repeat(12))];
    expect([short.width, long.width]).toEqual([none.width, none.width]);
    expect(short.height).toBe(none.height + 15);
    expect(long.height).toBeGreaterThan(none.height + 60);
    const dark = ({ width, height, pixel }: Picture) =>
      Array.from({ length: width }, (_, x) =>
        Array.from({ length: height - none.height + 12 }, (_, y) => pixel(x, none.height - 12 + y)[0] ?? 255),
      ).map((column) => column.some((grey) => grey < 128));
    const middle = short.width - 60;
    expect(dark(none).slice(50)).not.toContain(true);
    expect(dark(short).slice(middle)).toContain(true);
    expect(dark(long).filter(Boolean).length).toBeGreaterThan(5);
    expect(dark(long).lastIndexOf(true) - dark(long).indexOf(true)).toBeLessThan(120);
  });

  test('the same images give the same bytes', async () => {
    const input = {
      rows: flatRows([
        [0.1, 0.9],
        [0.3, 0.4],
      ]),
      count: 2,
      shape: [1, 2, 2],
    };
    const first = await drawReconstructions(input);
    expect(await drawReconstructions(input)).toEqual(first);
  });
});

describe('reconstructions of what is no image', () => {
  test('are lines, the reconstruction over the input', async () => {
    const rows = [
      { label: 'input', images: [0, 1, 2, 3] },
      { label: 'reconstruction', images: [0, 1, 2, 3] },
    ];
    const picture = decodePicture(await drawReconstructions({ rows, count: 2, shape: [2] }));
    expect(picture.count(VERMILLION)).toBeGreaterThan(100);
  });

  test('have the names of classes above them', async () => {
    const rows = [{ label: 'input', images: [0, 1, 2, 3] }];
    const draw = async (names?: readonly string[]) =>
      decodePicture(await drawReconstructions({ rows, count: 2, shape: [2], ...(names && { names }) }));
    expect((await draw(['setosa', 'virginica'])).height).toBe((await draw()).height + 18);
  });

  test('with values that are not finite, equal or of one feature are still pictures', async () => {
    for (const images of [
      [Number.NaN, 1, Number.POSITIVE_INFINITY, 2],
      [5, 5, 5, 5],
      [1e308, -1e308, 0, 5e-324],
    ]) {
      for (const features of [1, 2, 4]) {
        const rows = [{ label: 'input', images }];
        const png = await drawReconstructions({ rows, count: 4 / features, shape: [features] });
        expect(decodePicture(png).width).toBeGreaterThan(200);
      }
    }
  });
});

test('no examples are a picture that says so', async () => {
  const rows = [{ label: 'input', images: [] }];
  const picture = decodePicture(await drawReconstructions({ rows, count: 0, shape: [1, 28, 28] }));
  expect(picture.count(WHITE)).toBeLessThan(picture.width * picture.height);
  expect(picture.count(BLACK)).toBe(0);
});

test('images that are not of this shape are refused', async () => {
  const rows = [{ label: 'input', images: [1, 2, 3] }];
  await expect(drawReconstructions({ rows, count: 1, shape: [1, 2, 2] })).rejects.toThrow(RangeError);
});

test('smaller images are drawn as large as the others of the picture', async () => {
  const large = { images: Array.from({ length: 16 }, (_, i) => (i < 8 ? 0 : 1)) };
  const small = { images: [0, 0, 10, 10], shape: [1, 2, 2], levels: (value: number) => Math.round(25.5 * value) };
  const drawn = (input: typeof large | typeof small) =>
    drawReconstructions({
      rows: [
        { label: 'input', ...input },
        { label: 'target', ...large },
      ],
      count: 1,
      shape: [1, 4, 4],
    });
  expect(await drawn(small)).toEqual(await drawn(large));
});
