import { describe, expect, it } from 'vitest';
import { lossStatement } from '../../src/compiler/ir/canonical.js';
import { metricMeant } from '../../src/metrics/spellings.js';
import { comparableMetric, usualMetric } from '../../src/metrics/usual-metric.js';

const form = (loss: readonly string[], transforms: readonly string[] = []) => lossStatement({ loss, transforms });

describe('what trials can be compared by', () => {
  it('is the loss where all minimise the same sum', () => {
    expect(comparableMetric([])).toBe('loss');
    expect(comparableMetric([form(['a']), form(['a'])])).toBe('loss');
    // Terms of a sum have no order.
    expect(comparableMetric([form(['a', 'b']), form(['b', 'a'])])).toBe('loss');
  });

  it('is the error where they do not, and its mean where sums have other lengths', () => {
    expect(comparableMetric([form(['a']), form(['a']), form(['a', 'b'])])).toBe('sse');
    expect(comparableMetric([form(['a']), form([])])).toBe('sse');
    expect(comparableMetric([form(['a'], ['crop', 'flip']), form(['a'], ['flip', 'crop'])])).toBe('mse');
    expect(comparableMetric([form(['a'], ['crop']), form(['b'])])).toBe('mse');
  });
});

describe('the usual metric', () => {
  const all = ['test.loss', 'test.mse', 'test.sse', 'train.loss', 'train.sse', 'validation.loss', 'validation.sse'];

  it('is that of the validation part, by what can be compared', () => {
    expect(usualMetric(all, 'loss')).toBe('validation.loss');
    expect(usualMetric(all, 'sse')).toBe('validation.sse');
    expect(usualMetric(all, 'mse')).toBe('test.mse');
    expect(usualMetric(['train.loss', 'test.sse'], 'loss')).toBe('train.loss');
    expect(usualMetric([...all, 'validation.final_loss'], 'loss')).toBe('validation.final_loss');
    expect(usualMetric([...all, 'validation.final_loss'], 'sse')).toBe('validation.sse');
  });

  it('is the error without a loss, and what the last layer was pretrained to without that', () => {
    const stages = [
      'pretrain.encoder.0.reconstruction',
      'pretrain_2.encoder.1.loss.mse',
      'pretrain_2.encoder.1.free_energy',
    ];
    expect(usualMetric([...stages, 'test.mse', 'test.sse'], 'loss')).toBe('test.sse');
    expect(usualMetric(stages, 'loss')).toBe('pretrain_2.encoder.1.loss.mse');
    expect(usualMetric(['encoder.0.dead'], 'loss')).toBeNull();
  });
});

it('a metric without its part is suggested as the one that is meant where nobody names one', () => {
  const metrics = ['test.loss', 'test.psnr', 'train.loss', 'validation.loss'];
  expect(metricMeant('loss', metrics)).toBe('validation.loss');
  expect(metricMeant('val_loss', metrics)).toBe('validation.loss');
  expect(metricMeant('train/loss', metrics)).toBe('train.loss');
  expect(metricMeant('psnr', metrics)).toBe('test.psnr');
  expect(metricMeant('ssim', metrics)).toBeNull();
});
