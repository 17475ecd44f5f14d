import { beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { fileWorld } from '../../src/project/world.js';
import { chooseBackend } from '../../src/runtime/backend/choose.js';
import { drawActivations } from '../../src/runtime/datasets/drawn-rows.js';
import { split } from '../../src/runtime/datasets/split.js';
import { drawnDataset } from '../../src/runtime/datasets/synth/drawn-dataset.js';
import type { WorldSpec } from '../../src/runtime/datasets/synth/spec.js';
import { worldOf } from '../../src/runtime/datasets/synth/world.js';
import { completed } from '../../src/runtime/evaluation/work.js';
import { networkOf } from '../../src/runtime/lowering/network-of-experiment.js';
import { initialWeights } from '../../src/runtime/training/initial-weights.js';
import { Model } from '../../src/trial/model.js';
import { directionsOf, truthOf } from '../../src/trial/recovered-features.js';
import { builtinWords } from '../../src/words/words.js';

beforeAll(async () => {
  await chooseBackend('cpu');
});

describe('the directions of units', () => {
  it.each([
    ['with a bias', 'encoder { code: dense(3) }  decoder { dense(input.size) }'],
    [
      'with a bias that is subtracted first',
      'encoder { pre_bias()  code: dense(3) }  decoder { dense(input.size, bias=false) }',
    ],
  ])('are the columns of the decoder in raw units, %s', (_, network) => {
    const text = `experiment e {
      data synth(features=6, dim=4, take=20, test=5) { standardize() }
      ${network}
      loss mse()
      train adam() { epochs = 1 }
    }`;
    const { value } = compile({ path: 'e.ae', text }, null, { library: builtinWords, world: fileWorld() });
    if (value === null) throw new Error('it compiles');
    const columns = Float32Array.from({ length: 12 }, (__, i) => i - 5.5);
    const deviations = Float32Array.of(1, 2, 0.5, 4);
    const weights = new Map(
      [...initialWeights(networkOf(value.ir, builtinWords), 1)].map(([key, values]) => [
        key,
        values.map((x, i) => (key.endsWith('bias') ? i + 1 : x)),
      ]),
    );
    weights.set('decoder/0/weight', columns);
    weights.set('data/standardize/mean', Float32Array.of(3, 0, -1, 7));
    weights.set('data/standardize/std', deviations);
    const model = new Model(value.ir, weights, builtinWords);
    const { values, rows } = completed(directionsOf(model));
    model.dispose();
    expect(rows).toBe(3);
    for (let unit = 0; unit < 3; unit++) {
      for (let j = 0; j < 4; j++) {
        expect(values[unit * 4 + j]).toBeCloseTo((columns[j * 3 + unit] ?? 0) * (deviations[j] ?? 0), 4);
      }
    }
  });
});

describe('the truth', () => {
  const world: WorldSpec = {
    ...{ seed: 4, features: 9, dim: 5, repel: 0, exponent: 0.5, frequent: 0.5, rare: 0.2, correlation: 0, rank: 1 },
    ...{ trees: 0, children: 1, depth: 1, exclusive: true, magnitude: 1, spread: 0.1, noise: 0 },
  };
  const dataset = drawnDataset('synth', world, { train: 15, test: 4 });
  const parts = split(dataset, { take: 10, validation: 5, test: 4, shuffleSeed: null });

  it('is of the examples that are measured, of each part', () => {
    const truth = truthOf({ ...parts, dataset });
    expect(truth?.directions.values).toBe(worldOf(world).directions);
    const own = (part: 'train' | 'test', ...indices: readonly number[]) =>
      drawActivations({ world, part }, Uint32Array.from(indices));
    expect(truth?.activations('test', 1, 2).values).toEqual(own('test', 1, 2));
    expect(truth?.activations('train', 8, 2).values).toEqual(own('train', 8, 9));
    // The validation part stands in for the test part where it is measured.
    const onValidation = truthOf({ ...parts, test: parts.measuredValidation, dataset });
    expect(onValidation?.activations('test', 0, 3).values).toEqual(own('train', 10, 11, 12));
  });

  it('is not known of other data', () => {
    const { truth: _, ...others } = dataset;
    expect(truthOf({ ...parts, dataset: others })).toBeNull();
    const values = new Float32Array(15 * 5);
    const stored = { ...parts, test: { ...parts.test, part: { count: 15, values, labels: null } }, dataset };
    expect(() => truthOf(stored)?.activations('test', 0, 1)).toThrow('examples that were not drawn');
  });
});
