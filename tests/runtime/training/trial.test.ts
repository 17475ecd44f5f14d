import { memory } from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { networkOf } from '../../../src/runtime/lowering/network-of-experiment.js';
import { initialWeights } from '../../../src/runtime/training/initial-weights.js';
import type { TrainingState } from '../../../src/runtime/training/state.js';
import { builtinWords } from '../../../src/words/words.js';
import { digitsOf, experimentOf, stageDone, stepsOf, train, trainOn } from './trial.js';

/** Draws crops, noise, dropout, order and weights; 3 epochs of 4 batches, the last of which has 12 examples. */
const noisy = `
  data digits(take=60, validation=16, test=16) { random_crop(8)  normalize(mean=0.13, std=0.31) }
  corrupt gaussian(0.1)
  encoder { dropout(0.2)  code: dense(6, activation=sigmoid) }
  decoder { dense(input.size) }
  loss mse() + kl_sparsity(rho=0.1, beta=0.5)`;
const schedule = 'epochs = 3  batch = 16  clip = norm(1)  keep = best  stop = early(patience=2)';
const statements = `${noisy}  train adam(lr=warmup(0.05, over=1)) { ${schedule} }`;

beforeAll(async () => {
  await chooseBackend('cpu');
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  await chooseBackend('cpu');
});

describe('a trial is determined by its experiment, its data and its seed', () => {
  it('the same seed gives the same bits, another seed others', async () => {
    const first = await train(statements);
    const again = await train(statements);
    const other = await train(statements, { seed: 2 });
    expect(again.weightsSha256).toBe(first.weightsSha256);
    expect(again.metrics).toEqual(first.metrics);
    expect(stepsOf(again, 'loss')).toEqual(stepsOf(first, 'loss'));
    expect(other.weightsSha256).not.toBe(first.weightsSha256);
    const [a, b] = [stepsOf(first, 'loss'), stepsOf(other, 'loss')];
    expect(b).toHaveLength(a.length);
    expect(b.filter((loss, i) => loss === a[i])).toEqual([]);
  });

  it.each(['cpu', 'simd'] as const)('asks neither the time nor a random number from anyone, on %s', async (backend) => {
    await chooseBackend(backend);
    const experiment = experimentOf(statements);
    const data = digitsOf(experiment);
    const expected = await trainOn(data, experiment);
    const forbidden = (): never => {
      throw new Error('a trial asked for the time or a random number');
    };
    vi.spyOn(Math, 'random').mockImplementation(forbidden);
    vi.spyOn(performance, 'now').mockImplementation(forbidden);
    vi.spyOn(process, 'hrtime').mockImplementation(forbidden);
    vi.spyOn(crypto, 'getRandomValues').mockImplementation(forbidden);
    vi.stubGlobal('Date', Object.assign(forbidden, { now: forbidden }));
    expect(() => Date.now()).toThrow(/asked for the time/);
    const trapped = await trainOn(data, experiment);
    expect(trapped.weightsSha256).toBe(expected.weightsSha256);
  });
});

describe('what must not move the numbers of a trial', () => {
  const plain = `data digits(take=32, test=16) { center_crop(8) }  encoder { code: dense(6, activation=sigmoid) }
    train sgd(lr=0.5) { epochs = 2  batch = 8 }`;

  it.each([
    ['a figure', 'show { reconstructions(4)  filters(code) }'],
    ['a penalty of weight 0', 'loss mse() + 0 * l1(on=code)'],
    ['a corruption of level 0', 'corrupt salt(0)'],
    ['an activation of its own', 'encoder { dense(6)  code: sigmoid() }'],
    ['dropout of nothing', 'encoder { dense(6, activation=sigmoid)  code: dropout(0) }'],
  ])('%s', async (_what, statement) => {
    const kept = statement.startsWith('encoder') ? plain.replace(/encoder \{.*\}/, '') : plain;
    const expected = await train(plain);
    const changed = await train(`${kept}  ${statement}`);
    expect(changed.weightsSha256).toBe(expected.weightsSha256);
  });

  it('a corruption changes neither the initial weights nor the order of the batches', async () => {
    const start = (more: string) => initialWeights(networkOf(experimentOf(`${plain}  ${more}`), builtinWords), 1);
    expect(start('corrupt salt(0.3)')).toEqual(start(''));
    // With a rate that changes nothing, the clean target's share of the loss shows which examples a batch has.
    const slow = plain.replace('lr=0.5', 'lr=1e-30');
    const zeros = 'decoder { dense(input.size, init=zeros()) }';
    const clean = await train(`${slow}  ${zeros}`);
    const corrupted = await train(`${slow}  ${zeros}  corrupt salt(0.3)`);
    expect(stepsOf(clean, 'loss').length).toBe(8);
    expect(new Set(stepsOf(clean, 'loss')).size).toBe(8);
    expect(stepsOf(corrupted, 'loss')).toEqual(stepsOf(clean, 'loss'));
  });
});

describe.each(['cpu', 'simd'] as const)('memory on %s', (backend) => {
  it.each(['adam(lr=0.01)', 'sgd(lr=0.1, momentum=0.9)', 'rmsprop(lr=0.001, momentum=0.5)', 'adamw(lr=0.01)'])(
    'the number of tensors soon stays the same from step to step of %s, and nothing is left at the end',
    async (optimizer) => {
      await chooseBackend(backend);
      const before = memory().numTensors;
      const counts: number[] = [];
      const due = () => {
        counts.push(memory().numTensors);
        return false;
      };
      await train(`${noisy}  train ${optimizer} { epochs = 12  batch = 16 }`, { checkpoints: { due, save: () => {} } });
      const later = counts.slice(counts.length / 2);
      expect(later.length).toBeGreaterThanOrEqual(8);
      expect(new Set(later).size).toBe(1);
      expect(memory().numTensors).toBe(before);
    },
  );
});

