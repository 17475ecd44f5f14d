import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LayerNode } from '../../../src/compiler/ir/experiment.js';
import type { Shape } from '../../../src/compiler/ir/shape.js';
import type { Opposite } from '../../../src/compiler/library/word.js';
import { builtinWords } from '../../../src/words/words.js';
import { compileStatements } from './statements.js';
import { argumentsOf, wordValue } from './word-value.js';

/** What undoes a layer that was given an input, or null where nothing has to. */
function oppositeOf(
  name: string,
  given: Parameters<typeof wordValue>[2],
  input: Shape,
  tied: boolean,
): Opposite | null {
  const args = argumentsOf(wordValue('layer', name, given));
  const word = builtinWords.find('layer', name);
  const output = word?.shape(args, input, {});
  if (!output?.ok) throw new RangeError(`${name} does not take ${input}`);
  const opposite = word?.opposite(args, { input, output: output.value, tied });
  if (!opposite?.ok) throw new RangeError(`${name} has no opposite`);
  return opposite.value;
}

const size = fc.integer({ min: 1, max: 30 });

describe('opposites', () => {
  it('dense: dense, back to the number of inputs, with a bias where it had one', () => {
    fc.assert(
      fc.property(size, size, fc.boolean(), fc.boolean(), (inputs, features, bias, tied) => {
        const opposite = oppositeOf('dense', { features, bias }, [inputs], tied);
        expect(opposite).toEqual({
          word: 'dense',
          arguments: { features: inputs, bias, init: wordValue('initializer', 'torch') },
          reference: null,
        });
      }),
    );
  });

  it('flatten and reshape: the reshape back', () => {
    fc.assert(
      fc.property(size, size, size, fc.boolean(), (c, h, w, tied) => {
        const back = { word: 'reshape', arguments: { shape: [c, h, w] }, reference: null };
        expect(oppositeOf('flatten', {}, [c, h, w], tied)).toEqual(back);
        expect(oppositeOf('reshape', { shape: [c * h * w] }, [c, h, w], tied)).toEqual(back);
        expect(oppositeOf('reshape', { shape: [c, h, w] }, [c * h * w], tied)).toEqual({
          ...back,
          arguments: { shape: [c * h * w] },
        });
        expect(oppositeOf('flatten', {}, [c], tied)).toBeNull();
      }),
    );
  });

  it('dropout and activations: nothing', () => {
    expect(oppositeOf('dropout', {}, [8], true)).toBeNull();
    expect(oppositeOf('sigmoid', {}, [8], false)).toBeNull();
  });
});

const summary = (nodes: readonly LayerNode[] | undefined) =>
  nodes?.map((node) => `${node.word} ${node.input.join('×')}→${node.output.join('×')}`);

describe('a decoder made from the encoder', () => {
  const deep = `encoder {
    dense(200, activation=relu)
    dropout(0.1)
    dense(50, activation=tanh)
    code: dense(10)
  }`;

  it.each(['tied', 'mirror'])('%s: the layers last to first, each with the activation of what it rebuilds', (word) => {
    const { value, diagnostics } = compileStatements(`${deep} decoder ${word}(encoder, output=sigmoid)`);
    expect(diagnostics).toEqual([]);
    expect(summary(value?.ir.decoder)).toEqual([
      'dense 10→50',
      'tanh 50→50',
      'dense 50→200',
      'relu 200→200',
      'dense 200→784',
      'reshape 784→1×28×28',
      'sigmoid 1×28×28→1×28×28',
    ]);
    const weights = value?.ir.decoder.filter((n) => n.word === 'dense').map((n) => n.weights);
    const owners = weights?.map((w) => w.find((each) => each.name === 'weight')?.tiedTo?.address ?? null);
    expect(owners).toEqual(word === 'tied' ? ['encoder/3', 'encoder/2', 'encoder/0'] : [null, null, null]);
    expect(weights?.map((w) => w.find((each) => each.name === 'bias')?.shape)).toEqual([[50], [200], [784]]);
  });

  it('linear as the output: no activation at the end', () => {
    const { value } = compileStatements('decoder mirror(encoder, output=linear)');
    expect(summary(value?.ir.decoder)).toEqual(['dense 32→784', 'reshape 784→1×28×28']);
  });
});
