import { beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { stream } from '../../../src/runtime/random/stream.js';
import { backendStream } from '../../../src/runtime/training/backend-stream.js';

const address = { seed: 3, path: 'encoder/0', purpose: 'weight' };

describe('a stream that the backend draws', () => {
  beforeAll(async () => {
    await chooseBackend('simd', { threads: 2 });
  });

  for (const kind of ['uniform', 'normal', 'truncatedNormal'] as const) {
    it(`has the bits of the stream: ${kind}`, () => {
      for (const [count, step, first] of [
        [1, 0, 0],
        [70_003, 0, 0],
        [37, 5, 6],
        [1000, 2 ** 33 + 1, 2 ** 34 + 3],
      ] as const) {
        const [drawn, expected] = [new Float32Array(count), new Float32Array(count)];
        backendStream(address)[kind](drawn, step, first);
        stream(address)[kind](expected, step, first);
        expect(Buffer.from(drawn.buffer).equals(Buffer.from(expected.buffer))).toBe(true);
      }
    });
  }

  it('leaves no tensor behind', async () => {
    const { memory } = await import('@tensorflow/tfjs-core');
    const before = memory().numTensors;
    backendStream(address).normal(new Float32Array(100), 0);
    expect(memory().numTensors).toBe(before);
  });
});
