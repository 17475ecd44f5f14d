import { beforeAll, describe, expect, it } from 'vitest';
import { codeReference, type ExperimentIr } from '../../../src/compiler/ir/experiment.js';
import { elementCount } from '../../../src/compiler/ir/shape.js';
import { builtinLibrary } from '../../../src/compiler/library/builtin.js';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { builtinLowerings } from '../../../src/runtime/lowering/builtin.js';
import { examplesOf } from '../../../src/runtime/training/examples-of-data.js';
import { Model } from '../../../src/runtime/training/model.js';
import { digitsOf, experimentOf, type Trained, trainOn } from './trial.js';

const data = 'data digits(take=64, test=520) { center_crop(12)  normalize(mean=0.2, std=0.3) }';
const once = 'train adam(lr=0.01) { epochs = 2  batch = 16 }';

interface Used {
  readonly experiment: ExperimentIr;
  readonly trained: Trained;
  readonly model: Model;
  /** The test part as the network sees it. */
  readonly inputs: Float32Array;
  readonly targets: Float32Array;
}

async function used(statements: string): Promise<Used> {
  const experiment = experimentOf(`${statements} ${once}`);
  const split = digitsOf(experiment);
  const trained = await trainOn(split, experiment);
  const weights = new Map(trained.weights.map(({ key, values }) => [key, values]));
  const examples = examplesOf(experiment, split, 1, builtinLibrary);
  const time = { epoch: 2, step: 8, epochs: 2, steps: 8 };
  const { input, target } = examples.evaluationBatch('test', 0, examples.count('test'), time);
  const model = new Model(experiment, weights, builtinLowerings, builtinLibrary);
  return { experiment, trained, model, inputs: input, targets: target };
}

/** Per example, in raw units. */
function squaredError({ model, inputs, targets }: Used, std: number): number {
  const [reconstruction] = model.apply(inputs, ['reconstruction']);
  const total = targets.reduce((sum, t, i) => sum + (t - (reconstruction?.elements[i] ?? Number.NaN)) ** 2, 0);
  return (total * std * std * elementCount(model.inputShape)) / targets.length;
}

beforeAll(async () => {
  await chooseBackend('cpu');
});

describe('a model', () => {
  const dense = `${data} encoder { dropout(0.2)  dense(9, activation=relu)  code: dense(4) } loss mse()`;

  it('reconstructs as the test at the end of its trial did, dropout and all', async () => {
    const it = await used(`${dense} decoder { dense(input.size) }`);
    expect(squaredError(it, 0.3)).toBeCloseTo(it.trained.metrics['test.sse'] ?? Number.NaN, 4);
    it.model.dispose();
  });

  it('decodes a code to its reconstruction', async () => {
    const { model, experiment, inputs } = await used(`${dense} decoder { dense(input.size, activation=tanh) }`);
    const [reconstruction, code] = model.apply(inputs, ['reconstruction', codeReference(experiment)]);
    expect(code?.shape).toEqual([4]);
    expect(model.codeShape).toEqual([4]);
    expect(model.decode(code?.elements ?? new Float32Array())).toEqual(reconstruction);
    model.dispose();
  });

  it('gives images channel by channel, and each example what it gives alone', async () => {
    const { model, inputs } = await used(
      `${data} encoder { a: conv2d(3, kernel=3, stride=2, padding=1, activation=relu)  code: conv2d(2, kernel=3, padding=1) }
       decoder { conv_transpose2d(1, kernel=4, stride=2, padding=1) } loss mse()`,
    );
    const first = { kind: 'layer', block: 'encoder', index: 0, head: null } as const;
    const [all] = model.apply(inputs, [first]);
    const [alone] = model.apply(inputs.slice(510 * 144, 511 * 144), [first]);
    expect(all?.shape).toEqual([3, 6, 6]);
    expect(all?.elements.slice(510 * 108, 511 * 108)).toEqual(alone?.elements);
    model.dispose();
  });

  it('of bce_with_logits reconstructs probabilities', async () => {
    const it = await used(
      'data digits(take=64, test=40) { center_crop(12) } encoder { code: dense(4) } decoder { dense(input.size) } loss bce_with_logits()',
    );
    const [reconstruction] = it.model.apply(it.inputs, ['reconstruction']);
    expect(reconstruction?.elements.every((p) => p > 0 && p < 1)).toBe(true);
    expect(squaredError(it, 1)).toBeCloseTo(it.trained.metrics['test.sse'] ?? Number.NaN, 4);
    it.model.dispose();
  });

  it('of latent variables takes their means, as the error of the test does; the loss of the test draws them', async () => {
    const it = await used(
      `data digits(take=64, test=520) { center_crop(12) }
       encoder { dense(9, activation=relu)  z: reparameterize { mu: dense(3)  logvar: dense(3) } }
       decoder { dense(input.size, activation=sigmoid) } loss bce(reduction=sum) + kl_gaussian()`,
    );
    const z = { ...codeReference(it.experiment) };
    const [code, mu] = it.model.apply(it.inputs, [z, { ...z, head: 'mu' }]);
    expect(code?.elements).toEqual(mu?.elements);
    expect(squaredError(it, 1)).toBeCloseTo(it.trained.metrics['test.sse'] ?? Number.NaN, 4);
    const [reconstruction] = it.model.apply(it.inputs, ['reconstruction']);
    const atMean = it.targets.reduce((sum, t, i) => {
      const y = reconstruction?.elements[i] ?? Number.NaN;
      return sum - t * Math.log(y) - (1 - t) * Math.log(1 - y);
    }, 0);
    expect(Math.abs((it.trained.metrics['test.bce'] ?? 0) - atMean / 520)).toBeGreaterThan(1e-3);
    it.model.dispose();
  });

  it('refuses half an example and a layer that is not there', async () => {
    const { model, inputs } = await used(`${dense} decoder { dense(input.size) }`);
    expect(() => model.apply(inputs.slice(0, 100), ['reconstruction'])).toThrow(RangeError);
    expect(() => model.apply(inputs, [{ kind: 'layer', block: 'decoder', index: 9, head: null }])).toThrow(
      "'decoder/9'",
    );
    model.dispose();
  });
});
