import { mul, type Scalar, sum, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import type { Noise } from '../../../src/runtime/lowering/lowering.js';
import { NoiseStreams } from '../../../src/runtime/training/drawn-noise.js';
import { gradientsOf } from '../../../src/runtime/training/gradients.js';
import { scoped } from '../../../src/runtime/training/scope.js';
import { loneLayer } from './lone-layer.js';

/** The output of `dropout(p)` in a network of its own. */
function dropped(p: number, input: Tensor, noise: Noise, training = true): Tensor {
  const layer = loneLayer('dropout', { given: { p }, input: input.shape.slice(1) });
  if (!layer) throw new RangeError('dropout refuses its input');
  return layer.forward(new Map([['input', input]]), { training, noise });
}

const drawn = (uniforms: readonly number[]): Noise => ({
  uniform: (_purpose, shape) => tensor([...uniforms], [...shape], 'float32'),
  normal: () => {
    throw new RangeError('dropout draws uniform numbers');
  },
});

beforeAll(async () => {
  await chooseBackend('cpu');
});

describe('dropout', () => {
  const input = () => tensor([1, 2, 3, 4, -5, 6], [2, 3], 'float32');
  const uniforms = drawn([0, 0.19, 0.2, 0.5, 0.999, 0.1]);

  it('drops where the uniform number is below p, and multiplies the others by 1 / (1 - p)', () => {
    const values = scoped(() => [...dropped(0.2, input(), uniforms).dataSync()]);
    expect(values).toEqual([0, 0, 3 * 1.25, 4 * 1.25, -5 * 1.25, 0]);
  });

  it('hands the gradient on where it has kept, with the same factor', () => {
    const gradient = scoped(() => {
      const x = input();
      const by = gradientsOf(() => sum<Scalar>(mul(dropped(0.5, x, uniforms), 3)), [x]);
      return [...(by[0]?.dataSync() ?? [])];
    });
    expect(gradient).toEqual([0, 0, 0, 6, 6, 0]);
  });

  it('does nothing outside of training, nor with p = 0', () => {
    expect(scoped(() => [...dropped(0.5, input(), uniforms, false).dataSync()])).toEqual([1, 2, 3, 4, -5, 6]);
    expect(scoped(() => [...dropped(0, input(), uniforms).dataSync()])).toEqual([1, 2, 3, 4, -5, 6]);
  });

  it('keeps the mean, with the numbers that a trial draws', () => {
    const count = 100_000;
    const p = 0.3;
    const values = scoped(() => {
      const ones = tensor(new Float32Array(count).fill(1), [1, count], 'float32');
      const noise = new NoiseStreams(1).at({ step: 0, firstExample: 0 })('encoder/0');
      return [...dropped(p, ones, noise).dataSync()];
    });
    const mean = values.reduce((total, x) => total + x, 0) / count;
    // The standard deviation of one element is √(p / (1 - p)); five of the mean's.
    expect(Math.abs(mean - 1)).toBeLessThan(5 * Math.sqrt(p / (1 - p) / count));
    expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / (1 - p))]));
  });

  it('drops others at another step', () => {
    const at = (step: number) =>
      scoped(() => {
        const noise = new NoiseStreams(1).at({ step, firstExample: 0 })('encoder/0');
        return dropped(0.5, tensor(new Float32Array(64).fill(1), [1, 64], 'float32'), noise)
          .dataSync()
          .join();
      });
    expect(at(1)).not.toBe(at(0));
    expect(at(1)).toBe(at(1));
  });
});
