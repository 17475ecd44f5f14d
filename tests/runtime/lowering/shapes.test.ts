import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { closed, type Interval } from '../../../src/compiler/ir/interval.js';
import type { Value } from '../../../src/compiler/ir/value.js';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { scoped } from '../../../src/runtime/training/scope.js';
import { builtinWords } from '../../../src/words/words.js';
import { type LayerSituation, loneLayer, numbers, sizeOf, someLayer, tensorShape } from './lone-layer.js';

const small = fc.integer({ min: 1, max: 6 });
const features = fc.tuple(small);
const image = fc.tuple(fc.integer({ min: 1, max: 3 }), small, small);
const signal = fc.tuple(small, small);
const anyShape: fc.Arbitrary<readonly number[]> = fc.oneof(features, image, signal);
const pairOf = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });

const given = (model: Readonly<Record<string, fc.Arbitrary<Value>>>) => fc.record(model);
const on = (input: fc.Arbitrary<readonly number[]>, args: fc.Arbitrary<Record<string, Value>>) =>
  fc.record({ input, given: args });
const plain = on(anyShape, fc.constant({}));
const elementwise = (model: Readonly<Record<string, fc.Arbitrary<Value>>> = {}) => on(anyShape, given(model));
const window = { kernel: pairOf(1, 3), stride: pairOf(1, 3), padding: pairOf(0, 1) };
const along = {
  kernel: fc.integer({ min: 1, max: 3 }),
  stride: fc.integer({ min: 1, max: 3 }),
  padding: fc.nat(1),
  dilation: fc.integer({ min: 1, max: 3 }),
  groups: fc.constantFrom(1, 1, 2, 3),
};
const connections = { dilation: pairOf(1, 3), groups: fc.constantFrom(1, 1, 2, 3) };

/** Situations of every layer; those that its shape rule refuses are left out. */
const situations: Readonly<Record<string, fc.Arbitrary<LayerSituation>>> = {
  ...Object.fromEntries(
    builtinWords.byFamily.layer
      .filter((word) => word.activation && Object.keys(word.parameters).length === 0)
      .map(({ name }) => [name, plain]),
  ),
  dense: on(features, given({ features: small, bias: fc.boolean() })),
  batch_topk: on(features, given({ k: small, momentum: number(0, 1), frozen: fc.boolean() })),
  jump_relu: on(features, given({ threshold: number(0.001, 1), bandwidth: number(0.001, 1), frozen: fc.boolean() })),
  gated: on(features, given({ frozen: fc.boolean() })),
  count_dead: on(features, given({ steps: small, frozen: fc.boolean() })),
  l0_controller: on(
    features,
    given({ target: small, weight: number(0.001, 1), rate: number(0.001, 1), frozen: fc.boolean() }),
  ),
  pre_bias: on(features, given({})),
  post_bias: on(features, given({})),
  topk: on(anyShape, given({ k: small })),
  abs_topk: on(anyShape, given({ k: small })),
  flatten: plain,
  reshape: image.chain((shape) => on(fc.constantFrom([sizeOf(shape)], shape), given({ shape: fc.constant(shape) }))),
  add: anyShape.map((input) => ({ given: { from: someLayer }, input, joined: input })),
  concat: fc
    .oneof(
      fc.record({ input: features, joined: features }),
      fc
        .record({ input: image, channels: small })
        .map(({ input, channels }) => ({ input, joined: [channels, ...input.slice(1)] })),
    )
    .map((shapes) => ({ given: { from: [someLayer, someLayer] }, ...shapes })),
  dropout: on(anyShape, given({ p: number(0, 0.9) })),
  leaky_relu: elementwise({ slope: number(0, 1) }),
  elu: elementwise({ alpha: number(0, 3) }),
  gelu: elementwise({ approximate: fc.constantFrom('none', 'tanh') }),
  softplus: elementwise({ beta: number(0.1, 4), threshold: number(0, 20) }),
  conv2d: on(image, given({ channels: small, bias: fc.boolean(), ...window, ...connections })),
  conv_transpose2d: on(
    image,
    given({ channels: small, bias: fc.boolean(), output_padding: pairOf(0, 2), ...window, ...connections }),
  ),
  conv1d: on(signal, given({ channels: small, bias: fc.boolean(), ...along })),
  conv_transpose1d: on(signal, given({ channels: small, bias: fc.boolean(), output_padding: fc.nat(2), ...along })),
  max_pool2d: on(image, given(window)),
  avg_pool2d: on(image, given(window)),
  unpool2d: fc
    .record({ outer: image, kernel: pairOf(1, 3) })
    .map(({ outer: [channels, height, width], kernel }) => ({
      given: { from: someLayer },
      input: [channels, Math.floor(height / kernel[0]), Math.floor(width / kernel[1])],
      pool: { given: { kernel }, input: [channels, height, width] },
    }))
    .filter(({ input }) => input.every((n) => n > 0)),
  upsample2d: fc.oneof(on(image, given({ factor: pairOf(1, 3) })), on(image, given({ size: pairOf(1, 9) }))),
  batch_norm: on(anyShape, given({ momentum: number(0.01, 1), frozen: fc.boolean() })),
  layer_norm: plain,
  group_norm: on(anyShape, given({ groups: small })),
  condition: on(
    anyShape,
    given({ on: fc.constant('label'), columns: fc.constant(null), embedding: fc.constantFrom(null, 1, 4) }),
  ),
  reparameterize: fc.record({ input: anyShape, head: anyShape }),
  gaussian_head: fc.record({ input: anyShape, head: anyShape }),
  learned: on(anyShape, given({ features: small, frozen: fc.boolean() })),
};

const inputs: fc.Arbitrary<Interval> = fc.constantFrom(closed(-3, 3), closed(0, 1), closed(-1, 1), closed(0.5, 2));

/** In single precision an end of the range is only met to the last bits. */
const rounding = 1e-5;

const among = (key: string, range: Interval): Interval => {
  if (key === 'input') return range;
  return key === 'running_var' ? closed(0.5, 2) : key === 'classes' ? closed(0, 1) : closed(-1, 1);
};

beforeAll(async () => {
  await chooseBackend('cpu');
});

describe('what a layer gives has the shape and the range that its word declares', () => {
  it('for every layer there is', () => {
    expect(builtinWords.names('layer').filter((name) => !(name in situations))).toEqual([]);
  });

  it.each(Object.keys(situations))('%s', (name) => {
    fc.assert(
      fc.property(
        situations[name] ?? fc.constant({ input: [1] }),
        inputs,
        small,
        fc.boolean(),
        (situation, range, batch, training) => {
          const layer = loneLayer(name, situation);
          fc.pre(layer !== null);
          scoped(() => {
            const tensors = new Map(
              [...layer.shapes(batch)].map(([key, shape], i): readonly [string, Tensor] => {
                const { low, high } = among(key, range);
                return [key, tensor([...numbers(i, sizeOf(shape), low, high)], [...shape], 'float32')];
              }),
            );
            const output = layer.forward(tensors, { training });
            expect(output.shape).toEqual(tensorShape(layer.output, batch));
            const declared = layer.range(range);
            const values = output.dataSync();
            const scale = Math.max(1, ...values.map(Math.abs));
            for (const value of values) {
              expect(value).toBeGreaterThanOrEqual(declared.low - rounding * scale);
              expect(value).toBeLessThanOrEqual(declared.high + rounding * scale);
            }
          });
        },
      ),
      { numRuns: 40 },
    );
  });
});
