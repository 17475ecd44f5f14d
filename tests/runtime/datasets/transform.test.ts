import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchMaker } from '../../../src/runtime/datasets/batch.js';
import type { Part } from '../../../src/runtime/datasets/dataset.js';
import { valueMap } from '../../../src/runtime/datasets/raw_units.js';
import type { Transform } from '../../../src/runtime/datasets/transforms/transform.js';
import { stream } from '../../../src/runtime/random/stream.js';

const bytes: Part = { count: 2, values: Uint8Array.from({ length: 256 }, (_, i) => i), labels: null };
const start = { step: 3, firstExample: 0 };

const seen = (part: Part, transforms: readonly Transform[], size: number): Float32Array => {
  const target = new Float32Array(part.count * size);
  const indices = Uint32Array.from({ length: part.count }, (_, i) => i);
  batchMaker([size], transforms, 1).fill(part, indices, start, target);
  return target;
};

describe('transforms', () => {
  it('bytes are divided by 255, floats stay', () => {
    expect(seen(bytes, [], 128)).toEqual(Float32Array.from({ length: 256 }, (_, i) => i / 255));
    const floats: Part = { count: 2, values: Float32Array.of(-3, 0.1, 7, 1e9), labels: null };
    expect(seen(floats, [], 2)).toEqual(floats.values);
  });

  it('normalize is a float32 subtraction and a float32 division', () => {
    const f = Math.fround;
    const expected = Float32Array.from({ length: 256 }, (_, i) => f(f(f(i / 255) - f(0.1307)) / f(0.3081)));
    expect(seen(bytes, [{ word: 'normalize', mean: 0.1307, std: 0.3081 }], 128)).toEqual(expected);
    // What black and white are known to become.
    expect(expected[0]).toBeCloseTo(-0.4242, 4);
    expect(expected[255]).toBeCloseTo(2.8215, 4);
  });

  it('scale takes 0 and 1 to its ends', () => {
    const scaled = seen(bytes, [{ word: 'scale', low: -1, high: 1 }], 128);
    expect([scaled[0], scaled[51], scaled[255]]).toEqual([-1, Math.fround(2 * Math.fround(0.2) - 1), 1]);
  });

  it('binarize is 1 from its threshold on', () => {
    const binary = seen(bytes, [{ word: 'binarize', threshold: 128 / 255, stochastic: false }], 128);
    expect(binary.indexOf(1)).toBe(128);
    expect(binary.lastIndexOf(0)).toBe(127);
  });

  it('stochastic binarize is 1 with the value as the probability, drawn anew at every step', () => {
    const grey: Part = { count: 1, values: new Uint8Array(20000).fill(51), labels: null };
    const transforms: Transform[] = [{ word: 'binarize', threshold: 0.5, stochastic: true }];
    const binary = seen(grey, transforms, 20000);
    expect(binary.every((x) => x === 0 || x === 1)).toBe(true);
    expect(binary.reduce((sum, x) => sum + x, 0) / 20000).toBeCloseTo(0.2, 1);
    const uniforms = new Float32Array(20000);
    stream({ seed: 1, path: 'data', purpose: 'binarize' }).uniform(uniforms, start.step);
    expect(binary).toEqual(uniforms.map((u) => (u < Math.fround(0.2) ? 1 : 0)));
    const ends: Part = { count: 1, values: Uint8Array.of(0, 255, 0, 255), labels: null };
    expect([...seen(ends, transforms, 4)]).toEqual([0, 1, 0, 1]);
  });

  it('act in their order, and the map to raw units undoes them', () => {
    const real = fc.double({ min: -4, max: 4, noNaN: true });
    const positive = fc.double({ min: 0.25, max: 4, noNaN: true });
    const affine = fc.oneof(
      fc.record({ word: fc.constant('normalize' as const), mean: real, std: positive }),
      fc.tuple(real, positive).map(([low, span]) => ({ word: 'scale' as const, low, high: low + span })),
    );
    fc.assert(
      fc.property(fc.array(affine, { maxLength: 3 }), (transforms) => {
        const { gain, shift } = valueMap(transforms);
        seen(bytes, transforms, 128).forEach((y, i) => {
          expect((y - shift) / gain).toBeCloseTo(i / 255, 2);
        });
      }),
      { numRuns: 30 },
    );
    const binarized = valueMap([
      { word: 'normalize', mean: 0.5, std: 0.5 },
      { word: 'binarize', threshold: 0, stochastic: false },
    ]);
    expect(binarized).toEqual({ gain: 1, shift: 0 });
  });

  it('a batch of the wrong size is refused', () => {
    expect(() => batchMaker([128], [], 1).fill(bytes, Uint32Array.of(0), start, new Float32Array(127))).toThrow(
      RangeError,
    );
  });
});
