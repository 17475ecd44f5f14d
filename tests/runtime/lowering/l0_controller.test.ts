import { tensor, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { knownWord } from '../../../src/compiler/library/library.js';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import type { TrainingState } from '../../../src/runtime/training/state.js';
import { builtinWords } from '../../../src/words/words.js';
import { type Options, train } from '../training/trial.js';
import { loneLayer } from './lone-layer.js';

beforeAll(async () => {
  await chooseBackend('simd');
});

/** The state after a batch of two examples of four units. */
function step(values: readonly number[], state: { readonly log: number; readonly active: number }, training = true) {
  return tidy(() => {
    const given = { target: 1.25, weight: 0.5, rate: 0.1, frozen: false };
    const layer = loneLayer('l0_controller', { given, input: [4] });
    const tensors = new Map([
      ['input', tensor([...values], [2, 4], 'float32')],
      ['log_weight', tensor([state.log], [1], 'float32')],
      ['active_units', tensor([state.active], [1], 'float32')],
    ]);
    const next: Record<string, number> = {};
    const output = layer?.forward(tensors, {
      training,
      update: (name, value) => {
        next[name] = value.dataSync()[0] ?? Number.NaN;
      },
    });
    return { output: [...(output?.dataSync() ?? [])], next };
  });
}

it('raises the logarithm of the weight with too many active units, lowers it with too few, by a bounded step', () => {
  // Three of eight: 1.5 units of an example.
  const some = [0, 2, 0, 0, 0, -1, 3, 0];
  const { output, next } = step(some, { log: -1, active: 2 });
  expect(output).toEqual(some);
  expect(next.log_weight).toBeCloseTo(-1 + 0.1 * (1.5 / 1.25 - 1), 6);
  expect(next.active_units).toBeCloseTo(0.95 * 2 + 0.05 * 1.5, 6);
  const all = step(new Array(8).fill(1), { log: -1, active: -1 }).next;
  expect(all.log_weight).toBeCloseTo(-0.9, 6);
  expect(all.active_units).toBe(4);
  expect(step(new Array(8).fill(0), { log: -1, active: 0 }).next.log_weight).toBeCloseTo(-1.1, 6);
  const top = Math.log(0.5) + Math.log(1e6);
  expect(step(new Array(8).fill(1), { log: top, active: 1 }).next.log_weight).toBeCloseTo(top, 5);
  expect(step(some, { log: -1, active: 2 }, false).next).toEqual({});
});

const statements = (loss: string, controller: string, code = 'dense(24, activation=relu)', epochs = 30) => `
  data digits(take=128, validation=0, test=16) { center_crop(12) }
  encoder { h: ${code}  code: l0_controller(${controller}) }
  decoder { dense(input.size) }
  loss mse(reduction=batchmean) + ${loss}
  train adam(lr=0.01) { epochs = ${epochs}  batch = 32 }`;

async function noted(written: string, options: Options = {}) {
  const notes: string[] = [];
  const trained = await train(written, { note: (text) => notes.push(text), ...options });
  const measured = trained.events.filter(({ event }) => event === 'diagnostics').at(-1);
  return { trained, notes, metrics: measured?.event === 'diagnostics' ? measured.metrics : {} };
}

it('steers L0 to its target, with the state in checkpoints, and tells of it in the metrics', async () => {
  const written = statements('l1(controller=code)', 'target=6, weight=0.2, rate=0.05', undefined, 75);
  const states: TrainingState[] = [];
  const whole = await noted(written, {
    checkpoints: { due: (step) => step === 50, save: (state) => states.push(state) },
  });
  expect(whole.notes).toEqual([]);
  expect(Math.abs((whole.metrics['encoder.1.active_units'] ?? 0) / 6 - 1)).toBeLessThan(0.1);
  expect(whole.metrics['encoder.1.penalty_weight']).toBeGreaterThan(0);
  const [resumeFrom] = states;
  if (!resumeFrom) throw new RangeError('no state was kept');
  const resumed = await train(written, { resumeFrom });
  expect(resumed.weightsSha256).toBe(whole.trained.weightsSha256);
  expect(resumed.chain).toEqual(whole.trained.chain);
});

it('tells of a target that was not met, and why', async () => {
  const slow = await noted(statements('l1(controller=code)', 'target=1, weight=1e-6, rate=1e-4'));
  expect(slow.notes).toEqual([
    expect.stringMatching(
      /^l0_controller 'code': L0 is [\d.]+ at the end, and its target is 1: the weight of its penalty is 0\.00000[\d]+, still rising/,
    ),
  ]);
  // topk keeps two at most, whatever the penalty weighs.
  const bound = await noted(
    statements('l1(controller=code)', 'target=9, weight=1e-4, rate=0.5', 'dense(24, activation=topk(2))'),
  );
  expect(bound.notes).toEqual([expect.stringContaining('at the limit of what it may be')]);
});

it('multiplies the penalties that name it', () => {
  const controllers = builtinWords.byFamily.loss.filter(({ parameters }) => 'controller' in parameters);
  expect(controllers.map(({ name }) => name).sort()).toEqual(['l0', 'l1', 'tanh_penalty']);
  expect(knownWord(builtinWords, 'layer', { word: 'l0_controller' }).isController).toBe(true);
});
