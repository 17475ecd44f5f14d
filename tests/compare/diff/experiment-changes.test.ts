import { describe, expect, it } from 'vitest';
import { changeText } from '../../../src/compare/diff/change.js';
import { experimentChanges } from '../../../src/compare/diff/experiment-changes.js';
import { builtinWords } from '../../../src/words/words.js';
import { compileStatements, compileText, experimentText } from '../../compiler/compiled.js';

/** What is said of two texts. */
function changes(before: string, after: string): readonly string[] {
  return experimentChanges(compileStatements(before), compileStatements(after), builtinWords).map(changeText);
}

describe('what counts is said in the terms of the text', () => {
  const cases: Record<string, readonly [before: string, after: string, said: readonly string[]]> = {
    'a size': ['encoder { code: dense(100) }', 'encoder { code: dense(300) }', ['encoder.code: dense 100 → 300']],
    'a size, by its param': [
      'param hidden = 100 encoder { code: dense(hidden) }',
      'param hidden = 300 encoder { code: dense(hidden) }',
      ['encoder.code: dense 100 → 300 (param hidden)'],
    ],
    'a param in an expression': [
      'param hidden = 10 encoder { code: dense(2 * hidden) }',
      'param hidden = 12 encoder { code: dense(2 * hidden) }',
      ['encoder.code: dense 20 → 24', 'param: hidden 10 → 12'],
    ],
    'an activation, wherever it is written': [
      'encoder { code: dense(16, activation=sigmoid) }',
      'encoder { dense(16)  code: relu() }',
      ['encoder.code: activation sigmoid → relu'],
    ],
    'a layer in the middle': [
      'encoder { h: dense(64, activation=relu)  code: dense(16) }',
      'encoder { h: dense(64, activation=relu)  dense(32, activation=relu)  code: dense(16) }',
      ['encoder.1: new: dense(32, activation=relu)'],
    ],
    'a layer that is gone': [
      'encoder { h: dense(64, activation=relu)  code: dense(16) }',
      'encoder { code: dense(16) }',
      ['encoder.h: gone: dense(64, activation=relu)'],
    ],
    'a layer in another place': [
      'encoder { a: dense(64)  b: dense(32)  code: dense(16) }',
      'encoder { b: dense(32)  a: dense(64)  code: dense(16) }',
      ['encoder.b: moved: layer 2 → layer 1'],
    ],
    'another layer in its place': [
      'encoder { h: dense(64)  code: dense(16) }',
      'encoder { h: dropout(0.2)  code: dense(16) }',
      ['encoder.h: dense(64) → dropout(p=0.2)'],
    ],
    'a label that stays with its layer while another is put in': [
      'encoder { h: dense(64)  code: dense(16) }',
      'encoder { h: dense(128)  h2: dense(64)  code: dense(16) }',
      ['encoder.h: dense 64 → 128', 'encoder.h2: new: dense(64)'],
    ],
    'an argument of a word in an argument': [
      'encoder { code: dense(16, init=normal(0, 0.1)) }',
      'encoder { code: dense(16, init=normal(0, 0.2)) }',
      ['encoder.code: dense init normal std 0.1 → 0.2'],
    ],
    'the weight of a term': [
      'encoder { code: dense(16, activation=sigmoid) } loss mse() + kl_sparsity(rho=0.1)',
      'encoder { code: dense(16, activation=sigmoid) } loss mse() + 3 * kl_sparsity(rho=0.1)',
      ['loss: kl_sparsity weight 1 → 3'],
    ],
    'a term': ['loss mse()', 'loss mse() + l1()', ['loss: new: l1()']],
    'the order of the terms': ['loss mse() + l1()', 'loss l1() + mse()', ['loss: order mse + l1 → l1 + mse']],
    'the optimizer': [
      'train adam() { epochs = 1 }',
      'train sgd(lr=0.1) { epochs = 1 }',
      ['train: adam() → sgd(lr=0.1)'],
    ],
    'a setting': ['train adam() { epochs = 1 }', 'train adam() { epochs = 9 }', ['train: epochs 1 → 9']],
    'a schedule in place of a number': [
      'train adam(lr=0.1) { epochs = 8 }',
      'train adam(lr=step(0.1, every=5)) { epochs = 8 }',
      ['train: adam lr 0.1 → step(0.1, every=5)'],
    ],
    'the data': ['data mnist(take=100)', 'data mnist(take=200)', ['data: mnist take 100 → 200']],
    'a transform, and what follows from it': [
      'data mnist()',
      'data mnist() { center_crop(20) }',
      ['data: new: center_crop(20)', 'decoder.0: dense 784 → 400 (the size of the input)'],
    ],
    'a corruption': ['', 'corrupt salt(0.3)', ['corrupt: new: salt(0.3)']],
    'the steps of a stage, from which its epochs follow': [
      'train adam() { steps = 3000 }',
      'train adam() { steps = 9000 }',
      ['train: steps 3000 → 9000'],
    ],
    'a target': ['', 'target mnist()', ['target: new: mnist()']],
    'another target, of another size': [
      'target mnist()  decoder { dense(target.size) }',
      'target fashion_mnist() { resize(10) }  decoder { dense(target.size) }',
      [
        'target: mnist() → fashion_mnist()',
        'target: new: resize(10)',
        'decoder.0: dense 784 → 100 (the size of the target)',
      ],
    ],
    'weights that are shared': [
      'encoder { dense(32)  h: dense(32)  dense(32, activation=tanh)  code: dense(16) }',
      'encoder { dense(32)  h: dense(32, activation=tanh)  share(h)  share(h)  code: dense(16) }',
      [
        'encoder.h: activation linear → tanh',
        'encoder.2: new: dense(32, activation=tanh) with the weights of h',
        'encoder.3: weights its own → with the weights of h',
      ],
    ],
    'weights that are shared with the first layer': [
      'encoder { code: dense(16) }  decoder { h: dense(16)  dense(input.size) }',
      'encoder { code: dense(16) }  decoder { h: dense(16)  share(h)  dense(input.size) }',
      ['decoder.1: new: dense(16) with the weights of h'],
    ],
    'a second corruption': [
      'corrupt salt(0.3)',
      'corrupt { gaussian(0.1)  salt(0.2) }',
      ['corrupt: new: gaussian(0.1)', 'corrupt: salt 0.3 → 0.2'],
    ],
    'a decoder that follows the encoder': [
      'encoder { dense(64)  code: dense(16) } decoder mirror(encoder, output=sigmoid)',
      'encoder { dense(96)  code: dense(16) } decoder mirror(encoder, output=sigmoid)',
      ['encoder.0: dense 64 → 96'],
    ],
    'the output of such a decoder': [
      'encoder { dense(64)  code: dense(16) } decoder mirror(encoder, output=sigmoid)',
      'encoder { dense(64)  code: dense(16) } decoder mirror(encoder, output=linear)',
      ['decoder: output sigmoid → linear'],
    ],
    'a head': [
      'encoder { z: reparameterize { mu: dense(8)  logvar: dense(8) } } loss bce(reduction=sum) + kl_gaussian()',
      'encoder { z: reparameterize { mu: dense(8, bias=false)  logvar: dense(8) } } loss bce(reduction=sum) + kl_gaussian()',
      ['encoder.z.mu: dense bias true → false'],
    ],
    'a stage': [
      'encoder { code: dense(16, activation=sigmoid) }',
      'encoder { code: dense(16, activation=sigmoid) } pretrain rbm(lr=0.1) { epochs = 1 }',
      ['pretrain: new: rbm()'],
    ],
  };
  for (const [what, [before, after, said]] of Object.entries(cases)) {
    it(what, () => expect(changes(before, after)).toEqual(said));
  }
});

