import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Dataset, Part } from '../../../src/runtime/datasets/dataset.js';
import { loadData } from '../../../src/runtime/datasets/load.js';
import { NAMED_SETS } from '../../../src/runtime/datasets/named-set.js';
import { dataPlaces } from '../../../src/runtime/datasets/places.js';
import { datasetOf } from './given-words.js';
import { inMemory } from './in-memory.js';
import { errorOf } from './thrown.js';

const shared = join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data');
const countedClasses = ({ train, test }: Dataset) => {
  const counted = (labels: Part['labels'] = null) =>
    Array.from({ length: 10 }, (_, kind) => labels?.filter((label) => label === kind).length);
  return { train: counted(train.labels), test: counted(test?.labels) };
};
const all = { take: null, validation: 0, test: null, shuffleSeed: null };

describe.skipIf(!existsSync(join(shared, 'mnist')))(
  'the real MNIST (skipped where ../shared/data/mnist is not)',
  () => {
    const places = { provided: shared, cache: join(shared, 'no-cache') };

    it('has its published content', async () => {
      const { dataset, train, test } = await loadData(datasetOf('mnist'), { ...all, validation: 10000 }, places);
      expect(dataset).toMatchObject({ name: 'mnist', shape: [1, 28, 28], classes: 10 });
      expect(dataset.checksum).toBe('b5bbf714f157f62be1e9995906222a051f5402a2d504f4f459cc0d4488836805');
      expect([train.indices.length, test.indices.length]).toEqual([50000, 10000]);
      expect(countedClasses(dataset)).toEqual(NAMED_SETS.mnist.examples);
      // The first labels, the number of sevens, and the mean and deviation everybody normalizes with.
      expect([...(dataset.train.labels?.subarray(0, 8) ?? [])]).toEqual([5, 0, 4, 1, 9, 2, 1, 3]);
      expect(dataset.train.labels?.filter((label) => label === 7)).toHaveLength(6265);
      let sum = 0;
      let squares = 0;
      for (const byte of inMemory(dataset.train)) {
        sum += byte / 255;
        squares += (byte / 255) ** 2;
      }
      const mean = sum / inMemory(dataset.train).length;
      expect(mean).toBeCloseTo(0.1307, 4);
      expect(Math.sqrt(squares / inMemory(dataset.train).length - mean ** 2)).toBeCloseTo(0.3081, 4);
    });

    it('is found in the folder of the files themselves, too, and is not Fashion-MNIST', async () => {
      const direct = { ...places, provided: join(shared, 'mnist') };
      const { dataset } = await loadData(datasetOf('mnist'), all, direct);
      expect(dataset.train.count).toBe(60000);
      const error = await errorOf(() => loadData(datasetOf('fashion_mnist'), all, direct, { offline: true }));
      expect(error.reason).toBe('not_found');
    });
  },
);

describe('published data sets', () => {
  it('have four different files each, from addresses that are encrypted', () => {
    const sums = Object.values(NAMED_SETS).flatMap((set) => [
      set.trainImages.sha256,
      set.trainLabels.sha256,
      set.testImages.sha256,
      set.testLabels.sha256,
    ]);
    expect(new Set(sums).size).toBe(8);
    expect(sums.every((sum) => /^[0-9a-f]{64}$/.test(sum))).toBe(true);
    const mirrors = Object.values(NAMED_SETS).flatMap((set) => set.mirrors);
    expect(mirrors.every((mirror) => /^https:\/\/.*\/$/.test(mirror))).toBe(true);
  });

  it('are looked for where the environment says', () => {
    expect(dataPlaces({ AEDSL_DATA: '/data', XDG_CACHE_HOME: '/cache' })).toEqual({
      provided: '/data',
      cache: join('/cache', 'aedsl', 'data'),
    });
    expect(dataPlaces({ AEDSL_DATA: '', XDG_CACHE_HOME: 'relative' })).toMatchObject({
      provided: null,
      cache: expect.stringMatching(/\.cache.aedsl.data$/),
    });
  });
});
