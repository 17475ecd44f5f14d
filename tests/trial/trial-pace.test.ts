import { setBackend } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { registerSimdBackend } from '../../src/runtime/backend/simd/register.js';
import { bytesHeld } from '../../src/trial/trial-pace.js';

it('a thread whose backend is still loading says what it holds: on a busy machine that takes more than a second', async () => {
  expect(bytesHeld()).toBeGreaterThan(0);
  registerSimdBackend({ threads: 1 });
  await setBackend('simd');
  expect(bytesHeld()).toBeGreaterThan(0);
});
