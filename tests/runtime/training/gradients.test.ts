import { add, memory, mul, type Scalar, square, sum, type Tensor, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { withGradient } from '../../../src/runtime/lowering/gradient.js';
import { gradientsOf } from '../../../src/runtime/training/gradients.js';
import { simdBackend } from '../backend/simd/simd.js';

beforeAll(async () => {
  await chooseBackend('simd', { threads: 1 });
});

const values = (tensors: readonly Tensor[]): number[][] => tensors.map((tensor) => [...tensor.dataSync()]);

/** a + b, whose gradient goes on to both as the very tensor that arrives. */
function passedOn(a: Tensor, b: Tensor): Tensor {
  return withGradient([a, b], () => ({ value: add(a, b), gradient: (upstream) => [upstream, upstream] }));
}

describe('gradients', () => {
  it('are right where an operation passes on the tensor that it was given, to several others', () => {
    tidy(() => {
      const [x, y] = [tensor1d([1, 2]), tensor1d([3, 4])];
      const gradients = gradientsOf(() => sum<Scalar>(passedOn(square(x), passedOn(square(y), mul(x, y)))), [x, y]);
      expect(values(gradients)).toEqual([
        [5, 8],
        [7, 10],
      ]);
    });
  });

  it('are right for what is used many times, and not at all', () => {
    tidy(() => {
      const [x, unused] = [tensor1d([1, 2]), tensor1d([3, 4])];
      const cube = (of: Tensor) => mul(of, mul(of, of));
      const gradients = gradientsOf(() => sum<Scalar>(add(cube(x), add(x, cube(square(x))))), [x, unused]);
      expect(values(gradients)).toEqual([
        [10, 205],
        [0, 0],
      ]);
    });
  });

  it('are right where an operation passes on a sum of gradients', () => {
    tidy(() => {
      const x = tensor1d([1, 2]);
      const passed = (of: Tensor) =>
        withGradient([of], () => ({ value: of.clone(), gradient: (upstream) => [upstream] }));
      const used = () => {
        const y = passed(square(x));
        return sum<Scalar>(add(mul(y, y), y));
      };
      expect(values(gradientsOf(used, [x]))).toEqual([[6, 36]]);
    });
  });

  it('of a chain are there one or two at a time', () => {
    const before = { tensors: memory().numTensors, bytes: simdBackend().memory().numBytesReserved };
    const [length, elements] = [40, 65536];
    tidy(() => {
      const x = tensor1d(new Float32Array(elements).fill(1));
      const chain = () => {
        let y: Tensor = x;
        for (let i = 0; i < length; i++) y = square(y);
        return sum<Scalar>(y);
      };
      gradientsOf(chain, [x]);
    });
    expect(memory().numTensors).toBe(before.tensors);
    // What is saved on the way there, and hardly more; with all gradients it would be twice that.
    const taken = simdBackend().memory().numBytesReserved - before.bytes;
    expect(taken).toBeLessThan(1.3 * length * elements * 4);
  });
});
