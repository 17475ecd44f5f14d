import { describe, expect, it } from 'vitest';
import { batchMaker } from '../../../src/runtime/datasets/batch.js';
import { byteBatches } from '../../../src/runtime/datasets/byte-batches.js';
import type { Part } from '../../../src/runtime/datasets/dataset.js';
import type { Transform } from '../../../src/runtime/datasets/transform.js';
import { transformWith } from './given-words.js';

const COUNT = 12;
const shape = [3, 9, 80];
const values = Uint8Array.from({ length: COUNT * 3 * 9 * 80 }, (_, i) => (i * 101) & 255);
const part: Part = { count: COUNT, values, labels: null };
const indices = Uint32Array.of(3, 0, 11, 3);
const at = { step: 5, firstExample: 0 };

describe('batches of bytes are those of the numbers that the bytes stand for', () => {
  it.each<[string, Transform[]]>([
    ['as they are', []],
    ['narrow windows', [transformWith('random_crop', { size: [4, 5] })]],
    ['wide windows', [transformWith('random_crop', { size: [4, 70] })]],
    ['windows as wide as the image', [transformWith('center_crop', { size: [4, 80] })]],
    [
      'windows within windows, in other units',
      [
        transformWith('random_crop', { size: [8, 40] }),
        transformWith('random_crop', { size: [3, 33] }),
        transformWith('normalize', { mean: 0.13, std: 0.31 }),
        transformWith('scale', { low: -1, high: 1 }),
      ],
    ],
    ['two values', [transformWith('binarize', { threshold: 0.5, stochastic: false })]],
  ])('%s', (_, transforms) => {
    const maker = batchMaker(shape, transforms, 7);
    const bytes = byteBatches(shape, transforms, 7);
    if (bytes === null) throw new Error('these are batches of bytes');
    expect(bytes.shape).toEqual(maker.shape);
    const expected = new Float32Array(indices.length * maker.size);
    maker.fill(part, indices, at, expected);
    const taken = new Uint8Array(expected.length);
    bytes.fill(values, indices, at, taken);
    expect(Float32Array.from(taken, (byte) => bytes.table[byte] ?? Number.NaN)).toEqual(expected);
  });

  it('for windows of every width, up to the end of the memory or not, and other memory the next time', () => {
    const inverted = new Uint8Array(values.length + 30).subarray(5, 5 + values.length);
    inverted.set(values.map((byte) => 255 - byte));
    // So many windows of the last example that some of them end with it.
    const many = Uint32Array.from({ length: 60 }, (_, i) => (i < 4 ? (indices[i] ?? 0) : COUNT - 1));
    for (let width = 1; width <= 80; width++) {
      const transforms: Transform[] = [transformWith('random_crop', { size: [9, width] })];
      const maker = batchMaker(shape, transforms, 7);
      const bytes = byteBatches(shape, transforms, 7);
      for (const [stored, offset] of [
        [values, 0],
        [inverted, 3],
      ] as const) {
        const expected = new Float32Array(many.length * maker.size);
        maker.fill({ ...part, values: stored }, many, at, expected);
        const memory = new Uint8Array(expected.length + offset + 5).fill(170);
        const taken = memory.subarray(offset, offset + expected.length);
        bytes?.fill(stored, many, at, taken);
        const numbers = Float32Array.from(taken, (byte) => byte / 255);
        expect(Buffer.from(numbers.buffer).equals(Buffer.from(expected.buffer))).toBe(true);
        expect([...memory.subarray(0, offset), ...memory.subarray(offset + expected.length)]).toEqual(
          new Array(offset + 5).fill(170),
        );
      }
    }
  });

  it('but not where a number depends on more than its byte', () => {
    const zeros = new Float32Array(3 * 9 * 80);
    const transforms: Transform[][] = [
      [transformWith('binarize', { threshold: 0.5, stochastic: true })],
      [transformWith('flip', { horizontal: 0.5, vertical: 0 })],
      [transformWith('resize', { size: [4, 4], method: 'area' })],
      [transformWith('standardize', {}, { mean: zeros, std: zeros })],
    ];
    for (const list of transforms) expect(byteBatches(shape, list, 7)).toBeNull();
  });
});
