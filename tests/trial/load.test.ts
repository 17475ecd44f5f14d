import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apply } from '../../src/models/apply.js';
import { loadDigits } from '../../src/runtime/datasets/digits/digits.js';
import { encodeNpy } from '../../src/runtime/formats/npy.js';
import { type Run, run } from '../../src/sweep/run.js';
import { LoadError, load } from '../../src/trial/load.js';
import { builtinWords } from '../../src/words/words.js';
import { inMemory } from '../runtime/datasets/in-memory.js';
import { scratchFolder } from '../runtime/datasets/scratch-folder.js';

const scratch = scratchFolder();
const store = join(scratch.path, 'results.db');
const count = 20;

const source = {
  path: join(scratch.path, 'own.ae'),
  text: `experiment own {
  param hidden = 5
  data digits(take=48, test=${count}) { normalize(mean=0.13, std=0.31) }
  encoder { low: dense(9, activation=relu)  dropout(0.1)  code: dense(hidden, activation=sigmoid) }
  decoder { dense(input.size) }
  loss mse()
  train adam(lr=0.01) { epochs = 2  batch = 16 }
}`,
};

/** Pixels in [0, 1]. */
const { test: drawn } = loadDigits(1, count);
const images = Float32Array.from(drawn === null ? [] : inMemory(drawn), (byte) => byte / 255);

let trained: Run;

beforeAll(async () => {
  trained = await run({ source, params: ['hidden=4'], backend: 'cpu', store });
});

afterAll(() => trained.model?.dispose());

describe('a run that was stored', () => {
  it('is loaded as the model that it trained', async () => {
    expect(trained.status).toBe('complete');
    const model = await load('last', { store, backend: 'cpu' });
    expect(model.inputShape).toEqual([1, 28, 28]);
    const code = model.encode(images);
    expect(code).toMatchObject({ count, shape: [4] });
    expect(code.values).toHaveLength(4 * count);
    expect(code.values.every((x) => x > 0 && x < 1)).toBe(true);
    expect(code).toEqual(trained.model?.encode(images));
    const reconstruction = model.reconstruct(images);
    expect(reconstruction).toMatchObject({ count, shape: [1, 28, 28] });
    expect(reconstruction).toEqual(trained.model?.reconstruct(images));
    model.dispose();
  });

  it('encodes one example like many, and always the same: nothing is dropped', async () => {
    const model = await load(trained.runId ?? '', { store, backend: 'cpu' });
    const all = model.encode(images);
    const third = model.encode(images.subarray(2 * 784, 3 * 784));
    expect(third.count).toBe(1);
    third.values.forEach((value, i) => void expect(value).toBeCloseTo(all.values[8 + i] ?? Number.NaN, 6));
    expect(model.encode(images)).toEqual(all);
    expect(model.encode(new Float32Array())).toMatchObject({ count: 0 });
    expect(() => model.encode(images.subarray(1))).toThrow(RangeError);
    model.dispose();
  });

  it.each(['code', 'reconstruction'] as const)('gives with apply the same %s', async (output) => {
    const applied = await apply('last', {
      library: builtinWords,
      store,
      data: `digits(take=1, test=${count})`,
      part: 'test',
      output,
      backend: 'cpu',
    });
    const model = await load('last', { store, backend: 'cpu' });
    const own = output === 'code' ? model.encode(images) : model.reconstruct(images);
    expect(applied).toMatchObject({ count: own.count, shape: own.shape });
    // The images were normalised in another order of operations, so the last bits may differ.
    applied.values.forEach((value, i) => void expect(value).toBeCloseTo(own.values[i] ?? Number.NaN, 5));
    model.dispose();
  });

  it('gives the output of any layer by its label', async () => {
    const low = await apply('last', {
      library: builtinWords,
      store,
      data: 'digits(take=1, test=3)',
      part: 'test',
      output: 'low',
      backend: 'cpu',
    });
    expect(low).toMatchObject({ count: 3, shape: [9] });
    expect(low.values.every((x) => x >= 0)).toBe(true);
    const missing = apply('last', {
      library: builtinWords,
      store,
      data: 'digits()',
      part: 'test',
      output: 'lwo',
      backend: 'cpu',
    });
    await expect(missing).rejects.toThrow(/no output 'lwo'/);
  });

  it('has the test error that was recorded', async () => {
    const model = await load('last', { store, backend: 'cpu' });
    const { values } = model.reconstruct(images);
    const squares = values.reduce((sum, value, i) => sum + (value - (images[i] ?? 0)) ** 2, 0);
    expect(squares / values.length).toBeCloseTo(trained.metrics['test.mse'] ?? 0, 6);
    model.dispose();
  });

  it('is told apart from what is not there', async () => {
    await expect(load('r999', { store, backend: 'cpu' })).rejects.toMatchObject({ reason: 'unknown_run' });
    const elsewhere = join(scratch.path, 'none.db');
    await expect(load('last', { store: elsewhere, backend: 'cpu' })).rejects.toMatchObject({ reason: 'missing' });
  });

  it('is refused for data of another shape', async () => {
    const file = scratch.put('small.npy', encodeNpy([2, 8, 8], new Float32Array(128)));
    const small = apply('last', {
      library: builtinWords,
      store,
      data: `npy("${file}")`,
      part: 'train',
      output: 'code',
      backend: 'cpu',
    });
    await expect(small).rejects.toThrow(LoadError);
    await expect(small).rejects.toThrow(/takes rows of 1×28×28/);
  });
});

it('a run that has not ended by itself has no model', async () => {
  const interruption = new AbortController();
  interruption.abort();
  const interrupted = await run({ source, backend: 'cpu', store: null, signal: interruption.signal });
  expect(interrupted).toMatchObject({ status: 'interrupted', model: null, runId: null });
});
