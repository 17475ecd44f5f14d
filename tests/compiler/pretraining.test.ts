import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { builtinWords } from '../../src/words/words.js';
import { experimentText } from './compiled.js';
import { compileStatements } from './library/statements.js';
import { testWorld } from './world.js';

/** What is found of a stage over a first layer with this activation, by code and message. */
function found(activation: string, method: string, transform = ''): readonly string[] {
  const { diagnostics } = compileStatements(`
    data digits(take=40, test=4) { center_crop(8) ${transform} }
    encoder { h: dense(6, activation=${activation})  code: dense(4, activation=sigmoid) }
    decoder mirror(encoder, output=${transform === '' ? 'sigmoid' : 'linear'})
    pretrain ${method} { epochs = 1  batch = 20 }
    loss mse()
    train adam(lr=0.01) { epochs = 1  batch = 20 }`);
  return diagnostics.map(({ code, severity, message }) => `${severity} ${code} ${message}`);
}

describe('the loss of a stage of pretraining', () => {
  it.each([
    ['relu', 'autoencoder(loss=bce)', /^error AE501 bce needs .* output of 'h' is in \[0, ∞\)$/],
    ['tanh', 'autoencoder(loss=bce_with_logits)', /^error AE501 .* output of 'h' is in \(-1, 1\)$/],
    [
      'sigmoid',
      'autoencoder(loss=bce, output=linear)',
      /^error AE502 .* reconstruction that pretrains 'h', by 'linear'/,
    ],
    ['sigmoid', 'autoencoder(loss=bce_with_logits)', /^warning AE502 bce_with_logits applies sigmoid/],
    ['tanh', 'autoencoder(output=sigmoid)', /^warning AE503 .* output of 'h', which is to be rebuilt, is in \(-1, 1\)/],
  ])('over %s: %s', (activation, method, message) => {
    expect(found(activation, method).filter((each) => message.test(each))).not.toEqual([]);
  });

  it.each([
    ['relu', 'autoencoder(loss=bce, on=[h])'],
    ['sigmoid', 'autoencoder(loss=bce)'],
    ['sigmoid', 'autoencoder(loss=bce_with_logits, output=linear)'],
    ['relu', 'autoencoder(loss=huber(delta=0.1))'],
    ['tanh', 'autoencoder()'],
    ['sigmoid', 'rbm()'],
  ])('over %s fits: %s', (activation, method) => {
    expect(found(activation, method)).toEqual([]);
  });

  it('is held against the data for the first layer', () => {
    expect(found('sigmoid', 'autoencoder(loss=bce)', 'standardize()')[0]).toMatch(/^error AE501 bce needs data in/);
  });

  it('is a reconstruction that looks at no layer of the whole network, whatever words there are', () => {
    const needed: Readonly<Record<string, string>> = {
      kl_sparsity: '(rho=0.1)',
      contractive: '(0.1)',
      auxk: '(k=2)',
      matryoshka: '(widths=[2])',
    };
    for (const name of builtinWords.names('loss')) {
      const stage = `autoencoder(loss=${name}${needed[name] ?? ''})`;
      const isRefused = found('sigmoid', stage).some((each) => each.startsWith('error AE525'));
      const word = builtinWords.find('loss', name);
      const namesLayer = Object.values(word?.parameters ?? {}).some(({ type }) => type === 'layer');
      expect([name, isRefused]).toEqual([name, word?.role !== 'reconstruction' || namesLayer]);
    }
  });

  /** What is found of definitions in a stage that trains `h`, which gives [0, ∞), and the code, by code and message. */
  const defined = (definitions: string, method: string, h = 'sigmoid') => {
    const text = `${definitions}\n${experimentText(`
      encoder { h: dense(6, activation=${h})  code: dense(4, activation=sigmoid) }
      pretrain autoencoder(${method}) { epochs = 1 }`)}`;
    const { diagnostics } = compile({ path: 'own.ae', text }, null, { library: builtinWords, world: testWorld() });
    return diagnostics;
  };

  it('has values outside of its domain at the layer that it rebuilds', () => {
    const found = (definitions: string, method: string) =>
      defined(definitions, method, 'relu').flatMap(({ code, severity, message, related }) =>
        code === 'AE531' ? [`${severity} ${message}, ${related.map((each) => each.message).join()}`] : [],
      );
    const log = 'define loss own(a = 1) = mean((a * output - target) ** 2 + log1p(-target))';
    expect(found(log, 'loss=own')).toEqual([
      "warning this can be -1 or less, where log1p has no value: it is in [-1, 0], 'own' is used here, to pretrain 'h'",
      "warning this can be -1 or less, where log1p has no value: it is in (-∞, 0], 'own' is used here, to pretrain 'code'",
    ]);
    const logarithm = 'define loss own() = mean((output - target) ** 2) + mean(log(output + 0.5))';
    expect(found(logarithm, 'loss=own, output=tanh')).toEqual([
      "warning this can be 0 or negative, where it has no logarithm: it is in (-0.5, 1.5), 'own' is used here, to pretrain 'h'",
    ]);
    expect(found('define activation own(s) = s / x', 'output=own(2)')).toEqual([
      "warning this divisor can be 0: it is in (-∞, ∞), 'own' is used here, to pretrain 'h'",
    ]);
    expect(found('define loss own() = mean((output - target) ** 2 / (1 + output))', 'loss=own')).toEqual([]);
  });

  it('is a definition only if that compares outputs with targets alone', () => {
    const stage = (definition: string) =>
      defined(`define loss own(${definition}`, 'loss=own').map(({ code, message }) => `${code} ${message}`);
    const error =
      "'autoencoder' compares a layer's input with its reconstruction, but 'own' looks at a layer of the whole network, too";
    expect(stage('e = 1) = mean((output - target) ** 2) / e')).toEqual([]);
    expect(stage('on = code) = mean((output - target) ** 2) + mean(on ** 2)')).toEqual([`AE525 ${error}: 'on'`]);
    expect(stage(') = mean((output - target) ** 2) + mean(code ** 2)')).toEqual([`AE525 ${error}: 'code'`]);
  });
});
