import { removeBackend, tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { chooseBackend } from '../../../../src/runtime/backend/choose.js';
import { shortened } from '../../training/shortened.js';
import { digitsOf, type Trained, trainOn } from '../../training/trial.js';
import { simdBackend } from './simd.js';

// Addresses from 2 GiB on are no signed numbers of 32 bits. Memory that is never touched is not taken from the system.
const BELOW = 2.25 * 1024 ** 3;
const names = ['conv', 'vae', 'masking'];
const low = new Map<string, Trained>();

async function trained(name: string): Promise<Trained> {
  const experiment = shortened(name, 'digits(take=150, test=1)');
  return trainOn(digitsOf(experiment), experiment, { maxSteps: 3 });
}

beforeAll(async () => {
  await chooseBackend('simd', { threads: 2 });
  for (const name of names) low.set(name, await trained(name));
  removeBackend('simd');
  await chooseBackend('simd', { threads: 2 });
  simdBackend().kernels.memory.allocate(BELOW);
});
afterAll(() => simdBackend().dispose());

it('tensors lie above 2 GiB', () => {
  expect(simdBackend().address(tensor([1, 2, 3]))).toBeGreaterThan(BELOW);
});

it.each(names)('%s has the bits that it has below', async (name) => {
  const high = await trained(name);
  expect(high.weightsSha256).toBe(low.get(name)?.weightsSha256);
  expect(high.metrics).toEqual(low.get(name)?.metrics);
  expect(high.chain).toEqual(low.get(name)?.chain);
});

it('what cannot be had is an error of the machine, with what to do', () => {
  const { memory } = simdBackend().kernels;
  expect(() => memory.allocate(2 * 1024 ** 3)).toThrow(
    expect.objectContaining({
      name: 'MemoryExhaustedError',
      message: expect.stringMatching(/^training needs at least 4\.\d GiB of memory, but only 4\.0 GiB is available$/),
      hint: expect.stringContaining('lower batch'),
    }),
  );
  // What fits still does.
  expect(memory.allocate(1024)).toBeGreaterThan(0);
});
