import { describe, expect, it } from 'vitest';
import { compileStatements, compileText, experimentText } from './compiled.js';

const hash = (statements: string) => compileStatements(statements).hash;

describe('what the content hash does not see', () => {
  const same: Record<string, readonly [string, string]> = {
    'a label': ['encoder { h1: dense(64)  code: dense(16) }', 'encoder { first: dense(64)  dense(16) }'],
    'the label in a reference': [
      'encoder { a: dense(64, activation=relu)  code: dense(16) } loss mse() + l1(on=a)',
      'encoder { b: dense(64, activation=relu)  code: dense(16) } loss mse() + l1(on=b)',
    ],
    'a comment and the layout': ['loss mse()', '// of pixels\nloss\n\n  mse( )'],
    'an argument that equals its default': [
      'train adam() { epochs = 1 }',
      'train adam(lr=0.001, beta1=0.9) { epochs = 1  shuffle = true }',
    ],
    'activation= against a layer': [
      'encoder { code: dense(16, activation=relu) }',
      'encoder { dense(16)  code: relu() }',
    ],
    'linear, written out': ['encoder { code: dense(16) }', 'encoder { dense(16, activation=linear)  code: linear() }'],
    'flatten in front of dense': ['encoder { code: dense(16) }', 'encoder { flatten()  code: dense(16) }'],
    'a param in place of its value': ['encoder { code: dense(16) }', 'param n = 8 encoder { code: dense(2 * n) }'],
    'the order of statements': ['corrupt salt(0.1) loss mse()', 'loss mse() corrupt salt(0.1)'],
    'a block of one corruption': ['corrupt salt(0.1)', 'corrupt {\n  salt(0.1)\n}'],
    'the parts of a target, which are those of the data': [
      'data mnist(take=9) target mnist()',
      'target mnist(take=9) data mnist(take=9)',
    ],
    'figures and sweeps': ['', 'show { reconstructions(8) } sweep { seeds = 3 }'],
    'how often layers are measured': [
      'train adam() { epochs = 1 }',
      'train adam() { epochs = 1  diagnostics_every = 5 }',
    ],
    'the part in the metric of a stop rule': [
      'data mnist(take=500, validation=100) train adam() { epochs = 1  stop = early(patience=2, metric="mse") }',
      'data mnist(take=500, validation=100) train adam() { epochs = 1  stop = early(patience=2, metric="validation.mse") }',
    ],
    'a term in a stop rule under the loss, and as it was once called': [
      'data mnist(take=500, validation=100) train adam() { epochs = 1  stop = early(patience=2, metric="mse_term") }',
      'data mnist(take=500, validation=100) train adam() { epochs = 1  stop = early(patience=2, metric="validation.loss.mse") }',
    ],
    'on=code': ['loss mse() + l1()', 'loss mse() + l1(on=code)'],
    'a factor against beta=': ['loss mse() + 5 * kl_sparsity(rho=0.1)', 'loss mse() + kl_sparsity(rho=0.1, beta=5)'],
    'a mirror against the decoder it makes': [
      'encoder { dense(64, activation=relu)  code: dense(16) } decoder mirror(encoder, output=linear)',
      'encoder { dense(64, activation=relu)  code: dense(16) } decoder { dense(64, activation=relu)  dense(784) }',
    ],
  };
  for (const [what, [a, b]] of Object.entries(same)) {
    it(what, () => expect(hash(a)).toBe(hash(b)));
  }

  it('the name of the experiment', () => {
    const text = experimentText('');
    expect(compileText(text).hash).toBe(compileText(text.replace('experiment example', 'experiment other')).hash);
  });
});

describe('what it sees', () => {
  const different: Record<string, readonly [string, string]> = {
    'a number': ['encoder { code: dense(16) }', 'encoder { code: dense(17) }'],
    'an activation': ['encoder { code: dense(16) }', 'encoder { code: dense(16, activation=relu) }'],
    'steps in place of epochs': ['train adam() { epochs = 2 }', 'train adam() { steps = 3750 }'],
    'the number of steps': ['train adam() { steps = 3750 }', 'train adam() { steps = 3749 }'],
    'a second corruption': ['corrupt salt(0.1)', 'corrupt { salt(0.1)  gaussian(0.1) }'],
    'the order of corruptions': ['corrupt { gaussian(0.1)  salt(0.1) }', 'corrupt { salt(0.1)  gaussian(0.1) }'],
    'a term of the loss': ['loss mse()', 'loss mse() + l1()'],
    'the order of the terms': ['loss mse() + l1()', 'loss l1() + mse()'],
    'the layer that a term looks at': [
      'encoder { a: dense(64)  code: dense(16) } loss mse() + l1(on=a)',
      'encoder { a: dense(64)  code: dense(16) } loss mse() + l1(on=code)',
    ],
    'the data': ['data mnist()', 'data digits()'],
    'a target': ['', 'target mnist()'],
    'the target': ['target fashion_mnist()', 'target mnist()'],
    'what is done to the target': ['target mnist()', 'target mnist() { scale(0, 1) }'],
    'the examples': ['data mnist(take=100)', 'data mnist(take=101)'],
    'tied weights': [
      'encoder { code: dense(16) } decoder tied(encoder, output=sigmoid)',
      'encoder { code: dense(16) } decoder mirror(encoder, output=sigmoid)',
    ],
    'a setting of the training': ['train adam() { epochs = 1 }', 'train adam() { epochs = 2 }'],
  };
  for (const [what, [a, b]] of Object.entries(different)) {
    it(what, () => expect(hash(a)).not.toBe(hash(b)));
  }
});

describe('a training that decides by losses of different weights', () => {
  const canonical = (
    settings: string,
    loss = 'mse() + warmup(1, over=5) * l1()',
    data = 'mnist(take=500, validation=100)',
  ) =>
    JSON.stringify(compileStatements(`data ${data} loss ${loss} train adam() { epochs = 10  ${settings} }`).canonical);

  it('has another identity since it compares them with the last ones', () => {
    expect(canonical('keep = best')).toContain('"decides":"final_loss"');
    expect(canonical('stop = early(patience=2)')).toContain('decides');
    expect(canonical('keep = best', 'mse() + l1()', 'mnist(take=500, validation=100)')).not.toContain('decides');
    expect(canonical('')).not.toContain('decides');
  });
});
