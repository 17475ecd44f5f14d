import { expect, it } from 'vitest';
import { compileStatements } from './library/statements.js';

const good = 'h: dense(8, activation=relu)  code: count_dead(steps=2)';

const outcome = ({ encoder = good, decoder = 'dense(input.size)', more = '', rule = 'every=2' }) =>
  compileStatements(
    `data digits(take=64) { center_crop(12) }  ${more}  encoder { ${encoder} }  decoder { ${decoder} }
     loss mse()  train adam() { epochs = 1  batch = 16  resample = dead_units(${rule}) }`,
  ).diagnostics.map(({ code, severity, message }) => [code, severity, message]);

const anew = "dead units can't start anew here: ";

it('units start anew where counters, one matrix of the input and one of the output are', () => {
  const pre = 'dense(input.size, bias=false)';
  for (const activation of ['relu()', 'topk(2)', 'batch_topk(2)', 'jump_relu()']) {
    const encoder = `pre_bias()  h: dense(8)  ${activation}  code: count_dead(steps=2)`;
    expect(outcome({ encoder, decoder: pre })).toEqual([]);
  }
  expect(outcome({})).toEqual([]);
});

it.each([
  ['code: dense(8, activation=relu)', 'the encoder ends in relu, which counts no dead units'],
  ['dense(8)  code: count_dead(steps=2)', 'below count_dead is no activation of a dense layer'],
  ['dense(8)  relu()  dropout(0.1)  code: count_dead(steps=2)', 'below count_dead is no activation of a dense layer'],
  [
    'dense(8, activation=relu, frozen=true)  code: count_dead(steps=2)',
    'below count_dead is a dense that is frozen or shares its weights',
  ],
  [
    'dense(20)  dense(8, activation=relu)  code: count_dead(steps=2)',
    'below the units is dense, so that an example is none of their directions',
  ],
])('%s: %s', (encoder, message) => {
  expect(outcome({ encoder })).toContainEqual(['AE533', 'error', anew + message]);
});

it('the decoder is one matrix of its own, of the input', () => {
  const encoder = 'h: dense(8, activation=relu)  code: count_dead(steps=2)';
  expect(outcome({ encoder, decoder: 'dense(9, activation=relu)  dense(input.size)' })).toEqual([
    ['AE533', 'error', `${anew}the decoder is dense, relu, dense, reshape`],
  ]);
  expect(outcome({ encoder, decoder: 'dense(input.size, frozen=true)' })).toEqual([
    ['AE533', 'error', `${anew}the decoder is a dense that is frozen or shares its weights, reshape`],
  ]);
  expect(outcome({ encoder, more: 'target digits() { center_crop(12) }' })).toEqual([
    ['AE533', 'error', `${anew}an example is no direction of another target`],
  ]);
});

it('a rule that is never due is warned of', () => {
  expect(outcome({ rule: 'every=3', encoder: good })).toEqual([]);
  expect(outcome({ rule: 'every=4' })).toEqual([
    ['AE533', 'warning', "no unit ever starts anew: 'every' is 4, and the training has 4 steps"],
  ]);
  expect(outcome({ rule: 'every=3, until=2' })).toEqual([
    ['AE533', 'warning', "no unit ever starts anew: 'every' is 3, and 'until' is 2"],
  ]);
});
