import { type Tensor, tensor, zeros } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { LayerReference } from '../../../src/compiler/ir/value.js';
import { inputReference } from '../../../src/compiler/ir/value.js';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { networkOf } from '../../../src/runtime/lowering/network-of-experiment.js';
import { lossContext, objectiveOf } from '../../../src/runtime/lowering/objective.js';
import { builtinWords } from '../../../src/words/words.js';
import { compileStatements } from '../../compiler/library/statements.js';

beforeAll(async () => {
  await chooseBackend('cpu');
});

const layer = (block: LayerReference['block'], index: number): LayerReference => ({
  kind: 'layer',
  block,
  index,
  head: null,
});

/** What a term of the loss is given in a network whose weights are all different. */
function given(encoder: string, decoder: string) {
  const { value } = compileStatements(
    `data digits() { center_crop(4) }  encoder { ${encoder} }  decoder { ${decoder} }  loss mse()`,
  );
  if (!value) throw new Error('the experiment has errors');
  const network = networkOf(value.ir, builtinWords);
  const weights = new Map(network.weights.map(({ key, shape }) => [key, zeros([...shape])] satisfies [string, Tensor]));
  const [term] = objectiveOf(value.ir.loss, builtinWords);
  if (!term) throw new Error('the experiment has no loss');
  const nothing = tensor([0]);
  const activations = {
    output: nothing,
    of: () => nothing,
    look: <R>(_key: string, use: (t: Tensor) => R) => use(nothing),
  };
  const context = lossContext(
    term,
    { network, activations, weights, clean: nothing, target: nothing },
    { epoch: 0, step: 0, epochs: 1, steps: 1 },
  );
  const nameOf = (wanted: Tensor) => [...weights].find(([, tensor]) => tensor === wanted)?.[0];
  const end = layer('decoder', value.ir.decoder.length - 1);
  return { context, nameOf, end };
}

it('the biases of an output are those of its matrix, and of pre_bias', () => {
  const { context, nameOf, end } = given('pre_bias()  code: dense(3)', 'dense(input.size)');
  expect(context.biases(end).map(nameOf)).toEqual(['encoder/0/value', 'decoder/0/bias']);
  const tied = given('pre_bias()  code: dense(3)', 'dense(5)  relu()  dense(input.size, bias=false)');
  expect(tied.context.biases(tied.end).map(tied.nameOf)).toEqual(['encoder/0/value']);
});

it('what is below a layer is the layer before it, across blocks, or the input', () => {
  const { context, nameOf, end } = given('dense(3)  code: jump_relu(bandwidth=0.5)', 'dense(input.size)');
  // The image is flattened first.
  expect(context.below(layer('encoder', 2))).toEqual(layer('encoder', 1));
  expect(context.below(layer('encoder', 0))).toEqual(inputReference);
  expect(context.below(layer('decoder', 0))).toEqual(layer('encoder', 2));
  expect(context.argumentsOf(layer('encoder', 2))).toMatchObject({ bandwidth: 0.5 });
  expect(nameOf(context.weight(layer('encoder', 2), 'log_threshold'))).toBe('encoder/1/log_threshold');
  expect(nameOf(context.weight(end, 'weight'))).toBe('decoder/0/weight');
  expect(nameOf(context.weight(layer('encoder', 2), 'weight'))).toBe('encoder/0/weight');
  expect(() => context.weight(end, 'nothing')).toThrow(RangeError);
});
