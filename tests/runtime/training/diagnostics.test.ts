import { beforeAll, describe, expect, it } from 'vitest';
import { closed, open, realLine } from '../../../src/compiler/ir/interval.js';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { latentActivity } from '../../../src/runtime/training/latent-activity.js';
import { unitActivity } from '../../../src/runtime/training/unit-activity.js';
import { train } from './trial.js';

beforeAll(async () => {
  await chooseBackend('cpu');
});

describe('the units of a layer', () => {
  it('a unit is dead when it gives every example the same', () => {
    const threeUnits = Float32Array.of(0, 1, 5, 0, 2, 5, 0, 3, 5, 0, 4, 6);
    const { meanActivation, dead, saturated } = unitActivity(threeUnits, 3, { ...realLine, low: 0 });
    expect(meanActivation).toBeCloseTo((10 + 21) / 12, 6);
    expect(dead).toBeCloseTo(1 / 3, 12);
    expect(saturated).toBeNull();
  });

  it('a unit is saturated when it is nearly always within a hundredth of an end of its range', () => {
    const rows = Array.from({ length: 200 }, (_, i) => [i % 2, 0.995, i < 3 ? 0.5 : 0, 0.5]);
    const { saturated } = unitActivity(Float32Array.from(rows.flat()), 4, open(0, 1));
    expect(saturated).toBe(2 / 4);
    expect(unitActivity(Float32Array.of(-0.99, 0.99), 1, closed(-1, 1)).saturated).toBe(1);
  });
});

describe('the dimensions of a latent variable', () => {
  it('by hand: ½ (mu² + variance - 1 - logvar), and active where mu varies by more than 0.01', () => {
    const logvar = Float32Array.of(0, 0, Math.log(2), 0, 0, 0, Math.log(2), 0);
    const mu = Float32Array.of(1, 0, 0, 0.09, -1, 0, 0, -0.09);
    const moments = { mu, logvar, variance: logvar.map((v) => Math.exp(v)) };
    const { divergences, active } = latentActivity(moments, 4);
    const expected = [0.5, 0, (2 - 1 - Math.log(2)) / 2, 0.00405];
    expect(active).toBe(1);
    for (const [d, kl] of expected.entries()) expect(divergences[d]).toBeCloseTo(kl, 6);
  });

  it('are measured with the layers, heads too', async () => {
    const { metrics } = await train(
      `data digits(take=64, test=16) { center_crop(12) }
       encoder { dense(9, activation=relu)  z: reparameterize { mu: dense(3)  logvar: repeat(2) { dense(3, activation=sigmoid) } } }
       decoder { gaussian_head { mu: dense(input.size, activation=sigmoid)  logvar: learned() } }
       loss gaussian_nll(reduction=sum) + kl_gaussian()
       train adam(lr=0.01) { epochs = 1  batch = 16 }`,
    );
    expect(metrics['encoder.1.active_dimensions']).toBeLessThanOrEqual(3);
    for (const name of [
      'encoder.0.dead',
      'encoder.1.mu.gradient_norm',
      'encoder.1.logvar.mean_activation',
      'encoder.1.kl_2',
      'decoder.0.mu.saturated',
    ]) {
      expect(Number.isFinite(metrics[name]), name).toBe(true);
    }
    // Each layer of a head is measured on what it gives itself.
    const [inner, last] = ['encoder.1.logvar', 'encoder.1.logvar.1'].map(
      (layer) => metrics[`${layer}.mean_activation`],
    );
    expect(inner).not.toBe(last);
    expect(Number.isFinite(last)).toBe(true);
    // The variance of the output is no latent variable's.
    expect(metrics['decoder.0.active_dimensions']).toBeUndefined();
  });
});

it('the gradient norms of the layers, on the probe, add up to that of the whole network at a step on it', async () => {
  const { metrics, events } = await train(
    `data digits(take=64, test=16) { center_crop(12) }
     encoder { dense(9, activation=tanh)  code: dense(4) } decoder { dense(input.size) } loss mse()
     train sgd(lr=0) { epochs = 1  batch = 64  shuffle = false }`,
  );
  const norms = ['encoder.0', 'encoder.1', 'decoder.0'].map((layer) => metrics[`${layer}.gradient_norm`] ?? Number.NaN);
  const [first] = events.flatMap((event) => (event.event === 'steps' ? [event.series.gradient_norm?.[0]] : []));
  expect(Math.sqrt(norms.reduce((sum, norm) => sum + norm * norm, 0))).toBeCloseTo(first ?? Number.NaN, 5);
});
