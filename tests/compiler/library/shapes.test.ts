import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { realLine } from '../../../src/compiler/ir/interval.js';
import { elementCount, type Shape, sameShape } from '../../../src/compiler/ir/shape.js';
import { inputReference } from '../../../src/compiler/ir/value.js';
import { ok, type Result } from '../../../src/compiler/library/word.js';
import { add } from '../../../src/words/layer/add.js';
import { batchNorm } from '../../../src/words/layer/batch_norm.js';
import { batchTopk } from '../../../src/words/layer/batch_topk.js';
import { concat } from '../../../src/words/layer/concat.js';
import { condition } from '../../../src/words/layer/condition.js';
import { countDead } from '../../../src/words/layer/count_dead.js';
import { dense } from '../../../src/words/layer/dense.js';
import { flatten } from '../../../src/words/layer/flatten.js';
import { gated } from '../../../src/words/layer/gated.js';
import { gaussianHead } from '../../../src/words/layer/gaussian_head.js';
import { groupNorm } from '../../../src/words/layer/group_norm.js';
import { jumpRelu } from '../../../src/words/layer/jump_relu.js';
import { l0Controller } from '../../../src/words/layer/l0_controller.js';
import { layerNorm } from '../../../src/words/layer/layer_norm.js';
import { learned } from '../../../src/words/layer/learned.js';
import { postBias, preBias } from '../../../src/words/layer/pre_bias.js';
import { reparameterize } from '../../../src/words/layer/reparameterize.js';
import { reshape } from '../../../src/words/layer/reshape.js';
import { binarize } from '../../../src/words/transform/binarize.js';
import { centerCrop } from '../../../src/words/transform/center_crop.js';
import { flip } from '../../../src/words/transform/flip.js';
import { minMax } from '../../../src/words/transform/min_max.js';
import { normalize } from '../../../src/words/transform/normalize.js';
import { pad } from '../../../src/words/transform/pad.js';
import { randomCrop } from '../../../src/words/transform/random_crop.js';
import { resize } from '../../../src/words/transform/resize.js';
import { scale } from '../../../src/words/transform/scale.js';
import { standardize } from '../../../src/words/transform/standardize.js';
import { builtinWords } from '../../../src/words/words.js';
import { convolutionRules } from './convolution-rules.js';
import { argumentsOf, wordValue } from './word-value.js';

const size = fc.integer({ min: 1, max: 40 });
const image: fc.Arbitrary<Shape> = fc.tuple(size, size, size);
const features: fc.Arbitrary<Shape> = fc.tuple(size);
const anyShape = fc.oneof(image, features);
const activations = builtinWords.words.flatMap((w) => (w.family === 'layer' && w.activation ? [w.name] : []));
const torch = wordValue('initializer', 'torch');

/** One number for each value, whatever the shape. */
function expectBiases(
  weights: ReturnType<typeof preBias.weights>,
  shapes: readonly unknown[],
  opposite: unknown,
): void {
  expect(shapes).toEqual([ok([24])]);
  expect(weights).toEqual({
    value: { shape: [24], trainable: true, initial: { kind: 'constant', value: 0.5 } },
  });
  expect(opposite).toEqual(ok(null));
}

