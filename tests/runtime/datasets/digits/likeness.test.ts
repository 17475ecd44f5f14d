import { describe, expect, it } from 'vitest';
import { drawDigits } from '../../../../src/runtime/datasets/digits/digits.js';
import { classMeans, nearestMean, pcaResidual } from './statistics.js';

const SIDE = 28;
const PIXELS = SIDE * SIDE;
const COUNT = 6000;
const train = drawDigits('train', COUNT);
const test = drawDigits('test', 2000);

/** MNIST's figures were measured in the same way, on as many of the first images of its files. */
describe('digits next to MNIST', () => {
  it('have its mean 0.1307, its standard deviation 0.3081 and its share of ink, 19.2 %', () => {
    let sum = 0;
    let squares = 0;
    let inked = 0;
    for (const value of train.values) {
      sum += value;
      squares += value * value;
      if (value > 0) inked++;
    }
    const mean = sum / 255 / train.values.length;
    const variance = squares / 255 / 255 / train.values.length - mean * mean;
    expect(mean).toBeCloseTo(0.1307, 2);
    expect(Math.sqrt(variance)).toBeCloseTo(0.3081, 2);
    expect(inked / train.values.length).toBeCloseTo(0.192, 2);
  });

  it('have ten classes, about equally common in both parts', () => {
    for (const { labels } of [train, test]) {
      const share = new Float64Array(10);
      for (const label of labels) share[label] = (share[label] ?? Number.NaN) + 1 / labels.length;
      for (const one of share) {
        expect(one).toBeGreaterThan(0.08);
        expect(one).toBeLessThan(0.12);
      }
    }
  });

  it('are in a box of about 20 pixels in the middle, on a background of exactly 0', () => {
    let inkInBox = 0;
    let ink = 0;
    let longerSides = 0;
    for (let i = 0; i < COUNT; i++) {
      let [left, right, top, bottom] = [SIDE, -1, SIDE, -1];
      for (let pixel = 0; pixel < PIXELS; pixel++) {
        const value = train.values[i * PIXELS + pixel] ?? Number.NaN;
        if (value === 0) continue;
        const column = pixel % SIDE;
        const row = (pixel - column) / SIDE;
        left = Math.min(left, column);
        right = Math.max(right, column);
        top = Math.min(top, row);
        bottom = Math.max(bottom, row);
        ink += value;
        if (row >= 4 && row < 24 && column >= 4 && column < 24) inkInBox += value;
      }
      const longer = Math.max(right - left, bottom - top) + 1;
      expect(longer).toBeGreaterThanOrEqual(14);
      longerSides += longer;
    }
    expect(longerSides / COUNT).toBeCloseTo(20, 0);
    expect(inkInBox / ink).toBeGreaterThan(0.95);
  });

  it('are drawn with a pen of 2 to 4 pixels: the mean inked run of a row is 4 (MNIST: 4.0)', () => {
    let runs = 0;
    let pixels = 0;
    for (let start = 0; start < train.values.length; start += SIDE) {
      let inside = false;
      for (let column = 0; column < SIDE; column++) {
        const inked = (train.values[start + column] ?? 0) >= 128;
        if (inked && !inside) runs++;
        if (inked) pixels++;
        inside = inked;
      }
    }
    expect(pixels / runs).toBeGreaterThan(3.5);
    expect(pixels / runs).toBeLessThan(4.5);
  });

  it('have grey edges, 12 % of all pixels, around full ink, 7 % (as MNIST)', () => {
    const grey = train.values.filter((value) => value > 0 && value < 250).length;
    const full = train.values.filter((value) => value >= 250).length;
    expect(grey / train.values.length).toBeCloseTo(0.12, 2);
    expect(full / train.values.length).toBeCloseTo(0.074, 2);
  });
});

describe('digits are hard enough', () => {
  it('leave a squared error of 8 to 20 per image to 30 principal components (MNIST: 13.9 of 10,000, 13.3 of as many as here)', () => {
    const residual = pcaResidual(train.values.subarray(0, 1500 * PIXELS), PIXELS, 30);
    expect(residual).toBeGreaterThan(8);
    expect(residual).toBeLessThan(20);
  });

  it('are not told apart by the nearest mean of a class, but better than by chance (MNIST: 76 %)', () => {
    const means = classMeans(train.values, train.labels, PIXELS);
    let right = 0;
    for (let i = 0; i < test.labels.length; i++) {
      const image = test.values.subarray(i * PIXELS, (i + 1) * PIXELS);
      if (nearestMean(means, image) === test.labels[i]) right++;
    }
    expect(right / test.labels.length).toBeGreaterThan(0.65);
    expect(right / test.labels.length).toBeLessThan(0.85);
  });

  it('show a stroke in most 10×10 crops, and background in nearly all (MNIST: 85 % and 99.6 %)', () => {
    let withStroke = 0;
    let withBackground = 0;
    let crops = 0;
    for (let i = 0; i < 200; i++) {
      for (let top = 0; top <= 18; top += 2) {
        for (let left = 0; left <= 18; left += 2) {
          let ink = 0;
          let background = 0;
          for (let row = top; row < top + 10; row++) {
            for (let column = left; column < left + 10; column++) {
              const value = train.values[i * PIXELS + row * SIDE + column] ?? Number.NaN;
              if (value >= 128) ink++;
              if (value === 0) background++;
            }
          }
          crops++;
          if (ink >= 5) withStroke++;
          if (background >= 20) withBackground++;
        }
      }
    }
    expect(withStroke / crops).toBeGreaterThan(0.8);
    expect(withBackground / crops).toBeGreaterThan(0.97);
  });
});
