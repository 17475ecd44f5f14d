import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchMaker } from '../../../src/runtime/datasets/batch.js';
import type { Part } from '../../../src/runtime/datasets/dataset.js';
import { fitTransforms, keptTransforms, statisticsOf } from '../../../src/runtime/datasets/fit.js';
import { rawUnits, toRaw } from '../../../src/runtime/datasets/raw-units.js';
import type { PixelTransform, Transform, TransformRequest } from '../../../src/runtime/datasets/transform.js';
import { stream } from '../../../src/runtime/random/stream.js';
import { pixelsOf, requestOf, transformWith } from './given-words.js';
import { inMemory } from './in-memory.js';

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
    expect(seen(bytes, [transformWith('normalize', { mean: 0.1307, std: 0.3081 })], 128)).toEqual(expected);
    // What black and white are known to become.
    expect(expected[0]).toBeCloseTo(-0.4242, 4);
    expect(expected[255]).toBeCloseTo(2.8215, 4);
  });

  it('scale takes 0 and 1 to its ends', () => {
    const scaled = seen(bytes, [transformWith('scale', { low: -1, high: 1 })], 128);
    expect([scaled[0], scaled[51], scaled[255]]).toEqual([-1, Math.fround(2 * Math.fround(0.2) - 1), 1]);
  });

  it('binarize is 1 from its threshold on', () => {
    const binary = seen(bytes, [transformWith('binarize', { threshold: 128 / 255, stochastic: false })], 128);
    expect(binary.indexOf(1)).toBe(128);
    expect(binary.lastIndexOf(0)).toBe(127);
  });

  it('stochastic binarize is 1 with the value as the probability, drawn anew at every step', () => {
    const grey: Part = { count: 1, values: new Uint8Array(20000).fill(51), labels: null };
    const transforms: Transform[] = [transformWith('binarize', { threshold: 0.5, stochastic: true })];
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
      fc.record({ mean: real, std: positive }).map((given) => transformWith('normalize', given)),
      fc.tuple(real, positive).map(([low, span]) => transformWith('scale', { low, high: low + span })),
    );
    fc.assert(
      fc.property(fc.array(affine, { maxLength: 3 }), (transforms) => {
        toRaw(seen(bytes, transforms, 128), rawUnits(transforms)).forEach((x, i) => {
          expect(x).toBeCloseTo(i / 255, 2);
        });
      }),
      { numRuns: 30 },
    );
    const binarized = rawUnits([
      transformWith('normalize', { mean: 0.5, std: 0.5 }),
      transformWith('binarize', { threshold: 0, stochastic: false }),
    ]);
    expect(binarized).toEqual({ gain: Float64Array.of(1), shift: Float64Array.of(0) });
  });

  it('a batch of the wrong size is refused', () => {
    expect(() => batchMaker([128], [], 1).fill(bytes, Uint32Array.of(0), start, new Float32Array(127))).toThrow(
      RangeError,
    );
  });
});