describe('a trial that diverges', () => {
  const linear = `data digits(take=16, test=16) { center_crop(8) }  encoder { code: dense(4) }
    decoder { dense(input.size) }`;

  it('ends with the step and the layer, and without that step', async () => {
    const ruinous = `${linear}  train sgd(lr=1e25) { epochs = 4  batch = 16 }`;
    const trained = await train(ruinous);
    expect(trained.status).toBe('diverged');
    // The first update makes both layers of the order 1e24; the second pass multiplies them twice.
    expect(trained.divergence).toEqual({ stage: 'train', step: 1, layer: 'decoder.0' });
    const one = await train(ruinous, { maxSteps: 1 });
    expect(trained.weightsSha256).toBe(one.weightsSha256);
    expect(trained.weights.every(({ values }) => values.every(Number.isFinite))).toBe(true);
    expect(trained.events.at(-1)).toMatchObject({
      event: 'trial_done',
      status: 'diverged',
      divergence: trained.divergence,
    });
    expect(trained.events.filter(({ event }) => event === 'stage_done' || event === 'evaluation')).toEqual([]);
  });

  it('names the term of the loss where every layer is finite', async () => {
    const trained = await train(`${linear}  loss 1 * l2(on=code)  train sgd(lr=1e22) { epochs = 4  batch = 16 }`);
    expect(trained.divergence).toMatchObject({ layer: 'loss.l2' });
  });
});

describe('a trial that is interrupted', () => {
  /** Interrupts after a step, and goes on from a copy of the state, as a file would give it back. */
  async function resumed(step: number) {
    const interruption = new AbortController();
    const first = await train(statements, {
      signal: interruption.signal,
      checkpoints: {
        due: (done) => {
          if (done === step) interruption.abort();
          return false;
        },
        save: () => {},
      },
    });
    if (first.state === null) return { first, second: null };
    return { first, second: await train(statements, { resumeFrom: structuredClone(first.state) }) };
  }

  it.each([1, 4, 6, 9, 11])('after step %i of 12 goes on to the same bits', async (step) => {
    const whole = await train(statements);
    const { first, second } = await resumed(step);
    expect(first.status).toBe('interrupted');
    expect(stepsOf(first, 'loss')).toHaveLength(step);
    expect(second?.status).toBe('complete');
    expect(second?.weightsSha256).toBe(whole.weightsSha256);
    expect(second?.metrics).toEqual(whole.metrics);
    for (const metric of ['loss', 'gradient_norm', 'lr']) {
      const joined = [...stepsOf(first, metric), ...(second ? stepsOf(second, metric) : [])];
      expect(joined, metric).toEqual(stepsOf(whole, metric));
    }
  });

  it('after the last step is complete', async () => {
    const { first, second } = await resumed(12);
    expect(first.status).toBe('complete');
    expect(second).toBeNull();
  });

  it('goes on from a checkpoint as well', async () => {
    const whole = await train(statements);
    const states: TrainingState[] = [];
    await train(statements, {
      maxSteps: 7,
      checkpoints: { due: (done) => done === 6, save: (state) => states.push(state) },
    });
    expect(states).toHaveLength(1);
    for (const state of states) {
      expect((await train(statements, { resumeFrom: state })).weightsSha256).toBe(whole.weightsSha256);
    }
  });

  it('goes on with what weights started from, drawn or given', async () => {
    const near = `data digits(take=48) { center_crop(10) }  encoder { code: dense(6, constraint=soft_frozen(0.99)) }
      decoder { dense(input.size) }  train adam(lr=0.05) { epochs = 4  batch = 16 }`;
    const given = new Map([['encoder/0/weight', Float32Array.from({ length: 600 }, (_, i) => Math.sin(i))]]);
    for (const init of [new Map<string, Float32Array>(), given]) {
      const whole = await train(near, { init });
      const states: TrainingState[] = [];
      const checkpoints = { due: (done: number) => done === 6, save: (state: TrainingState) => states.push(state) };
      await train(near, { init, maxSteps: 7, checkpoints });
      for (const resumeFrom of states) {
        expect((await train(near, { init, resumeFrom })).weightsSha256).toBe(whole.weightsSha256);
      }
      expect(states).toHaveLength(1);
    }
  });
});

describe('maxSteps', () => {
  it('ends the stage after that many updates, in the middle of an epoch too', async () => {
    const trained = await train(statements, { maxSteps: 5 });
    expect(stageDone(trained)).toEqual({ epochs: 2, steps: 5, reason: 'max_steps' });
    expect(stepsOf(trained, 'loss')).toEqual(stepsOf(await train(statements), 'loss').slice(0, 5));
    expect(trained.metrics['test.loss']).toBeGreaterThan(0);
  });

  it('changes nothing where the training is shorter', async () => {
    const trained = await train(statements, { maxSteps: 100 });
    expect(stageDone(trained).reason).not.toBe('max_steps');
    expect(trained.weightsSha256).toBe((await train(statements)).weightsSha256);
  });
});

it('train.* are the means over the batches of the epoch', async () => {
  const trained = await train(statements);
  const epochs = trained.events.flatMap((event) => (event.event === 'epoch' ? [event.metrics] : []));
  for (const metric of ['loss', 'mse', 'sse', 'loss.mse', 'loss.kl_sparsity']) {
    const steps = stepsOf(trained, metric);
    epochs.forEach((metrics, epoch) => {
      const own = steps.slice(4 * epoch, 4 * epoch + 4);
      const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
      expect(metrics[`train.${metric}`] ?? Number.NaN, `${metric} of epoch ${epoch}`).toBeCloseTo(mean, 5);
    });
  }
});
