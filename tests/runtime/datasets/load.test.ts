import { describe, expect, it } from 'vitest';
import { loadDigits } from '../../../src/runtime/datasets/digits/digits.js';
import { loadData } from '../../../src/runtime/datasets/load.js';
import { datasetOf } from './given-words.js';
import { idxBytes } from './idx-file.js';
import { inMemory } from './in-memory.js';
import { scratchFolder } from './scratch-folder.js';
import { reasonOf } from './thrown.js';

const folder = scratchFolder();
const places = { provided: null, cache: folder.path };

describe('loading and dividing', () => {
  it('of digits no more is drawn than is used, and the identity is that of the whole', async () => {
    const asked = { take: 20, validation: 5, test: 10, shuffleSeed: null };
    const { dataset, train, validation, test } = await loadData(datasetOf('digits'), asked, places);
    expect([dataset.train.count, dataset.test?.count]).toEqual([25, 10]);
    expect([train.indices.length, validation.indices.length, test.indices.length]).toEqual([20, 5, 10]);
    const more = loadDigits(40, 20);
    expect(dataset.train.values).toEqual(inMemory(more.train).slice(0, 25 * 784));
    expect(dataset.test?.labels).toEqual(more.test?.labels?.slice(0, 10));
    expect(dataset.checksum).toBe(more.checksum);
  });

  it.each([{ take: 60000, validation: 1 }, { test: 10001 }])(
    'digits has 60,000 + 10,000 examples: %j',
    async (asked) => {
      const request = { take: 1, validation: 0, test: 0, shuffleSeed: null, ...asked };
      expect(await reasonOf(() => loadData(datasetOf('digits'), request, places))).toBe('not_enough_examples');
    },
  );

  it('files are divided like any other set', async () => {
    const examples = folder.put('images', idxBytes([4, 1, 1], [1, 2, 3, 4]));
    const asked = { take: null, validation: 1, test: 1, shuffleSeed: null };
    const { train, validation, test } = await loadData(datasetOf('idx', { images: examples }), asked, places);
    expect([train, validation, test].map(({ indices }) => [...indices])).toEqual([[0, 1], [2], [3]]);
  });
});
