import { expect, test } from 'vitest';
import { drawSamples } from '../../../src/runtime/figures/samples.js';
import { BLUE, decodePicture, MAGENTA, WHITE } from './picture.js';

test('64 samples are 8 by 8, each drawn by its own values', async () => {
  const images = Float32Array.from({ length: 64 * 4 }, (_, i) => Math.floor(i / 4) / 64);
  const picture = decodePicture(await drawSamples({ images, count: 64, shape: [1, 2, 2] }));
  expect(picture.width).toBe(picture.height);
  const step = (picture.width - 2) / 8;
  for (const n of [0, 7, 8, 42, 63]) {
    const grey = Math.round((n / 64) * 255);
    const x = 2 + (n % 8) * step + step / 2;
    const y = 2 + Math.floor(n / 8) * step + step / 2;
    expect(picture.pixel(Math.floor(x), Math.floor(y))).toEqual([grey, grey, grey]);
  }
});

test('a sample that is not finite is magenta, and the place of a missing one is white', async () => {
  const picture = decodePicture(await drawSamples({ images: [0, Number.NaN, 0], count: 3, shape: [1, 1, 1] }));
  const [right, bottom] = [picture.width - 10, picture.height - 10];
  expect(picture.pixel(right, 10)).toEqual(MAGENTA);
  expect(picture.pixel(right, bottom)).toEqual(WHITE);
});

test('samples that are no images are lines', async () => {
  const picture = decodePicture(await drawSamples({ images: [0, 1, 2, 3, 2, 1], count: 2, shape: [3] }));
  expect(picture.count(WHITE)).toBeLessThan(picture.width * picture.height - 1000);
  expect(picture.count(BLUE)).toBe(0);
});

test('no samples are a picture that says so, too few are refused', async () => {
  expect(decodePicture(await drawSamples({ images: [], count: 0, shape: [1, 2, 2] })).width).toBeGreaterThan(100);
  await expect(drawSamples({ images: [1], count: 1, shape: [1, 2, 2] })).rejects.toThrow(RangeError);
});