/** The rule for the shapes of each layer, by its word. */
const layerRules: Readonly<Record<string, () => void>> = {
  dense() {
    fc.assert(
      fc.property(size, features, fc.boolean(), (units, input, bias) => {
        const args = { features: units, activation: null, bias, init: torch, frozen: false, constraint: null };
        expect(dense.shape(args, input, {})).toEqual(ok([units]));
        const weights = dense.weights(args, input);
        expect(weights.weight?.shape).toEqual([units, input[0]]);
        expect(weights.bias?.shape).toEqual(bias ? [units] : undefined);
      }),
    );
    fc.assert(
      fc.property(image, (input) => {
        const args = { features: 3, activation: null, bias: true, init: torch, frozen: false, constraint: null };
        expect(dense.shape(args, input, {})).toMatchObject({ ok: false, problem: { code: 'AE402' } });
      }),
    );
  },
  flatten() {
    fc.assert(
      fc.property(anyShape, (input) => void expect(flatten.shape({}, input, {})).toEqual(ok([elementCount(input)]))),
    );
  },
  reshape() {
    fc.assert(
      fc.property(size, size, size, anyShape, (c, h, w, other) => {
        const shape = [c, h, w];
        const count = c * h * w;
        expect(reshape.shape({ shape }, [count], {})).toEqual(ok(shape));
        expect(reshape.shape({ shape: [count] }, shape, {})).toEqual(ok([count]));
        expect(reshape.shape({ shape }, other, {}).ok).toBe(elementCount(other) === count);
      }),
    );
    expect(reshape.shape({ shape: [2, 3] }, [6], {})).toEqual(ok([2, 3]));
    expect(reshape.shape({ shape: [1, 2, 3, 1] }, [6], {})).toMatchObject({ ok: false, problem: { code: 'AE402' } });
  },
  ...convolutionRules,
  batch_norm() {
    fc.assert(
      fc.property(anyShape, (input) => {
        const args = { momentum: 0.1, eps: 1e-5, frozen: false };
        expect(batchNorm.shape(args, input, {})).toEqual(ok(input));
        const weights = Object.entries(batchNorm.weights(args, input));
        expect(weights.map(([name, { shape, trainable }]) => [name, shape, trainable])).toEqual([
          ['weight', [input[0]], true],
          ['bias', [input[0]], true],
          ['running_mean', [input[0]], false],
          ['running_var', [input[0]], false],
        ]);
      }),
    );
  },
  layer_norm() {
    fc.assert(
      fc.property(anyShape, (input) => {
        expect(layerNorm.shape({ eps: 1e-5, frozen: false }, input, {})).toEqual(ok(input));
        const { weight, bias } = layerNorm.weights({ eps: 1e-5, frozen: false }, input);
        expect([weight?.shape, bias?.shape]).toEqual([input, input]);
      }),
    );
  },
  group_norm() {
    fc.assert(
      fc.property(anyShape, fc.integer({ min: 1, max: 6 }), (input, groups) => {
        const args = { groups, eps: 1e-5, frozen: false };
        const shape = groupNorm.shape(args, input, {});
        if ((input[0] ?? 1) % groups > 0)
          return void expect(shape).toMatchObject({ ok: false, problem: { code: 'AE402', argument: 'groups' } });
        expect(shape).toEqual(ok(input));
        const { weight, bias } = groupNorm.weights(args, input);
        expect([weight?.shape, bias?.shape]).toEqual([[input[0]], [input[0]]]);
      }),
    );
  },
  add() {
    const named = (output: Shape) => ({
      from: [{ word: 'dense', arguments: {}, input: [1], output, range: realLine }],
    });
    fc.assert(
      fc.property(anyShape, anyShape, anyShape, (input, other, skipped) => {
        const args = { from: inputReference };
        expect(add.shape(args, input, {}, named(input))).toEqual(ok(input));
        expect(add.shape(args, input, {}, named(other)).ok).toBe(sameShape(input, other));
        expect(add.shape(args, input, { shortcut: input }, named(skipped))).toEqual(ok(input));
        expect(add.shape(args, input, { shortcut: other }, named(input)).ok).toBe(sameShape(input, other));
      }),
    );
  },
  concat() {
    const named = (...shapes: readonly Shape[]) => ({
      from: shapes.map((output) => ({ word: 'dense', arguments: {}, input: [1], output, range: realLine })),
    });
    const args = { from: [inputReference] };
    fc.assert(
      fc.property(anyShape, size, size, size, (input, more, most, other) => {
        const [own = 0, ...sides] = input;
        const joined = concat.shape(args, input, {}, named([more, ...sides], [most, ...sides]));
        expect(joined).toEqual(ok([own + more + most, ...sides]));
        const unequal = sides.length === 0 ? [more, 3, 3] : [more, ...sides.map((side) => side + other)];
        expect(concat.shape(args, input, {}, named([more, ...sides], unequal))).toMatchObject({
          problem: { code: 'AE402', argument: 'from' },
        });
      }),
    );
    expect(concat.opposite(args, { input: [2], output: [4], tied: false })).toMatchObject({
      problem: { code: 'AE505' },
    });
  },
  condition() {
    fc.assert(
      fc.property(anyShape, fc.integer({ min: 1, max: 12 }), (input, classes) => {
        const [first = 0, ...others] = input;
        const args = { on: 'label', columns: null, embedding: null, frozen: false } as const;
        expect(condition.shape(args, input, {}, {}, { classes, conditions: [] })).toEqual(
          ok([first + classes, ...others]),
        );
        expect(condition.shape(args, input, {}, {})).toMatchObject({ ok: false, problem: { code: 'AE526' } });
      }),
    );
  },
  reparameterize() {
    fc.assert(
      fc.property(anyShape, anyShape, anyShape, (input, mu, logvar) => {
        expect(reparameterize.shape({}, input, { mu, logvar: mu })).toEqual(ok(mu));
        expect(reparameterize.shape({}, input, { mu, logvar }).ok).toBe(sameShape(mu, logvar));
      }),
    );
    const features = { input: [400], output: [20] };
    expect(reparameterize.opposite({}, { ...features, tied: false })).toEqual(
      ok({ word: 'dense', arguments: { features: 400 }, reference: null }),
    );
    expect(reparameterize.opposite({}, { ...features, tied: true })).toMatchObject({ problem: { code: 'AE505' } });
  },
  gaussian_head() {
    fc.assert(
      fc.property(anyShape, anyShape, anyShape, (input, mu, logvar) => {
        expect(gaussianHead.shape({}, input, { mu, logvar: mu })).toEqual(ok(mu));
        expect(gaussianHead.shape({}, input, { mu, logvar: [1] })).toEqual(ok(mu));
        const fits = [1, elementCount(mu)].includes(elementCount(logvar));
        expect(gaussianHead.shape({}, input, { mu, logvar }).ok).toBe(fits);
      }),
    );
    expect(gaussianHead.opposite({}, { input: [2], output: [4], tied: false })).toMatchObject({
      problem: { code: 'AE505' },
    });
  },
  pre_bias() {
    const args = { init: 0.5, start: null, frozen: false };
    const [input, at] = [[2, 3, 4], { input: [24], output: [24], tied: true }];
    expectBiases(preBias.weights(args, input), [preBias.shape(args, input, {})], preBias.opposite(args, at));
    for (const start of ['mean', 'geometric_median'] as const) {
      expect(preBias.weights({ ...args, start }, [3])).toMatchObject({
        value: { initial: { kind: 'center', center: start } },
      });
    }
  },
  post_bias() {
    const args = { init: 0.5, frozen: false };
    const [input, at] = [[2, 3, 4], { input: [24], output: [24], tied: true }];
    expectBiases(postBias.weights(args, input), [postBias.shape(args, input, {})], postBias.opposite(args, at));
  },
  batch_topk() {
    const args = { k: 3, momentum: 0.1, frozen: false };
    expect(batchTopk.shape(args, [3], {})).toEqual(ok([3]));
    expect(batchTopk.shape(args, [2], {})).toMatchObject({ problem: { code: 'AE402', argument: 'k' } });
    expect(batchTopk.weights(args, [3])).toEqual({
      threshold: { shape: [1], trainable: false, initial: { kind: 'constant', value: -1 } },
    });
    expect(batchTopk.opposite(args, { input: [3], output: [3], tied: false })).toEqual(ok(null));
  },
  jump_relu() {
    const args = { threshold: 1, bandwidth: 0.1, frozen: false };
    expect(jumpRelu.shape(args, [2, 3, 3], {})).toEqual(ok([18]));
    expect(jumpRelu.weights(args, [3])).toEqual({
      log_threshold: { shape: [3], trainable: true, initial: { kind: 'constant', value: 0 } },
    });
    expect(jumpRelu.opposite(args, { input: [3], output: [3], tied: false })).toEqual(ok(null));
  },
  gated() {
    expect(gated.shape({ frozen: false }, [2, 3, 3], {})).toEqual(ok([18]));
    const zeros = { shape: [3], trainable: true, initial: { kind: 'constant', value: 0 } };
    expect(gated.weights({ frozen: false }, [3])).toEqual({
      gate_bias: zeros,
      magnitude_bias: zeros,
      log_scale: zeros,
    });
    expect(gated.opposite({ frozen: false }, { input: [3], output: [3], tied: false })).toEqual(ok(null));
  },
  count_dead() {
    const args = { steps: 5, frozen: false };
    expect(countDead.shape(args, [2, 3, 3], {})).toEqual(ok([18]));
    expect(countDead.weights(args, [3])).toEqual({
      idle: { shape: [3], trainable: false, initial: { kind: 'constant', value: 0 } },
    });
    expect(countDead.opposite(args, { input: [3], output: [3], tied: false })).toEqual(ok(null));
  },
  l0_controller() {
    const args = { target: 4, weight: 1, rate: 0.01, frozen: false };
    expect(l0Controller.shape(args, [2, 3, 3], {})).toEqual(ok([18]));
    expect(l0Controller.shape(args, [3], {})).toMatchObject({ problem: { code: 'AE306' } });
    const constant = (value: number) => ({ shape: [1], trainable: false, initial: { kind: 'constant', value } });
    expect(l0Controller.weights(args, [5])).toEqual({ log_weight: constant(0), active_units: constant(-1) });
    expect(l0Controller.opposite(args, { input: [5], output: [5], tied: false })).toEqual(ok(null));
  },
  learned() {
    const args = { features: 3, init: -2, frozen: false };
    fc.assert(fc.property(anyShape, (input) => void expect(learned.shape(args, input, {})).toEqual(ok([3]))));
    expect(learned.weights(args, [2])).toEqual({
      value: { shape: [3], trainable: true, initial: { kind: 'constant', value: -2 } },
    });
    expect(learned.opposite(args, { input: [2], output: [3], tied: false })).toMatchObject({
      problem: { code: 'AE505' },
    });
  },
  ...Object.fromEntries(
    ['dropout', ...activations].map((name) => [
      name,
      () => {
        const word = builtinWords.find('layer', name);
        const args = argumentsOf(wordValue('layer', name));
        fc.assert(
          fc.property(anyShape, (input) => {
            expect(word?.shape(args, input, {})).toEqual(ok(input));
            expect(word?.weights(args, input)).toEqual({});
          }),
        );
      },
    ]),
  ),
};

