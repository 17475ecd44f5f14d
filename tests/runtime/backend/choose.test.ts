import { add, getBackend, tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backendNames } from '../../../src/runtime/backend/backend.js';
import { BackendUnavailable, chooseBackend } from '../../../src/runtime/backend/choose.js';

describe('choosing a backend', () => {
  it.each(backendNames)('%s computes, or says why it cannot', async (name) => {
    try {
      const chosen = await chooseBackend(name);
      expect(chosen).toMatchObject({ name, missing: [] });
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

  it('by default is the first that is there', async () => {
    const { name, missing } = await chooseBackend('auto');
    expect([...missing.map((m) => m.name), name]).toEqual(backendNames.slice(0, missing.length + 1));
  });
});
