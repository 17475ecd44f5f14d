import { describe, expect, it } from 'vitest';
import { open, realLine } from '../../../src/compiler/ir/interval.js';
import type { LossContext } from '../../../src/compiler/library/word.js';
import { contractive } from '../../../src/words/loss/contractive.js';
import { klSparsity } from '../../../src/words/loss/kl_sparsity.js';
import { autoencoder } from '../../../src/words/stage/autoencoder.js';
import { rbm } from '../../../src/words/stage/rbm.js';

const layer = { word: 'dense', label: null, activations: ['sigmoid'], input: [784], output: [100] };

describe('what a stage can train', () => {
  it.each([
    [[], true],
    [['linear'], true],
    [['sigmoid'], true],
    [['relu'], false],
    [['tanh'], false],
    [['sigmoid', 'relu'], false],
  ])('rbm: a dense layer with the activations %j: %s', (activations, can) => {
    const ruling = rbm.trains({ ...layer, activations });
    if (can) expect(ruling).toEqual({ ok: true, value: true });
    else expect(ruling).toMatchObject({ ok: false, problem: { code: 'AE508' } });
  });

  it('rbm: dense layers with a bias alone', () => {
    expect(rbm.trains({ ...layer, word: 'conv2d' })).toMatchObject({ ok: false, problem: { code: 'AE508' } });
    expect(rbm.trains({ ...layer, bias: false })).toMatchObject({ ok: false, problem: { code: 'AE508' } });
    expect(rbm.trains({ ...layer, bias: true }).ok).toBe(true);
  });

  it('autoencoder: dense layers, whatever their activation', () => {
    expect(autoencoder.trains({ ...layer, activations: ['relu'] }).ok).toBe(true);
    expect(autoencoder.trains({ ...layer, word: 'conv2d' })).toMatchObject({ ok: false, problem: { code: 'AE508' } });
  });
});

describe('the layers a penalty is defined for', () => {
  const context = (on: LossContext['on'][string]): LossContext => ({
    prediction: open(0, 1),
    predictionLayer: 'sigmoid',
    target: open(0, 1),
    pretrained: null,
    isInput: true,
    targetOfAll: open(0, 1),
    raw: open(0, 1),
    on: { on },
    reconstruction: 'mean',
  });
  const reference = { kind: 'layer', block: 'encoder', index: 1, head: null } as const;
  const noHeads = { heads: {}, isOutput: false, isCode: true, down: [] } as const;

  it('contractive: sigmoid over dense', () => {
    const args = { lambda: 0.1, on: reference };
    const of = (word: string, below: string) =>
      contractive.check(args, context({ word, below, shape: [10], range: realLine, ...noHeads })).map((p) => p.code);
    expect(of('sigmoid', 'dense')).toEqual([]);
    expect(of('relu', 'dense')).toEqual(['AE504']);
    expect(of('sigmoid', 'conv2d')).toEqual(['AE504']);
  });

  it('kl_sparsity: whatever is in (0, 1)', () => {
    const args = { rho: 0.05, beta: 1, on: reference, reduction: 'mean' } as const;
    const place = (range: typeof realLine) => context({ word: 'sigmoid', shape: [10], range, ...noHeads });
    expect(klSparsity.check(args, place(open(0, 1)))).toEqual([]);
    expect(klSparsity.check(args, place(open(0.2, 0.8)))).toEqual([]);
    expect(klSparsity.check(args, place(open(0, 2)))).toMatchObject([{ code: 'AE504', argument: 'on' }]);
  });
});
