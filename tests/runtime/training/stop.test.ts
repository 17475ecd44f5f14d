import { beforeAll, describe, expect, it } from 'vitest';
import type { Goal } from '../../../src/metrics/definitions.js';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { nothingSeen } from '../../../src/runtime/training/early-stopping.js';
import type { Metrics } from '../../../src/runtime/training/metrics.js';
import { early } from '../../../src/words/stop/early.js';
import { stageDone, type Trained, train } from './trial.js';

/** After how many evaluations of these values `early` stops; null where it goes on. */
function stopsAfter(values: readonly number[], patience: number, minDelta = 0, metric = 'loss', goal: Goal = 'min') {
  const rule = early.rule({ patience, metric, min_delta: minDelta }, () => goal);
  let progress = nothingSeen;
  for (const [i, value] of values.entries()) {
    progress = rule.after({ [metric]: value }, progress);
    if (rule.stops(progress)) return i + 1;
  }
  return null;
}

beforeAll(async () => {
  await chooseBackend('cpu');
});

describe('early', () => {
  it('stops after `patience` evaluations in a row without a new best', () => {
    expect(stopsAfter([5, 4, 4.5, 4.2, 3], 2)).toBe(4);
    expect(stopsAfter([5, 4, 4.5, 3.9, 4, 3.8, 4, 4], 2)).toBe(8);
    expect(stopsAfter([5, 4, 3, 2, 1], 1)).toBeNull();
    expect(stopsAfter([5, 5], 1)).toBe(2);
  });

  it('takes a value for better only by more than min_delta, counted from the best', () => {
    expect(stopsAfter([5, 4.95, 4.85, 4.7], 3, 0.1)).toBeNull();
    expect(stopsAfter([5, 4.95, 4.92, 4.91], 3, 0.1)).toBe(4);
    expect(stopsAfter([5, 4.5], 1, 0.5)).toBe(2);
  });

  it('takes a larger value for better where the metric says so', () => {
    expect(stopsAfter([0.5, 0.7, 0.6, 0.65], 2, 0, 'knn', 'max')).toBe(4);
    expect(stopsAfter([0.5, 0.6, 0.7, 0.8], 1, 0.05, 'knn', 'max')).toBeNull();
  });

  it('takes NaN for no improvement', () => {
    expect(stopsAfter([Number.NaN, Number.NaN, 1], 2)).toBe(2);
  });

  it('names a metric that is not there', () => {
    expect(() =>
      early.rule({ patience: 1, metric: 'loss', min_delta: 0 }, () => 'min').after({ mse: 1 }, nothingSeen),
    ).toThrow(/no metric 'loss'/);
  });
});

describe('stop = early(…) in a trial', () => {
  const data = `data digits(take=32, validation=16, test=16) { center_crop(8) }
    encoder { code: dense(4, activation=sigmoid) }`;
  /** A rate at which no weight changes, so that every evaluation gives the same. */
  const still = 'sgd(lr=1e-30)';

  it('ends the stage: the first evaluation is the best, and two more are waited for', async () => {
    const trained = await train(`${data}  train ${still} { epochs = 10  batch = 16  stop = early(patience=2) }`);
    expect(stageDone(trained)).toEqual({ epochs: 3, steps: 6, reason: 'early_stop' });
    expect(trained.status).toBe('complete');
    expect(trained.metrics['test.loss']).toBeGreaterThan(0);
  });

  it('counts evaluations, not epochs', async () => {
    const trained = await train(
      `${data}  train ${still} { epochs = 10  batch = 16  evaluate_every = 2  stop = early(patience=2) }`,
    );
    expect(stageDone(trained)).toEqual({ epochs: 6, steps: 12, reason: 'early_stop' });
  });

  it('does not stop a training that gets better', async () => {
    const trained = await train(`${data}  train adam(lr=0.01) { epochs = 5  batch = 16  stop = early(patience=1) }`);
    expect(stageDone(trained)).toEqual({ epochs: 5, steps: 10, reason: 'complete' });
  });

  it('keep = best ends with the weights, and the test, of the best evaluation', async () => {
    // From the second epoch on the rate is ruinous, so the weights after the first are the best.
    const ruin = `${data}  train sgd(lr=switch(0.1, 1e6, after=1)) { epochs = 6  batch = 16`;
    const kept = await train(`${ruin}  stop = early(patience=2)  keep = best }`);
    const last = await train(`${ruin}  stop = early(patience=2) }`);
    const first = await train(`${data}  train sgd(lr=0.1) { epochs = 1  batch = 16 }`);
    expect(stageDone(kept)).toEqual({ epochs: 3, steps: 6, reason: 'early_stop' });
    expect(kept.weightsSha256).toBe(first.weightsSha256);
    expect(last.weightsSha256).not.toBe(first.weightsSha256);
    for (const metric of ['test.loss', 'test.mse', 'validation.loss']) {
      expect(kept.metrics[metric], metric).toBe(first.metrics[metric]);
    }
    expect(last.metrics['test.loss']).toBeGreaterThan(first.metrics['test.loss'] ?? Infinity);
  });
});

