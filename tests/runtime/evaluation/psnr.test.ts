import { describe, expect, it } from 'vitest';
import type { Matrix } from '../../../src/runtime/evaluation/matrix.js';
import { peakSignalToNoise } from '../../../src/runtime/evaluation/psnr.js';
import { matrixOf } from './codes.js';
import { formulaImage } from './images.js';

const image = (values: Float32Array) => ({ values, rows: 1, columns: values.length });

const decibels = (original: Matrix, rebuilt: Matrix) => [...peakSignalToNoise(original, rebuilt)];

describe('psnr', () => {
  // scikit-image's peak_signal_noise_ratio: expected.py.
  it('is that of scikit-image', () => {
    const x = formulaImage(16, 20, 7, 13, 17);
    expect(decibels(image(x), image(formulaImage(16, 20, 5, 3, 11)))[0]).toBeCloseTo(7.126050909860815, 10);
    expect(decibels(image(x), image(x.map((v) => v * 0.75)))[0]).toBeCloseTo(16.659690977157318, 10);
  });

  it('is 20 dB for an error of 0.1 in every pixel, of each image', () => {
    const black = matrixOf([
      [0, 0],
      [0, 0],
    ]);
    // mse 0.25 → 6.0206 dB and mse 0.0625 → 12.0412 dB
    const rebuilt = matrixOf([
      [0.5, 0.5],
      [0.25, -0.25],
    ]);
    expect(decibels(black, rebuilt)[0]).toBeCloseTo(6.020599913279624, 12);
    expect(decibels(black, rebuilt)[1]).toBeCloseTo(12.041199826559248, 12);
    expect(decibels(matrixOf([[0, 1]]), matrixOf([[0.1, 0.9]]))[0]).toBeCloseTo(20, 5);
  });

  it('counts an image that is rebuilt to the last bit as 100 dB', () => {
    expect(decibels(matrixOf([[0.25, 0.5]]), matrixOf([[0.25, 0.5]]))).toEqual([100]);
  });
});
