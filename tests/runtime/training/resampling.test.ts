import { beforeAll, expect, test } from 'vitest';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { mapValues } from '../../../src/runtime/lowering/map-values.js';
import { stream } from '../../../src/runtime/random/stream.js';
import { examplesOf } from '../../../src/runtime/training/examples-of-data.js';
import type { TrainingState } from '../../../src/runtime/training/state.js';
import { builtinWords } from '../../../src/words/words.js';
import { digitsOf, experimentOf, type Options, stepsOf, train } from './trial.js';

beforeAll(async () => {
  await chooseBackend('simd');
});

const units = 6;
const inputs = 64;

/** 8 steps in 2 epochs; weights hardly move. */
const statements = (resample: string, { code = 'relu()', optimizer = 'adam(lr=1e-30)' } = {}) => `
  data digits(take=64, validation=0, test=16) { center_crop(16)  resize(8) }
  encoder { h: dense(${units})  ${code}  code: count_dead(steps=2) }
  decoder { dense(input.size, init=transposed(h)) }
  loss mse()
  train ${optimizer} { epochs = 2  batch = 16  ${resample} }`;

/** Units 1 and 4 never open. */
const init = new Map([['encoder/0/bias', Float32Array.of(0.5, -100, 0.5, 0.5, -100, 0.5)]]);

/** Trains, with what the step after 3 others let start anew, and the state after a step. */
async function traced(written: string, { at = 4, ...options }: Options & { readonly at?: number } = {}) {
  const seen = new Map<string, readonly number[]>();
  const states: TrainingState[] = [];
  const trained = await train(written, {
    init,
    chain: { onTensor: ({ step, name }, values) => step === 4 && seen.set(name, [...values]) },
    checkpoints: { due: (step) => step === at, save: (state) => states.push(state) },
    ...options,
  });
  const [state] = states;
  if (!state) throw new RangeError('no state was kept');
  return { trained, seen, state };
}

const weightOf = ({ weights }: TrainingState, key: string): Float32Array => {
  const values = weights[key];
  if (!values) throw new RangeError(`no weight ${key}`);
  return values;
};
const norm = (values: Iterable<number>) => Math.sqrt([...values].reduce((sum, value) => sum + value ** 2, 0));
const rowOf = (matrix: Float32Array, row: number) => matrix.subarray(row * inputs, (row + 1) * inputs);
const columnOf = (matrix: Float32Array, column: number) => matrix.filter((_, i) => i % units === column);

/** The rule as the paper and the reference of the word say it, in float64, from the weights before the step. */
function expected(written: string, before: TrainingState, dead: readonly number[], seed = 1) {
  const experiment = experimentOf(written);
  const examples = examplesOf(experiment, digitsOf(experiment), seed, builtinWords);
  const time = { epoch: 0, step: 3, epochs: 2, steps: 8 };
  const { clean } = examples.trainingBatch(
    Uint32Array.from({ length: 64 }, (_, i) => i),
    3,
    time,
  );
  const [we, be] = [weightOf(before, 'encoder/0/weight'), weightOf(before, 'encoder/0/bias')];
  const [wd, bd] = [weightOf(before, 'decoder/0/weight'), weightOf(before, 'decoder/0/bias')];
  const errors = Array.from({ length: 64 }, (_, example) => {
    const x = rowOf(clean, example);
    const h = Array.from({ length: units }, (_, unit) =>
      Math.max(
        0,
        rowOf(we, unit).reduce((sum, w, i) => sum + w * (x[i] ?? 0), be[unit] ?? 0),
      ),
    );
    return x.reduce((sum, value, i) => {
      const y = h.reduce((total, activity, unit) => total + activity * (wd[i * units + unit] ?? 0), bd[i] ?? 0);
      return sum + (y - value) ** 2;
    }, 0);
  });
  const drawn = new Float32Array(64);
  stream({ seed, path: 'resample', purpose: 'choice' }).uniform(drawn, 3);
  const times = errors.map((error, i) => -Math.log((drawn[i] ?? 0) + 2 ** -25) / error ** 2);
  const order = [...times.keys()].sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0));
  const living = [0, 1, 2, 3, 4, 5].filter((unit) => !dead.includes(unit)).map((unit) => norm(rowOf(we, unit)));
  const meanNorm = living.reduce((sum, each) => sum + each, 0) / living.length;
  return { chosen: order.slice(0, dead.length), clean, meanNorm };
}