describe('what does not count is said to be free of effect, or not at all', () => {
  const free = '; no result depends on it';

  it('a label, also where a term names it', () => {
    const text = (label: string) =>
      `encoder { ${label}: dense(64, activation=relu)  code: dense(16) } loss mse() + l1(on=${label})`;
    expect(changes(text('h'), text('first'))).toEqual([`encoder.h: renamed: h → first${free}`]);
  });

  it('a figure, and the name of the experiment', () => {
    expect(changes('', 'show { reconstructions(8) }')).toEqual([`show: new: reconstructions(n=8)${free}`]);
    const text = experimentText('');
    const [one, other] = [text, text.replace('experiment example', 'experiment other')].map(compileText);
    if (!one || !other) throw new Error('both compile');
    expect(experimentChanges(one, other, builtinWords).map(changeText)).toEqual([
      `experiment: renamed: example → other${free}`,
    ]);
  });

  it('another way to write the same', () => {
    expect(changes('encoder { code: dense(16, activation=relu) }', 'encoder { dense(16)  code: relu() }')).toEqual([]);
    expect(
      changes(
        'encoder { dense(64, activation=relu)  code: dense(16) } decoder mirror(encoder, output=linear)',
        'encoder { dense(64, activation=relu)  code: dense(16) } decoder { dense(64, activation=relu)  dense(784) }',
      ),
    ).toEqual([]);
    expect(changes('train adam() { epochs = 1 }', 'train adam(lr=0.001) { epochs = 1 }')).toEqual([]);
  });

  it('a term on a layer that only moved along', () => {
    expect(
      changes(
        'encoder { h: dense(64, activation=relu)  code: dense(16) } loss mse() + l1(on=h)',
        'encoder { dense(99)  h: dense(64, activation=relu)  code: dense(16) } loss mse() + l1(on=h)',
      ),
    ).toEqual(['encoder.0: new: dense(99)']);
  });
});

it('two texts of one hash never have a change that counts, and two of different hashes always have one', () => {
  const texts = [
    '',
    'encoder { code: dense(16) }',
    'encoder { a: dense(32)  code: dense(16) }',
    'loss mse() + l1()',
    'loss mse() + l2()',
    'corrupt masking(0.2)',
    'data mnist(take=50)',
    'train sgd(lr=0.1) { epochs = 1 }',
    'encoder { flatten()  code: dense(16, activation=sigmoid) }',
    'evaluate { pca() }',
  ].map(compileStatements);
  for (const a of texts) {
    for (const b of texts) {
      const counting = experimentChanges(a, b, builtinWords).some(({ counts }) => counts);
      expect(counting).toBe(a.hash !== b.hash);
    }
  }
});
