import { describe, expect, it } from 'vitest';
import { structuralSimilarity } from '../../../src/runtime/evaluation/ssim.js';
import { formulaImage } from './images.js';

const shape = [1, 16, 20];
const x = formulaImage(16, 20, 7, 13, 17);
const y = formulaImage(16, 20, 5, 3, 11);
const darker = x.map((value) => value * 0.75);

const ssim = (original: Float32Array, rebuilt: Float32Array) =>
  structuralSimilarity({ original, rebuilt, count: 1, shape })[0] ?? Number.NaN;

describe('ssim', () => {
  // scikit-image's structural_similarity with the window of Wang et al.: expected.py.
  it('is that of scikit-image', () => {
    expect(ssim(x, y)).toBeCloseTo(0.09978917215383223, 12);
    expect(ssim(x, darker)).toBeCloseTo(0.9218449150382924, 12);
  });

  it('is 1 for the same image, and does not depend on which is which', () => {
    expect(ssim(x, x)).toBeCloseTo(1, 14);
    expect(ssim(x, y)).toBeCloseTo(ssim(y, x), 14);
  });

  it('is (2 μx μy + C₁) / (μx² + μy² + C₁) where nothing varies', () => {
    const flat = (value: number) => new Float32Array(16 * 20).fill(value);
    // (2 · 0.25 · 0.5 + 0.0001) / (0.0625 + 0.25 + 0.0001)
    expect(ssim(flat(0.25), flat(0.5))).toBeCloseTo(0.2501 / 0.3126, 12);
  });

  it('is of each channel of each image', () => {
    const all = {
      original: Float32Array.of(...x, ...x, ...x, ...x),
      rebuilt: Float32Array.of(...y, ...darker, ...x, ...x),
    };
    const expected = [0.09978917215383223, 0.9218449150382924, 1, 1];
    for (const input of [
      { ...all, count: 2, shape: [2, 16, 20] },
      { ...all, count: 4, shape },
    ]) {
      structuralSimilarity(input).forEach((similarity, i) => {
        expect(similarity).toBeCloseTo(expected[i] ?? Number.NaN, 12);
      });
    }
  });

  it('needs room for its window', () => {
    const small = new Float32Array(100);
    expect(() => structuralSimilarity({ original: small, rebuilt: small, count: 1, shape: [1, 10, 10] })).toThrow(
      RangeError,
    );
  });
});
