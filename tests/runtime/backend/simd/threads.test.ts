import { engine, matMul, memory, tensor, tidy, zeros } from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import { KernelRunner } from '../../../../src/runtime/backend/simd/kernel-runner.js';
import { Operation } from '../../../../src/runtime/backend/simd/operations.js';
import { registerSimdBackend } from '../../../../src/runtime/backend/simd/register.js';
import { SimdBackend } from '../../../../src/runtime/backend/simd/simd-backend.js';
import { noise, useSimd } from './simd.js';

const runners: KernelRunner[] = [];
afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.dispose()));
});

function start(threads: number): KernelRunner {
  const runner = new KernelRunner(threads);
  runners.push(runner);
  return runner;
}

/** A product of 128 x 300 and 300 x 500, as bytes. */
function product(runner: KernelRunner): Uint8Array {
  const [m, k, n] = [128, 300, 500];
  const { memory: linear } = runner;
  const [a, b, c] = [linear.allocate(m * k * 4), linear.allocate(k * n * 4), linear.allocate(m * n * 4)];
  linear.floats.set(noise(m * k, 1), a / 4);
  linear.floats.set(noise(k * n, 2), b / 4);
  runner
    .begin(Operation.Matmul)
    .ints([1, m, n, k, a, 0, k * 4, 4, b, 0, n * 4, 4, c, 0, 0, 0, 1, 12, 0, runner.threads, 52])
    .run(1e9);
  return Uint8Array.from(linear.bytes.subarray(c, c + m * n * 4));
}

describe('threads', () => {
  it('do not change a result', () => {
    const alone = product(start(1));
    for (const threads of [2, 4]) {
      const runner = start(threads);
      for (let i = 0; i < 50; ++i) expect(Buffer.compare(product(runner), alone)).toBe(0);
    }
  });

  it('take part after sleeping', async () => {
    const runner = start(3);
    const first = product(runner);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(Buffer.compare(product(runner), first)).toBe(0);
  });

  it('end the run with an error when one dies', async () => {
    const runner = start(2);
    product(runner);
    await runner.dispose();
    expect(() => product(runner)).toThrow(/disposed|died|ended/);
  });

  it('are an integer from 1 on', () => {
    for (const threads of [0, 1.5, -1, Number.NaN]) expect(() => registerSimdBackend({ threads })).toThrow(RangeError);
  });

  it('a trap in a kernel is an error, not a hang', async () => {
    const runner = start(2);
    product(runner);
    expect(() => runner.begin(Operation.Trap).run(1e9)).toThrow();
  });
});

describe('memory', () => {
  it('is reused: a repeated step takes no new memory and leaves nothing behind', async () => {
    await useSimd(1);
    const step = () =>
      tidy(() => {
        const x = tensor(noise(64 * 100, 3), [64, 100]);
        matMul(matMul(x, zeros([100, 70])), zeros([70, 30])).dataSync();
      });
    for (let i = 0; i < 3; ++i) step();
    const backend = engine().backend;
    if (!(backend instanceof SimdBackend)) throw new Error('simd is not the current backend');
    const before = { ...backend.memory(), tensors: memory().numTensors };
    for (let i = 0; i < 300; ++i) step();
    expect({ ...backend.memory(), tensors: memory().numTensors }).toEqual(before);
    expect(memory().unreliable).toBe(false);
  });

  it('grows with the tensors, and what was written stays', async () => {
    await useSimd(1);
    tidy(() => {
      const first = tensor(noise(1000, 4));
      const large = zeros([6_000_000]);
      expect([...first.dataSync()]).toEqual([...noise(1000, 4)]);
      expect(large.dataSync()[5_999_999]).toBe(0);
    });
  });
});