describe('a loss whose weights change while it trains', () => {
  const data = `data digits(take=32, validation=16, test=16) { center_crop(8) }
    encoder { code: dense(4, activation=sigmoid) }`;
  const validations = ({ events }: Pick<Trained, 'events'>) =>
    events.flatMap((event) => (event.event === 'evaluation' && event.part === 'validation' ? [event.metrics] : []));
  const weighted = (metrics: Metrics, weight: number) =>
    (metrics['validation.loss.mse'] ?? Number.NaN) + weight * (metrics['validation.loss.l1'] ?? Number.NaN);

  it('is validated with the weights of the epoch that is reported, and with those of the end', async () => {
    const trained = await train(
      `${data}  loss mse() + switch(0, 3, after=2) * l1(on=code)  train adam(lr=0.01) { epochs = 4  batch = 16 }`,
    );
    const epochs = validations(trained);
    expect(epochs.map((metrics) => metrics['validation.loss'])).toEqual(
      epochs.map((metrics, i) => weighted(metrics, i < 2 ? 0 : 3)),
    );
    expect(epochs.map((metrics) => metrics['validation.final_loss'])).toEqual(
      epochs.map((metrics) => weighted(metrics, 3)),
    );
    expect(new Set(epochs.map((metrics) => metrics['validation.final_loss'])).size).toBe(4);
  });

  it('measures terms again whose own arguments change', async () => {
    const trained = await train(
      `${data}  loss huber(delta=switch(10, 0.01, after=1))  train sgd(lr=1e-30) { epochs = 2  batch = 16 }`,
    );
    const [first, second] = validations(trained);
    expect(first?.['validation.loss']).not.toBe(first?.['validation.final_loss']);
    expect(first?.['validation.final_loss']).toBe(second?.['validation.loss']);
  });

  it('keeps the epoch that is best with the weights of the end, not one of the epochs without the term', async () => {
    const trained = await train(
      `${data}  loss mse() + switch(0, 30, after=2) * l1(on=code)
       train adam(lr=0.1) { epochs = 5  batch = 16  keep = best }`,
    );
    const epochs = validations(trained);
    const best = (metric: string) => {
      const values = epochs.map((metrics) => metrics[metric] ?? Number.NaN);
      return values.indexOf(Math.min(...values));
    };
    expect(best('validation.loss')).toBeLessThan(2);
    expect(best('validation.final_loss')).toBeGreaterThan(1);
    expect(trained.metrics['validation.final_loss']).toBe(
      epochs[best('validation.final_loss')]?.['validation.final_loss'],
    );
  });

  it('counts patience from the first epoch with the last weights', async () => {
    const still = `train sgd(lr=1e-30) { epochs = 10  batch = 16  stop = early(patience=2) }`;
    const switched = await train(`${data}  loss mse() + switch(0, 1, after=0.1 * 30) * l1(on=code)  ${still}`);
    expect(stageDone(switched)).toEqual({ epochs: 6, steps: 12, reason: 'early_stop' });
    const risen = await train(`${data}  loss mse() + warmup(1, over=10) * l1(on=code)  ${still}`);
    expect(stageDone(risen).reason).toBe('complete');
  });

  it('is recorded as it is where nothing changes', async () => {
    const trained = await train(`${data}  loss mse() + 3 * l1(on=code)  train adam() { epochs = 1  batch = 16 }`);
    expect(Object.keys(trained.metrics)).not.toContain('validation.final_loss');
  });
});
