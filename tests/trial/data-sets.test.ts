import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DatasetError } from '../../src/runtime/datasets/dataset-error.js';
import { addDataSet, publishedSet } from '../../src/trial/data-sets.js';
import { builtinWords } from '../../src/words/words.js';

const files = vi.hoisted(() => {
  const idx = (dims: readonly number[], values: readonly number[]) =>
    Uint8Array.from([0, 0, 8, dims.length, ...dims.flatMap((n) => [0, 0, 0, n]), ...values]);
  return new Map([
    ['train-images', idx([2, 1, 1], [1, 2])],
    ['train-labels', idx([2], [0, 1])],
    ['test-images', idx([1, 1, 1], [3])],
    ['test-labels', idx([1], [1])],
  ]);
});

vi.mock('../../src/runtime/datasets/named-set.js', async () => {
  const { createHash } = await import('node:crypto');
  const published = (file: string) => ({
    file,
    sha256: createHash('sha256')
      .update(files.get(file) ?? '')
      .digest('hex'),
  });
  const set = {
    name: 'mnist',
    shape: [1, 1, 1],
    classes: 2,
    mirrors: [],
    trainImages: published('train-images'),
    trainLabels: published('train-labels'),
    testImages: published('test-images'),
    testLabels: published('test-labels'),
  };
  return { NAMED_SETS: { mnist: set } };
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aedsl-data-sets-'));
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
  vi.stubEnv('AEDSL_DATA', '');
  mkdirSync(join(folder, 'from'));
  for (const [name, bytes] of files) writeFileSync(join(folder, 'from', name), bytes);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe('adding a data set', () => {
  it('puts each file into the cache, gzipped, with nothing else', async () => {
    const labels = gzipSync(files.get('test-labels') ?? '', { level: 1 });
    rmSync(join(folder, 'from', 'test-labels'));
    writeFileSync(join(folder, 'from', 'test-labels.gz'), labels);
    const paths = await addDataSet(publishedSet('mnist', builtinWords), join(folder, 'from'));
    for (const [i, [name, bytes]] of [...files].entries()) {
      expect(paths[i]).toMatch(new RegExp(`${name}\\.gz$`));
      expect(gunzipSync(readFileSync(paths[i] ?? '')).equals(bytes)).toBe(true);
    }
    expect(readFileSync(paths[3] ?? '').equals(labels)).toBe(true);
    expect(readdirSync(join(paths[0] ?? '', '..')).sort()).toEqual(
      [...files.keys()].map((name) => `${name}.gz`).sort(),
    );
  });

  it.each([
    ['a pipe', (path: string) => execFileSync('mkfifo', [path]), 'it is a pipe'],
    ['a folder', (path: string) => mkdirSync(path), 'it is a folder'],
    ['a large file', (path: string) => execFileSync('truncate', ['-s', '100G', path]), 'more than the limit of 64 MiB'],
    ['a bomb', (path: string) => writeFileSync(path, gzipSync(new Uint8Array(65 * 2 ** 20))), 'unpacks to more than'],
    ['another file', (path: string) => writeFileSync(path, 'another'), "is not mnist's"],
  ])('refuses %s at once, and adds nothing', async (_what, make, message) => {
    const path = join(folder, 'from', 'train-images');
    rmSync(path);
    make(path);
    const adding = addDataSet(publishedSet('mnist', builtinWords), join(folder, 'from'));
    await expect(adding).rejects.toThrow(DatasetError);
    await expect(adding).rejects.toThrow(message);
    expect(readdirSync(folder)).toEqual(['from']);
  });
});
