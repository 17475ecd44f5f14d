import { beforeAll, describe, expect, it } from 'vitest';
import { builtinWords } from '../../../src/words/words.js';
import { accuracyOf } from '../../oracle/accuracy.js';
import { findGoldens } from '../../oracle/run-goldens.js';
import { useSimd } from './simd/simd.js';

/** Times PyTorch's own float32 deviation from float64 that the backend's may be. */
const factor = 2;

const cases = findGoldens('tests/goldens').filter((path) => !path.endsWith('.json'));

beforeAll(() => useSimd(2));

describe(`the simd backend is at most ${factor} times as far from float64 as PyTorch's float32`, () => {
  for (const path of cases) {
    it(path, () => {
      const measured = accuracyOf(path, builtinWords);
      expect(measured.map(({ measure }) => measure).sort()).toEqual(['gradient norm', 'trajectory']);
      for (const { measure, deviation, pytorch } of measured) {
        expect(deviation / pytorch, `${measure}: ${deviation}, PyTorch ${pytorch}`).toBeLessThanOrEqual(factor);
      }
    });
  }
});
