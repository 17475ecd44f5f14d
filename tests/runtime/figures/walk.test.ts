import { expect, test } from 'vitest';
import { drawWalk, drawWalks } from '../../../src/runtime/figures/walk.js';
import { decodePicture, type Picture, WHITE } from './picture.js';

/** The greys from the right edge of a row of pixels to the left, each run once, without the paper and the labels. */
function runsFromRight(picture: Picture, y: number, count: number): number[] {
  const greys = Array.from({ length: picture.width }, (_, x) => picture.pixel(picture.width - 1 - x, y)[0] ?? -1);
  return greys.filter((grey, x) => grey !== 255 && grey !== greys[x - 1]).slice(0, count);
}

test('codes go along the axes: the first to the right, the second down', async () => {
  const first = [-1, 0, 1];
  const second = [1, -1];
  const images = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
  const picture = decodePicture(await drawWalk({ first, second, images, shape: [1, 1, 1] }));
  expect(picture.width).toBeGreaterThanOrEqual(500);
  const levels = images.map((value) => Math.round(value * 255));
  expect(runsFromRight(picture, 30, 3)).toEqual(levels.slice(0, 3).reverse());
  expect(runsFromRight(picture, picture.height - 80, 3)).toEqual(levels.slice(3).reverse());
});

test('several stand side by side, in their order, each over the same codes', async () => {
  const walks = [0.1, 0.3, 0.5].map((value, i) => ({
    title: `class ${i}`,
    images: [value, value, value, value + 0.1],
  }));
  const picture = decodePicture(await drawWalks({ first: [-1, 1], second: [1, -1], walks, shape: [1, 1, 1] }));
  const greys = (y: number) =>
    Array.from({ length: picture.width }, (_, x) => picture.pixel(x, y)[0] ?? -1).filter(
      (grey, x, all) => grey !== 255 && grey !== all[x - 1],
    );
  const level = (value: number) => Math.round(value * 255);
  // Two in the first row, one in the second; the last code of each is to the right below.
  expect(greys(60)).toEqual([level(0.1), level(0.3)]);
  expect(greys(200)).toEqual([0.1, 0.2, 0.3, 0.4].map(level));
  expect(greys(310)).toEqual([level(0.5)]);
  await expect(drawWalks({ first: [0], second: [0], walks, shape: [1, 1, 1] })).rejects.toThrow(RangeError);
});

test('tiles touch', async () => {
  const images = [0.5, 0.5, 0.5, 0.5];
  const picture = decodePicture(await drawWalk({ first: [0, 1], second: [1, 0], images, shape: [1, 1, 1] }));
  const side = Math.sqrt(picture.count([128, 128, 128]));
  expect(Number.isInteger(side)).toBe(true);
  expect(side).toBeGreaterThanOrEqual(500);
});

test('what is no image is a tile for each feature over the plane of codes', async () => {
  // Feature 0 grows with the first dimension, feature 1 falls with the second.
  const images = [0, 5, 1, 5, 0, 3, 1, 3];
  const picture = decodePicture(await drawWalk({ first: [0, 1], second: [1, 0], images, shape: [2] }));
  const at = (x: number, y: number) => picture.pixel(Math.round(x * picture.width), Math.round(y * picture.height))[0];
  expect([at(0.1, 0.25), at(0.4, 0.25), at(0.1, 0.75), at(0.4, 0.75)]).toEqual([0, 255, 0, 255]);
  expect([at(0.6, 0.25), at(0.9, 0.25), at(0.6, 0.75), at(0.9, 0.75)]).toEqual([255, 255, 0, 0]);
});

test('no codes are a picture that says so, too few images are refused', async () => {
  const empty = decodePicture(await drawWalk({ first: [], second: [], images: [], shape: [1, 2, 2] }));
  expect(empty.count(WHITE)).toBeLessThan(empty.width * empty.height);
  await expect(drawWalk({ first: [0], second: [0], images: [1], shape: [1, 2, 2] })).rejects.toThrow(RangeError);
});
