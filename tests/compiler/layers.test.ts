import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import type { LayerNode } from '../../src/compiler/ir/experiment.js';
import { builtinWords } from '../../src/words/words.js';
import { compileStatements, experimentText } from './compiled.js';
import { testWorld } from './world.js';

const outline = (nodes: readonly LayerNode[]) =>
  nodes.map((n) => `${n.word} ${n.output.join('×')} ${n.address ?? '-'}`);

describe('the layers that an experiment comes to', () => {
  it('are flattened in front of dense, and given the shape of the input at the end', () => {
    const { ir } = compileStatements('');
    expect(outline(ir.encoder)).toEqual(['flatten 784 -', 'dense 16 encoder/0', 'sigmoid 16 -']);
    expect(outline(ir.decoder)).toEqual(['dense 784 decoder/0', 'sigmoid 784 -', 'reshape 1×28×28 -']);
    expect(ir.encoder.map((n) => n.origin)).toEqual(['inserted', 'given', 'given']);
  });

  it('give what the input is, or an error says how to end', () => {
    const hint = (decoder: string) => {
      const source = { path: 'a.ae', text: experimentText(`decoder { ${decoder} }`) };
      return compile(source, null, { library: builtinWords, world: testWorld() }).diagnostics.map((each) => each.hint);
    };
    expect(hint('dense(784)  reshape([4, 14, 14])')).toEqual(['end the decoder with: reshape(input.shape)']);
    expect(hint('dense(783)')).toEqual(['end the decoder with: dense(input.size, …)']);
    expect(hint('dense(588)  reshape([3, 14, 14])')).toEqual([null]);
  });

  it('have addresses that count only layers with weights or random numbers', () => {
    const { ir } = compileStatements(
      'encoder { flatten()  dropout(0.5)  dense(64, activation=relu)  code: dense(16) }',
    );
    expect(outline(ir.encoder)).toEqual([
      'flatten 784 -',
      'dropout 784 encoder/0',
      'dense 64 encoder/1',
      'relu 64 -',
      'dense 16 encoder/2',
    ]);
  });

  it('are undone from last to first by a mirror, with the activations of what they rebuild', () => {
    const { ir } =
      compileStatements(`encoder { dense(64, activation=relu)  dropout(0.2)  dense(32, activation=tanh)  code: dense(8) }
      decoder mirror(encoder, output=sigmoid)`);
    expect(outline(ir.decoder)).toEqual([
      'dense 32 decoder/0',
      'tanh 32 -',
      'dense 64 decoder/1',
      'relu 64 -',
      'dense 784 decoder/2',
      'reshape 1×28×28 -',
      'sigmoid 1×28×28 -',
    ]);
  });

  it('share weights, not biases, when tied', () => {
    const { ir } = compileStatements(
      `encoder { dense(64, activation=relu)  code: dense(8) } decoder tied(encoder, output=sigmoid)`,
    );
    const weights = ir.decoder.flatMap((n) =>
      n.weights.map((w) => [n.address, w.name, w.shape, w.tiedTo?.address ?? null]),
    );
    expect(weights).toEqual([
      ['decoder/0', 'weight', [64, 8], 'encoder/1'],
      ['decoder/0', 'bias', [64], null],
      ['decoder/1', 'weight', [784, 64], 'encoder/0'],
      ['decoder/1', 'bias', [784], null],
    ]);
  });
});

describe('params', () => {
  it("are looked up late: a parent's let sees the child's value", async () => {
    const { compileText } = await import('./compiled.js');
    const { ir } = compileText(`experiment child extends parent { param n = 5 }
      experiment parent {
        param n = 3
        let twice = 2 * n
        data mnist()
        encoder { code: dense(twice) }
        decoder { dense(input.size) }
        loss mse()
        train adam() { epochs = 1 }
      }`);
    expect(ir.encoder.at(-1)?.output).toEqual([10]);
  });
});
