import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchMaker } from '../../../src/runtime/datasets/batch.js';
import { resizeImages } from '../../../src/runtime/datasets/resize-images.js';
import { transformWith } from './given-words.js';

const methods = ['bilinear', 'nearest', 'area'] as const;
const side = fc.integer({ min: 1, max: 9 });
const resizing = fc
  .record({
    height: side,
    width: side,
    size: fc.tuple(side, side),
    method: fc.constantFrom(...methods),
    planes: fc.integer({ min: 1, max: 3 }),
  })
  .chain((sizes) => {
    const length = sizes.planes * sizes.height * sizes.width;
    const value = fc.float({ min: 0, max: 1, noNaN: true });
    return fc
      .array(value, { minLength: length, maxLength: length })
      .map((values) => ({ ...sizes, images: Float32Array.from(values) }));
  });

describe('resize', () => {
  it('bilinear: the example of torch.nn.Upsample', () => {
    const resized = resizeImages(Float32Array.of(1, 2, 3, 4), [2, 2], [4, 4], 'bilinear');
    expect([...resized]).toEqual([1, 1.25, 1.75, 2, 1.5, 1.75, 2.25, 2.5, 2.5, 2.75, 3.25, 3.5, 3, 3.25, 3.75, 4]);
  });

  it('nearest: pixel ⌊i n/m⌋', () => {
    const row = Float32Array.of(0, 1, 2, 3, 4);
    const resized = (to: number) => [...resizeImages(row, [1, 5], [1, to], 'nearest')];
    expect(resized(10)).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
    expect(resized(3)).toEqual([0, 1, 3]);
  });

  it('area: the mean of what a pixel covers', () => {
    const image = Float32Array.from({ length: 16 }, (_, i) => i);
    expect([...resizeImages(image, [4, 4], [2, 2], 'area')]).toEqual([2.5, 4.5, 10.5, 12.5]);
    // Pixels 0–1, 1–3 and 3–4, as torch.nn.functional.adaptive_avg_pool2d takes them.
    const row = Float32Array.of(0, 1, 2, 3, 4);
    expect([...resizeImages(row, [1, 5], [1, 3], 'area')]).toEqual([0.5, 2, 3.5]);
  });

  it('keeps an image of the same size, constants, and the range of the values', () => {
    fc.assert(
      fc.property(resizing, ({ images, height, width, size, method }) => {
        expect(resizeImages(images, [height, width], [height, width], method)).toEqual(images);
        const resized = resizeImages(images, [height, width], size, method);
        expect(resized.length * height * width).toBe(images.length * size[0] * size[1]);
        expect(Math.min(...resized)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...resized)).toBeLessThanOrEqual(1);
        const white = resizeImages(images.slice().fill(1), [height, width], size, method);
        expect(white.every((x) => x === 1)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('a mirrored image becomes the mirror of what it became', () => {
    const mirrored = (image: Float32Array, width: number): Float32Array =>
      image.map((_, i) => image[Math.floor(i / width) * width + width - 1 - (i % width)] ?? 0);
    fc.assert(
      fc.property(resizing, ({ images, height, width, size, method }) => {
        // The nearest pixel is always one to the left.
        fc.pre(method !== 'nearest');
        const one = resizeImages(mirrored(images, width), [height, width], size, method);
        const other = mirrored(resizeImages(images, [height, width], size, method), size[1]);
        one.forEach((x, i) => {
          expect(x).toBeCloseTo(other[i] ?? Number.NaN, 5);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('stands in its order among the crops, and acts on raw values', () => {
    const part = { count: 2, values: Uint8Array.from({ length: 32 }, (_, i) => 8 * i), labels: null };
    const maker = batchMaker(
      [1, 4, 4],
      [
        transformWith('normalize', { mean: 0, std: 0.5 }),
        transformWith('resize', { size: [2, 2], method: 'area' }),
        transformWith('center_crop', { size: [1, 2] }),
      ],
      1,
    );
    const target = new Float32Array(2);
    maker.fill(part, Uint32Array.of(1), { step: 0, firstExample: 0 }, target);
    expect(maker.shape).toEqual([1, 1, 2]);
    // The means of 16, 17, 20, 21 and of 18, 19, 22, 23, times 8 / 255 / 0.5.
    expect(target[0]).toBeCloseTo((18.5 * 8) / 255 / 0.5, 5);
    expect(target[1]).toBeCloseTo((20.5 * 8) / 255 / 0.5, 5);
  });

  it('data that is no image is refused', () => {
    expect(() => batchMaker([9], [transformWith('resize', { size: [1, 1], method: 'area' })], 1)).toThrow(RangeError);
  });
});
