import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { SimdBackend } from '../../../src/runtime/backend/simd/simd-backend.js';
import { shortened } from './shortened.js';
import { digitsOf, experimentOf, stepsOf, trainOn } from './trial.js';

beforeAll(async () => {
  await chooseBackend('simd', { threads: 2 });
});
afterEach(() => vi.restoreAllMocks());

/** How many steps were computed by repeating an earlier one. */
function countRepetitions(): () => number {
  let repetitions = 0;
  const original = SimdBackend.prototype.record;
  vi.spyOn(SimdBackend.prototype, 'record').mockImplementation(function (this: SimdBackend, compute) {
    const recorded = original.call(this, compute);
    const { repetition } = recorded;
    if (repetition === null) return recorded;
    const counted = {
      repeat: () => {
        repetitions++;
        repetition.repeat();
      },
      dispose: () => repetition.dispose(),
    };
    return { value: recorded.value, repetition: counted };
  });
  return () => repetitions;
}

describe('a repeated step has the bits of one that is computed anew', () => {
  it.each([
    // Two epochs of four batches each, the last with fewer examples, and an evaluation in between.
    ['first', 'digits(take=120, validation=20, test=1)', 14],
    ['sparse_denoising', 'digits(take=120, test=1)', 12],
    ['vae', 'digits(take=256, test=1)', 12],
    ['conv', 'digits(take=128, test=1)', 12],
    ['upsampling', 'digits(take=128, test=1)', 7],
    ['normalised', 'digits(take=120, test=1)', 14],
    ['gaussian_visible', 'digits(take=100, test=1)', 12],
    ['logits', 'digits(take=70, test=1)', 14],
  ])('%s', async (name, data, maxSteps) => {
    const experiment = shortened(name, data);
    const repetitions = countRepetitions();
    const repeated = await trainOn(digitsOf(experiment), experiment, { maxSteps });
    expect(repetitions()).toBeGreaterThan(0);
    vi.restoreAllMocks();
    vi.spyOn(SimdBackend.prototype, 'records', 'get').mockReturnValue(false);
    const anew = await trainOn(digitsOf(experiment), experiment, { maxSteps });
    expect(stepsOf(repeated, 'gradient_norm')).toEqual(stepsOf(anew, 'gradient_norm'));
    expect(repeated.weightsSha256).toBe(anew.weightsSha256);
    expect(repeated.metrics).toEqual(anew.metrics);
  });

  it('where a schedule changes the loss at every step, nothing is repeated', async () => {
    const experiment = experimentOf(`
      data digits(take=64, test=4) { center_crop(10) }
      encoder { code: dense(8, activation=sigmoid) }
      decoder { dense(input.size, activation=sigmoid) }
      loss mse() + warmup(1, over=2) * l2()
      train adam(lr=0.01) { epochs = 2  batch = 16 }`);
    const repetitions = countRepetitions();
    await trainOn(digitsOf(experiment), experiment);
    expect(repetitions()).toBe(0);
  });
});
