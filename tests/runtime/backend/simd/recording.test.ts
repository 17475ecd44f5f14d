import { add, engine, keep, memory, mul, scalar, type Tensor, tensor1d, tidy, zeros } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { stream } from '../../../../src/runtime/random/stream.js';
import { expectSameBits, fused, noise, simdBackend, tensorOf, useSimd } from './simd.js';

beforeAll(() => useSimd(2));

const values = (tensor: Tensor): number[] => [...tensor.dataSync()];

describe('a recorded computation', () => {
  it('takes the values that its inputs have when it is repeated, and its constants as they were', () => {
    const backend = simdBackend();
    const x = keep(tensor1d([1, 2, 3]));
    // The block of the first product is free again when the second constant is uploaded.
    const { value: y, repetition } = backend.record(() => keep(add(mul(mul(x, 2), tensor1d([1, 10, 100])), scalar(5))));
    expect(values(y)).toEqual([7, 45, 605]);
    backend.overwrite(x, Float32Array.of(4, 5, 6));
    tidy(() => mul(zeros([3]), Number.NaN).dataSync());
    repetition?.repeat();
    expect(values(y)).toEqual([13, 105, 1205]);
    expect(backend.numberOf(tidy(() => keep(scalar(2.5))))).toBe(2.5);
  });

  it('draws anew where the step moves on', () => {
    const { key, normal } = stream({ seed: 2, path: 'encoder/0', purpose: 'eps' });
    const at = { step: 1 };
    const { value: drawn, repetition } = simdBackend().record(() =>
      keep(fused().random('normal', { key, at, first: 0 }, [50])),
    );
    const expected = new Float32Array(50);
    for (const step of [1, 2, 2 ** 32 + 7]) {
      at.step = step;
      repetition?.repeat();
      normal(expected, step);
      expectSameBits(Float32Array.from(drawn.dataSync()), expected, `step ${step}`);
    }
  });

  it('is not repeated when the host has looked at a result', () => {
    const x = tensor1d([1, 2]);
    const { value, repetition } = simdBackend().record(() => mul(x, 2).dataSync()[1]);
    expect(value).toBe(4);
    expect(repetition).toBeNull();
  });

  it('has its memory for itself until it is disposed of, and then gives it back', () => {
    const backend = simdBackend();
    const x = keep(tensorOf(noise(5000, 1), [5000]));
    const before = { bytes: backend.memory().numBytesInUse, tensors: memory().numTensors };
    const { value: y, repetition } = backend.record(() => keep(add(mul(x, x), mul(x, 3))));
    const expected = values(y);
    // Whoever allocates now must not get the memory of what was made on the way.
    const others = Array.from({ length: 20 }, (_, i) => tensorOf(noise(5000, i), [5000]));
    const copies = others.map(values);
    repetition?.repeat();
    expect(values(y)).toEqual(expected);
    expect(others.map(values)).toEqual(copies);
    for (const tensor of [...others, y]) tensor.dispose();
    repetition?.dispose();
    expect(backend.memory().numBytesInUse).toBe(before.bytes);
    expect(memory().numTensors).toBe(before.tensors);
  });

  it('that fails leaves nothing behind', () => {
    const backend = simdBackend();
    const x = keep(tensorOf(noise(100, 1), [100]));
    const before = backend.memory().numBytesInUse;
    const failing = () =>
      backend.record(() => {
        mul(x, 2);
        throw new Error('no');
      });
    expect(failing).toThrow('no');
    expect(backend.memory().numBytesInUse).toBe(before);
    expect(engine().state.activeScope).toBeNull();
  });
});
