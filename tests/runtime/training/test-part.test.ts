import { beforeAll, describe, expect, it } from 'vitest';
import { exp, log } from '../../../src/numerics/float64.js';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { networkOf } from '../../../src/runtime/lowering/network-of-experiment.js';
import { initialWeights } from '../../../src/runtime/training/initial-weights.js';
import { builtinWords } from '../../../src/words/words.js';
import { inMemory } from '../datasets/in-memory.js';
import { digitsOf, experimentOf, type Trained, train, trainOn } from './trial.js';

const mean = 0.13;
const std = 0.31;
const rho = 0.2;

/** The test part is larger than the chunks that an evaluation takes at once, and no multiple of them. */
const statements = `
  data digits(take=16, test=700) { center_crop(4)  normalize(mean=${mean}, std=${std}) }
  encoder { code: dense(3, activation=sigmoid) }
  decoder { dense(input.size) }
  loss mse() + kl_sparsity(rho=rho_, beta=0.5)
  let rho_ = ${rho}
  train sgd(lr=0.1) { epochs = 1  batch = 16 }`;

/** `x Wᵀ + b` in double precision. */
function dense(x: readonly number[], weight: Float32Array, bias: Float32Array): readonly number[] {
  return [...bias].map((b, unit) => x.reduce((sum, value, i) => sum + value * (weight[unit * x.length + i] ?? 0), b));
}

function weightOf({ weights }: Trained, key: string): Float32Array {
  const weight = weights.find((candidate) => candidate.key === key);
  if (!weight) throw new RangeError(`there is no weight '${key}'`);
  return weight.values;
}

beforeAll(async () => {
  await chooseBackend('cpu');
});

describe('the test at the end of a trial', () => {
  it('by hand: errors in raw units, terms in those of the network, the mean activation over the whole part', async () => {
    const experiment = experimentOf(statements);
    const data = digitsOf(experiment);
    const trained = await trainOn(data, experiment);
    const { part, indices } = data.test;
    const activations = [0, 0, 0];
    let squares = 0;
    for (const index of indices) {
      const raw = Array.from({ length: 16 }, (_, i) => {
        const at = (12 + Math.floor(i / 4)) * 28 + 12 + (i % 4);
        return (inMemory(part)[index * 784 + at] ?? 0) / 255;
      });
      const seen = raw.map((x) => (x - mean) / std);
      const code = dense(seen, weightOf(trained, 'encoder/0/weight'), weightOf(trained, 'encoder/0/bias')).map(
        (z) => 1 / (1 + exp(-z)),
      );
      const output = dense(code, weightOf(trained, 'decoder/0/weight'), weightOf(trained, 'decoder/0/bias'));
      code.forEach((h, unit) => {
        activations[unit] = (activations[unit] ?? 0) + h / indices.length;
      });
      squares += output.reduce((sum, y, i) => sum + (y * std + mean - (raw[i] ?? 0)) ** 2, 0);
    }
    const kl = activations.reduce(
      (sum, p) => sum + (rho * log(rho / p) + (1 - rho) * log((1 - rho) / (1 - p))) / activations.length,
      0,
    );
    const sse = squares / indices.length;
    const { metrics } = trained;
    expect(metrics['test.sse'] ?? 0).toBeCloseTo(sse, 4);
    expect(metrics['test.mse'] ?? 0).toBeCloseTo(sse / 16, 6);
    expect(metrics['test.loss.mse'] ?? 0).toBeCloseTo(sse / 16 / std ** 2, 5);
    expect(metrics['test.loss.kl_sparsity'] ?? 0).toBeCloseTo(kl, 6);
    expect(metrics['test.loss'] ?? 0).toBeCloseTo(sse / 16 / std ** 2 + 0.5 * kl, 5);
  });

  it('depends neither on the seed nor on the size of the training batches', async () => {
    const noisy = (batch: number) => `
      data digits(take=32, validation=16, test=48) { random_crop(8) }
      corrupt salt_and_pepper(0.2)
      encoder { dropout(0.3)  code: dense(4, activation=sigmoid) }
      loss mse(reduction=sum) + kl_sparsity(rho=0.1) + 0.1 * l1(reduction=batchmean, on=code)
      train sgd(lr=1e-30) { epochs = 1  batch = ${batch} }`;
    const network = networkOf(experimentOf(noisy(16)), builtinWords);
    const start = initialWeights(network, 7);
    const evaluated = async (seed: number, batch: number) => {
      const { metrics } = await train(noisy(batch), { seed, init: start });
      return Object.entries(metrics).filter(([name]) => /^(test|validation)\./.test(name));
    };
    const expected = await evaluated(1, 16);
    expect(expected.length).toBe(12);
    expect(await evaluated(2, 16)).toEqual(expected);
    expect(await evaluated(1, 8)).toEqual(expected);
  });
});
