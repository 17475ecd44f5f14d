import { add, getBackend, tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backendNames } from '../../../src/runtime/backend/backend.js';
import { BackendUnavailable, chooseBackend } from '../../../src/runtime/backend/choose.js';

describe('choosing a backend', () => {
  it.each(backendNames)('%s computes, or says why it cannot', async (name) => {
    try {
      const chosen = await chooseBackend(name);
      expect(chosen.name).toBe(name);
      expect(chosen.version).toMatch(/\S/);
      expect(getBackend()).toBe(name);
      expect([...add(tensor([1, 2]), tensor([3, 4])).dataSync()]).toEqual([4, 6]);
    } catch (error) {
      if (!(error instanceof BackendUnavailable)) throw error;
      expect(error.backend).toBe(name);
      expect(error.message).toContain(name);
      expect(name).toBe('tensorflow');
    }
  });

  it('is simd where nobody asks', async () => {
    expect((await chooseBackend('auto')).name).toBe('simd');
  });
});