describe('transforms with numbers of the training part', () => {
  // Four examples of three features; the last example is not for training.
  const table: Part = {
    count: 4,
    values: Float32Array.of(1, 10, 7, 2, 30, 7, 6, 20, 7, 100, -50, 8),
    labels: null,
  };
  const training = { part: table, indices: Uint32Array.of(2, 0, 1) };
  const fitted = (requests: readonly TransformRequest[]) => fitTransforms([3], requests, training);

  it('standardize: the mean and the standard deviation over n of each feature, of training examples alone', () => {
    const [transform] = fitted([requestOf('standardize')]);
    const deviation = Math.sqrt(((1 - 3) ** 2 + (2 - 3) ** 2 + (6 - 3) ** 2) / 3);
    expect(transform).toMatchObject({
      word: 'standardize',
      numbers: { mean: Float32Array.of(3, 20, 7), std: Float32Array.of(deviation, Math.sqrt(200 / 3), 0) },
    });
    // The last example has 8 where all of the training have 7.
    expect(transform && seen(table, [transform], 3)[11]).toBe(1);
  });

  it('min_max: the ends of each feature; what lies beyond is cut off unless clip=false', () => {
    const [least, greatest] = [-1, 1];
    const clipped = fitted([requestOf('min_max', { low: least, high: greatest, clip: true })]);
    expect(seen(table, clipped, 3)).toEqual(
      Float32Array.of(-1, -1, -1, -1 + Math.fround(2 * Math.fround(0.2)), 1, -1, 1, 0, -1, 1, -1, 1),
    );
    const open = fitted([requestOf('min_max', { low: 0, high: 1, clip: false })]);
    expect([...seen(table, open, 3).subarray(9)]).toEqual([Math.fround(99 / 5), -3, 1]);
  });

  const anyTable = fc
    .record({ count: fc.integer({ min: 1, max: 40 }), size: fc.integer({ min: 1, max: 5 }) })
    .chain(({ count, size }) => {
      const length = count * size;
      const value = fc.float({ min: -1000, max: 1000, noNaN: true, noDefaultInfinity: true });
      return fc
        .array(value, { minLength: length, maxLength: length })
        .map((values) => ({ size, part: { count, values: Float32Array.from(values), labels: null } }));
    });
  const whole = (part: Part) => ({ part, indices: Uint32Array.from({ length: part.count }, (_, i) => i) });

  it('standardized features have mean 0 and standard deviation 1, or never vary and are 0', () => {
    fc.assert(
      fc.property(anyTable, ({ size, part }) => {
        const values = seen(part, fitTransforms([size], [requestOf('standardize')], whole(part)), size);
        for (let feature = 0; feature < size; feature++) {
          const column = [...values].filter((_, i) => i % size === feature);
          const raw = [...part.values].filter((_, i) => i % size === feature);
          const spread = Math.max(...raw) - Math.min(...raw);
          // Below that the rounding of the mean to float32 is what is left.
          if (spread !== 0 && spread < 0.1) continue;
          const mean = column.reduce((sum, x) => sum + x, 0) / column.length;
          const variance = column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / column.length;
          expect(mean).toBeCloseTo(0, 2);
          expect(variance).toBeCloseTo(spread === 0 ? 0 : 1, 2);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('min_max reaches both ends, and the map to raw units undoes both', () => {
    fc.assert(
      fc.property(anyTable, fc.boolean(), ({ size, part }, twice) => {
        const scaling = requestOf('min_max', { low: 0.25, high: 0.75, clip: true });
        const requests = twice ? [requestOf('standardize'), scaling] : [scaling];
        const transforms = fitTransforms([size], requests, whole(part));
        const values = seen(part, transforms, size);
        expect(Math.min(...values)).toBe(0.25);
        expect(Math.max(...values)).toBeLessThanOrEqual(0.75);
        toRaw(values, rawUnits(transforms)).forEach((x, i) => {
          expect(Math.abs(x - (part.values[i] ?? 0))).toBeLessThan(0.01);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('the numbers do not depend on how many examples are looked at at once, nor on flips', () => {
    const many: Part = {
      count: 1100,
      values: Float32Array.from({ length: 2200 }, (_, i) => (i * 7919) % 1013),
      labels: null,
    };
    const [transform] = fitTransforms(
      [1, 1, 2],
      [requestOf('flip', { horizontal: 1, vertical: 1 }), requestOf('standardize')],
      whole(many),
    ).slice(1);
    const sums = [0, 0];
    inMemory(many).forEach((x, i) => {
      sums[i % 2] = (sums[i % 2] ?? 0) + x;
    });
    expect(transform).toMatchObject({ numbers: { mean: Float32Array.from(sums, (sum) => sum / 1100) } });
  });

  it('are kept under names of their own, and come back as they were', () => {
    const requests = [
      requestOf('standardize'),
      requestOf('min_max', { low: 0, high: 1, clip: true }),
      requestOf('standardize'),
    ];
    const transforms = fitted(requests);
    const kept = statisticsOf(transforms, [3]);
    expect(kept.map(({ key, shape }) => [key, shape])).toEqual([
      ['data/standardize/mean', [3]],
      ['data/standardize/std', [3]],
      ['data/min_max/min', [3]],
      ['data/min_max/max', [3]],
      ['data/standardize_2/mean', [3]],
      ['data/standardize_2/std', [3]],
    ]);
    const values = new Map(kept.map((statistic) => [statistic.key, statistic.values]));
    expect(statisticsOf(keptTransforms(requests, values, 3), [3])).toEqual(kept);
    expect(seen(table, keptTransforms(requests, values, 3), 3)).toEqual(seen(table, transforms, 3));
    expect(() => keptTransforms(requests, new Map(), 3)).toThrow(RangeError);
    expect(() => keptTransforms(requests, values, 4)).toThrow(RangeError);
  });
});

describe('flip', () => {
  const shape = [2, 2, 3];
  const images: Part = { count: 40, values: Float32Array.from({ length: 480 }, (_, i) => i), labels: null };
  const indices = Uint32Array.from({ length: 40 }, (_, i) => i);
  const flipped = (
    transforms: readonly PixelTransform[],
    seed: number | 'evaluation',
    step = 0,
    from = 0,
  ): number[][] => {
    const target = new Float32Array((40 - from) * 12);
    batchMaker(shape, transforms, seed).fill(images, indices.subarray(from), { step, firstExample: from }, target);
    return Array.from({ length: 40 - from }, (_, i) => [...target.subarray(12 * i, 12 * (i + 1))]);
  };
  const plain = flipped([], 1);

  it('exchanges left and right, top and bottom, channel by channel', () => {
    const [both] = flipped([pixelsOf('flip', { horizontal: 1, vertical: 1 })], 1);
    expect(both).toEqual([5, 4, 3, 2, 1, 0, 11, 10, 9, 8, 7, 6]);
    const [across] = flipped([pixelsOf('flip', { horizontal: 1, vertical: 0 })], 1);
    expect(across).toEqual([2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9]);
    const [over] = flipped([pixelsOf('flip', { horizontal: 0, vertical: 1 })], 1);
    expect(over).toEqual([3, 4, 5, 0, 1, 2, 9, 10, 11, 6, 7, 8]);
  });

  it('twice is not at all', () => {
    const always = pixelsOf('flip', { horizontal: 1, vertical: 1 });
    expect(flipped([always, always], 1)).toEqual(plain);
  });

  it('each example by itself, with the numbers of its address; other ones at each step and seed', () => {
    const half = pixelsOf('flip', { horizontal: 0.5, vertical: 0 });
    const drawn = new Float32Array(40);
    stream({ seed: 1, path: 'data', purpose: 'flip.horizontal' }).bernoulli(drawn, 0.5, 7);
    const seven = flipped([half], 1, 7);
    seven.forEach((image, i) => {
      expect(image[0]).toBe(12 * i + (drawn[i] === 1 ? 2 : 0));
    });
    expect(flipped([half], 1, 8)).not.toEqual(seven);
    expect(flipped([half], 2, 7)).not.toEqual(seven);
    expect(flipped([half], 1, 7, 15)).toEqual(seven.slice(15));
    expect(flipped([half, half], 1, 7)).not.toEqual(plain);
  });

  it('an evaluation has images as they are', () => {
    expect(flipped([pixelsOf('flip', { horizontal: 1, vertical: 1 })], 'evaluation')).toEqual(plain);
  });
});
