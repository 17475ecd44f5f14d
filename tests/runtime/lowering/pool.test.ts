import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Shape } from '../../../src/compiler/ir/shape.js';
import type { Value } from '../../../src/compiler/ir/value.js';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { toElements, toInside } from '../../../src/runtime/lowering/image-layout.js';
import { scoped } from '../../../src/runtime/training/scope.js';
import { loneLayer } from './lone-layer.js';

const upload = (elements: readonly number[], shape: Shape): Tensor =>
  toInside(tensor([...elements], [1, elements.length], 'float32'), shape);

/** What a layer makes of one image, in the language's order. */
function through(
  word: string,
  given: Readonly<Record<string, Value>>,
  elements: readonly number[],
  shape: Shape,
): number[] {
  const layer = loneLayer(word, { given, input: shape });
  if (!layer) throw new RangeError(`${word} refuses its input`);
  return scoped(() => {
    const output = layer.forward(new Map([['input', upload(elements, shape)]]));
    return [...toElements(output, layer.output).dataSync()];
  });
}

beforeAll(async () => {
  await chooseBackend('cpu');
});

/** Two channels of 2×4. */
const image = [1, 2, 3, 4, 5, 6, 7, 8, -1, -2, -3, -4, -5, -6, -7, -8];
const shape = [2, 2, 4];

describe('avg_pool2d', () => {
  it('is the mean of each window of each channel', () => {
    expect(through('avg_pool2d', { kernel: [2, 2] }, image, shape)).toEqual([3.5, 5.5, -3.5, -5.5]);
  });

  it('counts the zeros of the padding: a corner of one pixel is a quarter of it', () => {
    const padded = { kernel: [2, 2], padding: [1, 1] };
    expect(through('avg_pool2d', padded, [4, 8, 12, 16], [1, 2, 2])).toEqual([1, 2, 3, 4]);
  });

  it('leaves out pixels that no window reaches', () => {
    expect(through('avg_pool2d', { kernel: [2, 2], stride: [1, 3] }, image, shape)).toEqual([3.5, -3.5]);
  });
});

describe('max_pool2d', () => {
  it('is the greatest value of each window, and the padding is never the greatest', () => {
    expect(through('max_pool2d', { kernel: [2, 2] }, image, shape)).toEqual([6, 8, -1, -3]);
    const padded = { kernel: [2, 2], padding: [1, 1] };
    expect(through('max_pool2d', padded, [-4, -8, -12, -16], [1, 2, 2])).toEqual([-4, -8, -12, -16]);
  });
});

describe('upsample2d', () => {
  it('repeats rows and columns', () => {
    const doubled = [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4];
    expect(through('upsample2d', { factor: [2, 2] }, [1, 2, 3, 4], [1, 2, 2])).toEqual(doubled);
  });

  it('takes row ⌊i · h / h′⌋ where the size is no multiple', () => {
    expect(through('upsample2d', { size: [1, 5] }, [1, 2, 3], [1, 1, 3])).toEqual([1, 1, 2, 2, 3]);
  });

  it('keeps channels apart', () => {
    expect(through('upsample2d', { factor: [1, 2] }, [1, 2, 3, 4], [2, 1, 2])).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
  });
});

describe('unpool2d', () => {
  const unpooled = (
    values: readonly number[],
    pooled: readonly number[],
    of: Shape,
    given: Readonly<Record<string, Value>>,
  ) => {
    const pool = loneLayer('max_pool2d', { given, input: of });
    const layer = pool && loneLayer('unpool2d', { input: pool.output, pool: { given, input: of } });
    if (!layer) throw new RangeError('unpool2d refuses its input');
    return scoped(() => {
      const tensors = new Map([
        ['input', upload(values, pool.output)],
        ['pooled', upload(pooled, of)],
      ]);
      return [...toElements(layer.forward(tensors), layer.output).dataSync()];
    });
  };

  it('puts each value where the maximum was, and zeros elsewhere', () => {
    const pooled = [1, 9, 3, 4, 5, 6, 8, 7];
    expect(unpooled([10, 20], pooled, [1, 2, 4], { kernel: [2, 2] })).toEqual([0, 10, 0, 0, 0, 0, 20, 0]);
  });

  it('of equal maxima takes the first, row by row', () => {
    expect(unpooled([10], [0, 5, 5, 5], [1, 2, 2], { kernel: [2, 2] })).toEqual([0, 10, 0, 0]);
  });

  it('undoes a pool with padding', () => {
    const given = { kernel: [2, 2], padding: [1, 1] };
    expect(unpooled([1, 2, 3, 4], [5, 6, 7, 8], [1, 2, 2], given)).toEqual([1, 2, 3, 4]);
  });

  it('leaves what the pool never saw at zero', () => {
    const given = { kernel: [1, 2], stride: [1, 3] };
    expect(unpooled([7, 8], [1, 2, 3, 5, 4], [1, 1, 5], given)).toEqual([0, 7, 0, 8, 0]);
  });
});
