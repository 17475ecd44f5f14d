import { readFileSync } from 'node:fs';
import { engine, findBackendFactory, getKernelsForBackend } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { run } from '../../../src/sweep/run.js';
import { ownDataNames, shortenedNames } from '../training/shortened.js';

// TF.js has no fallback of its own: a kernel that the current backend lacks is an error, and a tensor moves to another
// backend only where that one is registered. So it is enough that the plain one is not there at all.
const path = 'tests/matrix/shortened.ae';
const text = readFileSync(path, 'utf8');

describe('no tensor leaves the simd backend', () => {
  it('the reference experiments are there', () => {
    expect(shortenedNames.length).toBeGreaterThanOrEqual(17);
  });

  for (const name of shortenedNames) {
    it(`while ${name} trains, is tested and gives its results`, async () => {
      const finished = await run({
        source: { path, text },
        experiment: name,
        data: ownDataNames.includes(name) ? null : 'digits(take=40, validation=8, test=3)',
        maxSteps: 1,
        backend: 'simd',
        threads: 1,
        store: null,
      });
      finished.model?.dispose();
      expect(finished.status).toBe('complete');
      expect(engine().backendName).toBe('simd');
      expect(findBackendFactory('cpu')).toBeFalsy();
      expect(getKernelsForBackend('cpu')).toEqual([]);
      expect(Object.keys(engine().registryFactory)).toEqual(['simd']);
    });
  }
});