test('dead units take examples that are rebuilt badly as their directions, and the optimizer forgets them', async () => {
  const written = statements('resample = dead_units(every=3, scale=0.3)');
  const before = (await traced(written, { at: 3 })).state;
  const { seen, state, trained } = await traced(written);
  const { chosen, clean, meanNorm } = expected(written, before, [1, 4]);
  expect(seen.get('resampled units')).toEqual([1, 4]);
  expect(seen.get('resampled examples')).toEqual(chosen);
  const [we, wd] = [weightOf(state, 'encoder/0/weight'), weightOf(state, 'decoder/0/weight')];
  for (const [i, unit] of [1, 4].entries()) {
    const x = rowOf(clean, chosen[i] ?? -1);
    const direction = [...x].map((value) => value / norm(x));
    for (const [at, value] of direction.entries()) {
      expect(columnOf(wd, unit)[at]).toBeCloseTo(value, 6);
      expect(rowOf(we, unit)[at]).toBeCloseTo(0.3 * meanNorm * value, 6);
    }
    expect(weightOf(state, 'encoder/0/bias')[unit]).toBeCloseTo(0, 12);
  }
  // What is alive stays.
  for (const unit of [0, 2, 3, 5]) {
    expect(rowOf(we, unit)).toEqual(rowOf(weightOf(before, 'encoder/0/weight'), unit));
    expect(columnOf(wd, unit)).toEqual(columnOf(weightOf(before, 'decoder/0/weight'), unit));
  }
  // Where the optimizer had averaged something, it starts with that of one step from 0: g/10 and g²/1000.
  if (before.progress?.kind !== 'train') throw new RangeError('the stage is no training');
  const slots = mapValues(before.progress.slots, (kept) => mapValues(kept, (values) => values.map(() => 5)));
  const averaged = await traced(written, { resumeFrom: { ...before, progress: { ...before.progress, slots } } });
  const isFresh = (key: string, elements: (values: Float32Array) => Float32Array) => {
    const { mean, square } = averaged.state.progress?.slots[key] ?? {};
    if (!mean || !square) throw new RangeError(`nothing is kept for ${key}`);
    const squares = elements(square);
    return elements(mean).every((value, i) => Math.abs((squares[i] ?? -1) - value ** 2 / 10) <= 1e-4 * value ** 2);
  };
  for (const unit of [0, 1, 2, 3, 4, 5]) {
    const isNew = unit === 1 || unit === 4;
    expect(isFresh('encoder/0/weight', (values) => rowOf(values, unit))).toBe(isNew);
    expect(isFresh('decoder/0/weight', (values) => columnOf(values, unit))).toBe(isNew);
    expect(isFresh('encoder/0/bias', (values) => values.slice(unit, unit + 1))).toBe(isNew);
  }
  // The units are active again: at step 6 there is nobody to start anew.
  expect(stepsOf(trained, 'resampled')).toEqual([0, 0, 0, 2, 0, 0, 0, 0]);
  expect([...weightOf(state, 'encoder/1/idle')]).toEqual([0, 0, 0, 0, 0, 0]);
});

test('an interrupted training starts the same units anew, with the same bits', async () => {
  const written = statements('resample = dead_units(every=3)', { optimizer: 'adam(lr=0.01)' });
  const whole = await traced(written, { at: 3 });
  const resumed = await train(written, { resumeFrom: whole.state });
  expect(resumed.weightsSha256).toBe(whole.trained.weightsSha256);
  expect(resumed.chain).toEqual(whole.trained.chain);
  const other = await traced(written, { seed: 2 });
  expect(other.seen.get('resampled examples')).not.toEqual(whole.seen.get('resampled examples'));
});

test('a training in which no unit is dead, or none is due, has the bits of one without', async () => {
  const plain = await train(statements(''));
  for (const rule of ['every=3', 'every=3, until=2']) {
    const given = rule.includes('until') ? { init } : {};
    const reference = rule.includes('until') ? await train(statements(''), given) : plain;
    const { weightsSha256, chain } = await train(statements(`resample = dead_units(${rule})`), given);
    expect(weightsSha256).toBe(reference.weightsSha256);
    expect(chain.links).toEqual(reference.chain.links);
  }
});

test('of many examples some are drawn, each once; thresholds start anew too', async () => {
  const code = 'jump_relu(threshold=0.25, bandwidth=0.1)';
  const { seen, state } = await traced(statements('resample = dead_units(every=3, examples=12)', { code }));
  expect(seen.get('resampled units')).toEqual([1, 4]);
  const drawn = new Uint32Array(12);
  stream({ seed: 1, path: 'resample', purpose: 'examples' }).integers(drawn, 64, 3);
  const chosen = seen.get('resampled examples') ?? [];
  expect(new Set(chosen).size).toBe(2);
  expect(chosen.every((example) => drawn.includes(example))).toBe(true);
  expect(weightOf(state, 'encoder/1/log_threshold')[1]).toBeCloseTo(Math.log(0.25), 6);
});

test('with fewer examples than dead units the first units start anew', async () => {
  const all = new Map([['encoder/0/bias', new Float32Array(units).fill(-100)]]);
  const { seen } = await traced(statements('resample = dead_units(every=3, examples=2)'), { init: all });
  expect(seen.get('resampled units')).toEqual([0, 1].slice(0, seen.get('resampled examples')?.length));
});