const crop = (word: typeof randomCrop | typeof centerCrop) => () => {
  fc.assert(
    fc.property(image, size, size, (input, height, width) => {
      const [channels = 0, rows = 0, columns = 0] = input;
      const cropped = word.shape({ size: [height, width] }, input);
      const fits = height <= rows && width <= columns;
      if (fits) expect(cropped).toEqual(ok([channels, height, width]));
      else expect(cropped).toMatchObject({ ok: false, problem: { code: 'AE403', argument: 'size' } });
    }),
  );
  expect(word.shape({ size: [1, 1] }, [100])).toMatchObject({ ok: false, problem: { code: 'AE403' } });
};
const kept = (shapeOf: (input: Shape) => Result<Shape>) => () => {
  fc.assert(fc.property(anyShape, (input) => void expect(shapeOf(input)).toEqual(ok(input))));
};

/** The same of each transform. */
const transformRules: Readonly<Record<string, () => void>> = {
  random_crop: crop(randomCrop),
  center_crop: crop(centerCrop),
  resize() {
    fc.assert(
      fc.property(image, size, size, (input, height, width) => {
        const resized = resize.shape({ size: [height, width], method: 'area' }, input);
        expect(resized).toEqual(ok([input[0], height, width]));
      }),
    );
    expect(resize.shape({ size: [2, 2], method: 'area' }, [4])).toMatchObject({ problem: { code: 'AE403' } });
  },
  pad() {
    const added = fc.integer({ min: 0, max: 8 });
    const mode = fc.constantFrom('constant' as const, 'reflect' as const, 'edge' as const);
    fc.assert(
      fc.property(image, added, added, mode, (input, rows, columns, mode) => {
        const [channels = 0, height = 0, width = 0] = input;
        const shape = pad.shape({ size: [rows, columns], mode, value: 0 }, input);
        if (mode === 'reflect' && (rows >= height || columns >= width))
          return void expect(shape).toMatchObject({ ok: false, problem: { code: 'AE403', argument: 'size' } });
        expect(shape).toEqual(ok([channels, height + 2 * rows, width + 2 * columns]));
      }),
    );
    expect(pad.shape({ size: [1, 1], mode: 'edge', value: 0 }, [4])).toMatchObject({ problem: { code: 'AE403' } });
  },
  flip() {
    const args = { horizontal: 0.5, vertical: 0 };
    fc.assert(fc.property(image, (input) => void expect(flip.shape(args, input)).toEqual(ok(input))));
    expect(flip.shape(args, [4])).toMatchObject({ problem: { code: 'AE403' } });
  },
  standardize: kept((input) => standardize.shape({}, input)),
  min_max: kept((input) => minMax.shape({ low: 0, high: 1, clip: true }, input)),
  normalize: kept((input) => normalize.shape({ mean: 0, std: 1 }, input)),
  scale: kept((input) => scale.shape({ low: 0, high: 2 }, input)),
  binarize: kept((input) => binarize.shape({ threshold: 0.5, stochastic: false }, input)),
};

describe.each([
  ['layer', layerRules],
  ['transform', transformRules],
] as const)('the shape rule of each %s', (family, rules) => {
  it('is stated here', () => {
    expect(builtinWords.names(family).filter((name) => !(name in rules))).toEqual([]);
  });

  it.each(Object.entries(rules))('%s', (_name, holds) => holds());
});
