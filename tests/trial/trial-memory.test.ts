import { expect, it } from 'vitest';
import { loadDigits } from '../../src/runtime/datasets/digits/digits.js';
import { run } from '../../src/sweep/run.js';
import { datasetBytes, trialMemory } from '../../src/trial/trial-memory.js';
import { builtinWords } from '../../src/words/words.js';
import { experimentOf } from '../runtime/training/trial.js';

it('a trial takes more with evaluations that hold all examples, and with data that are larger', () => {
  const taken = (evaluations: string, units = 16) =>
    trialMemory(
      experimentOf(`data mnist() encoder { h: dense(${units}) code: dense(16) }
        decoder { dense(input.size) } loss mse() train adam() { epochs = 1 } ${evaluations}`),
      builtinWords,
    );
  const plain = taken('');
  expect(plain).toBeGreaterThan(48 * 1024 ** 2);
  expect(plain).toBeLessThan(128 * 1024 ** 2);
  // 70,000 codes of 512 values, and a copy.
  expect(taken('evaluate { knn(on=h) }', 512) - taken('', 512)).toBeGreaterThan(2 * 4 * 70_000 * 512);
  expect(taken('evaluate { linear_probe(train=100) }') - plain).toBeLessThan(4 * 1024 ** 2);
  expect(taken('evaluate { pca() psnr() }') - plain).toBe(2 * 8 * 784 ** 2);
  const drawn = loadDigits(1, 1);
  const part = (count: number) => ({ count, values: new Float32Array(count * 3), labels: new Uint8Array(count) });
  const set = (test: number | null) => ({ ...drawn, train: part(10), test: test === null ? null : part(test) });
  expect(datasetBytes({ dataset: set(2), target: null })).toBe(12 * 13);
  expect(datasetBytes({ dataset: set(null), target: set(2) })).toBe(130 + 12 * 13);
});

it('a run says before it trains that the machine has less than it takes with its data', async () => {
  const source = {
    path: 'large.ae',
    text: `experiment large { data digits(take=64, test=4) encoder { code: dense(4) } decoder { dense(input.size) }
      loss mse() train adam() { epochs = 1  batch = 8 } }`,
  };
  const told = async (memory?: number) => {
    const said: string[] = [];
    await run({
      source,
      backend: 'cpu',
      maxSteps: 1,
      ...(memory === undefined ? {} : { memory }),
      listener: (event) => said.push(event.event === 'note' ? event.text : event.event),
    });
    return said.slice(0, 2);
  };
  expect(await told(64 * 1024 ** 2)).toEqual([
    'started',
    expect.stringMatching(/^the run takes about \d+ MiB of memory with its data, and there are 64 MiB: /),
  ]);
  expect(await told()).toEqual(['started', 'trial_started']);
});
