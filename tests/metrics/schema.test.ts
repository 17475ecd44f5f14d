import { describe, expect, it } from 'vitest';
import { extendLibrary } from '../../src/compiler/library/library.js';
import { metricName, readMetric } from '../../src/metrics/metric-name.js';
import { compareLayers, inOrder } from '../../src/metrics/order.js';
import { knn } from '../../src/words/evaluation/knn.js';
import { builtinWords } from '../../src/words/words.js';

describe('the name of a metric', () => {
  it.each([
    ['validation.loss', { kind: 'part', part: 'validation' }, 'loss'],
    ['train_evaluated.sse', { kind: 'part', part: 'train_evaluated' }, 'sse'],
    ['test.denoising_2.input_mse', { kind: 'part', part: 'test' }, 'denoising_2.input_mse'],
    ['encoder.0.dead', { kind: 'layer', layer: 'encoder.0' }, 'dead'],
    ['encoder.1.mu.mean_activation', { kind: 'layer', layer: 'encoder.1.mu' }, 'mean_activation'],
    [
      'pretrain_2.encoder.1.free_energy',
      { kind: 'pretraining', stage: 'pretrain_2', layer: 'encoder.1' },
      'free_energy',
    ],
    ['pretrain.encoder.0.loss.mse', { kind: 'pretraining', stage: 'pretrain', layer: 'encoder.0' }, 'loss.mse'],
    ['validation.loss.mse_2', { kind: 'part', part: 'validation' }, 'loss.mse_2'],
    ['loss.mse', { kind: 'step', stage: 'train' }, 'loss.mse'],
    ['gradient_norm', { kind: 'step', stage: 'train' }, 'gradient_norm'],
    ['pretrain.momentum', { kind: 'step', stage: 'pretrain' }, 'momentum'],
    ['anything.at.all', { kind: 'step', stage: 'train' }, 'anything.at.all'],
    ['', { kind: 'step', stage: 'train' }, ''],
  ] as const)("'%s' is taken apart and put together", (name, scope, quantity) => {
    expect(readMetric(name)).toEqual({ scope, quantity });
    expect(metricName(scope, quantity)).toBe(name);
  });
});

describe('what is known of a metric', () => {
  const { metrics } = builtinWords;

  it('says which values are better', () => {
    for (const name of ['test.knn', 'test.linear_probe_2', 'test.psnr', 'test.ssim', 'encoder.0.active_dimensions']) {
      expect(metrics.goal(name), name).toBe('max');
    }
    for (const name of [
      'test.pca',
      'validation.sse',
      'train.loss.kl_sparsity_2',
      'test.denoising_2.mse',
      'of.another.word',
    ]) {
      expect(metrics.goal(name), name).toBe('min');
    }
  });

  it('is found for every scope, and for a number that is counted', () => {
    expect(metrics.definition('encoder.1.kl_12')?.unit).toBe('nats');
    expect(metrics.definition('test.denoising.input_sse')).toMatchObject({ goal: null, unit: 'raw units squared' });
    expect(metrics.definition('pretrain.encoder.0.free_energy')?.unit).toBe('nats');
    expect(metrics.definition('lr')?.doc).toContain('learning rate');
    expect(metrics.definition('encoder.0.constructor')).toBeNull();
  });

  it('comes with a word from outside', () => {
    const metric = { doc: 'a distance', unit: 'bits', goal: 'min' } as const;
    const own = { ...knn, name: 'mmd', metrics: { '': metric, rank: { ...metric, goal: 'max' } } } as const;
    const extended = extendLibrary(builtinWords, { evaluation: [own] }).metrics;
    expect(extended.definition('test.mmd_2')).toBe(metric);
    expect([extended.goal('test.mmd'), extended.goal('test.mmd_3.rank')]).toEqual(['min', 'max']);
  });
});

describe('the order of metrics', () => {
  it('begins with the losses and ends with the layers', () => {
    const sorted = [
      ...['loss', 'train.loss', 'validation.loss', 'test.loss', 'gradient_norm', 'pretrain.encoder.0.reconstruction'],
      ...['validation.mse', 'validation.sse', 'train.sse', 'test.sse', 'pretrain.encoder.0.free_energy'],
      ...['decoder.0.dead', 'encoder.0.dead', 'encoder.10.dead'],
    ];
    expect(inOrder(sorted.toReversed())).toEqual(sorted);
    expect(['decoder.0', 'encoder.10', 'encoder.2'].sort(compareLayers)).toEqual([
      'encoder.2',
      'encoder.10',
      'decoder.0',
    ]);
  });
});
