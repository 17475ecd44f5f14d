import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import {
  contrastiveDivergence,
  freeEnergy,
  type RbmParameters,
  type RbmUnits,
} from '../../../src/runtime/lowering/stage/boltzmann.js';
import { scoped } from '../../../src/runtime/training/scope.js';
import { numbers } from './lone-layer.js';

const [batch, visible, hidden] = [3, 4, 3];
const w = numbers(1, hidden * visible);
const b = numbers(2, visible);
const c = numbers(3, hidden);
const data = numbers(4, batch * visible, 0, 1);

const parameters = (): RbmParameters => ({
  weight: tensor([...w], [hidden, visible], 'float32'),
  visibleBias: tensor([...b], [visible], 'float32'),
  hiddenBias: tensor([...c], [hidden], 'float32'),
});

const upload = (values: readonly number[], columns: number): Tensor =>
  tensor([...values], [values.length / columns, columns], 'float32');

const logistic = (z: number) => 1 / (1 + Math.exp(-z));
const rowsOf = (values: readonly number[], columns: number) =>
  Array.from({ length: values.length / columns }, (_, i) => values.slice(i * columns, (i + 1) * columns));

const intoHidden = (v: readonly number[]) =>
  c.map((bias, j) => v.reduce((sum, x, i) => sum + x * (w[j * visible + i] ?? 0), bias));
const intoVisible = (h: readonly number[]) =>
  b.map((bias, i) => h.reduce((sum, x, j) => sum + x * (w[j * visible + i] ?? 0), bias));

beforeAll(async () => {
  await chooseBackend('cpu');
});

describe('the free energy', () => {
  const energy = (units: RbmUnits, v: readonly number[]) =>
    scoped(() => freeEnergy(units, parameters(), upload(v, visible)).dataSync()[0] ?? Number.NaN);

  it('of Bernoulli units is -log of the sum of exp(-E) over all hidden states', () => {
    const v = [1, 0, 1, 1];
    let sum = 0;
    for (let state = 0; state < 2 ** hidden; state++) {
      const h = c.map((_, j) => (state >> j) & 1);
      const negativeEnergy =
        v.reduce((s, x, i) => s + x * (b[i] ?? 0), 0) + intoHidden(v).reduce((s, x, j) => s + x * (h[j] ?? 0), 0);
      sum += Math.exp(negativeEnergy);
    }
    expect(energy({ visible: 'bernoulli', hidden: 'bernoulli' }, v)).toBeCloseTo(-Math.log(sum), 5);
  });

  it('of Gaussian hidden units is -log of the integral of exp(-E), up to a constant', () => {
    // -E = v·b + Σ (x h - h²/2), and the integral over one h is √(2π) exp(x²/2): by a sum over a fine grid.
    const integral = (x: number) => {
      let total = 0;
      for (let h = -20; h <= 20; h += 0.001) total += Math.exp(x * h - (h * h) / 2) * 0.001;
      return total / Math.sqrt(2 * Math.PI);
    };
    const v = [1, 0, 1, 1];
    const expected =
      -v.reduce((s, x, i) => s + x * (b[i] ?? 0), 0) - intoHidden(v).reduce((s, x) => s + Math.log(integral(x)), 0);
    expect(energy({ visible: 'bernoulli', hidden: 'gaussian' }, v)).toBeCloseTo(expected, 4);
  });

  it('of Gaussian visible units has half their squared distance from the bias, and is a mean over the batch', () => {
    const quadratic = rowsOf(data, visible).map((v) => v.reduce((s, x, i) => s + (x - (b[i] ?? 0)) ** 2 / 2, 0));
    const soft = rowsOf(data, visible).map((v) => intoHidden(v).reduce((s, x) => s + Math.log(1 + Math.exp(x)), 0));
    const expected = quadratic.reduce((s, q, n) => s + q - (soft[n] ?? 0), 0) / batch;
    expect(energy({ visible: 'gaussian', hidden: 'bernoulli' }, data)).toBeCloseTo(expected, 5);
  });
});

describe('contrastive divergence', () => {
  const kinds = ['bernoulli', 'gaussian'] as const;
  const all = kinds.flatMap((seen) =>
    kinds.flatMap((unseen) => (['probability', 'sample'] as const).map((state) => [seen, unseen, state] as const)),
  );

  it.each(all)(
    'of %s visible and %s hidden units, visible state %s: two steps by hand',
    (seen, unseen, visibleState) => {
      const units = { visible: seen, hidden: unseen };
      const draws = new Map<string, readonly number[]>();
      const draw = (purpose: string, count: number, low: number) => {
        const known = draws.get(purpose) ?? numbers(50 + draws.size, count, low, 1);
        draws.set(purpose, known);
        return known;
      };
      const result = scoped(() => {
        const noise = {
          uniform: (purpose: string, shape: readonly number[]) =>
            upload(draw(purpose, batch * (shape[1] ?? 0), 0), shape[1] ?? 0),
          normal: (purpose: string, shape: readonly number[]) =>
            upload(draw(purpose, batch * (shape[1] ?? 0), -1), shape[1] ?? 0),
        };
        const { gradients, reconstruction, model } = contrastiveDivergence(
          units,
          parameters(),
          upload(data, visible),
          { k: 2, visibleState },
          noise,
        );
        return {
          weight: [...gradients.weight.dataSync()],
          visibleBias: [...gradients.visibleBias.dataSync()],
          hiddenBias: [...gradients.hiddenBias.dataSync()],
          reconstruction: reconstruction.dataSync()[0] ?? Number.NaN,
          model: [...model.dataSync()],
        };
      });

      const meanOf = (kind: string, x: number) => (kind === 'bernoulli' ? logistic(x) : x);
      const stateOf = (kind: string, mean: number, noise: number) =>
        kind === 'bernoulli' ? (noise < mean ? 1 : 0) : mean + noise;
      const expected = {
        weight: w.map(() => 0),
        visibleBias: b.map(() => 0),
        hiddenBias: c.map(() => 0),
        reconstruction: 0,
      };
      rowsOf(data, visible).forEach((v0, n) => {
        const h0 = intoHidden(v0).map((x) => meanOf(unseen, x));
        let [v, h] = [v0, h0];
        for (let step = 0; step < 2; step++) {
          const sampled = h.map((mean, j) =>
            stateOf(unseen, mean, draws.get(`hidden_${step}`)?.[n * hidden + j] ?? Number.NaN),
          );
          const means = intoVisible(sampled).map((x) => meanOf(seen, x));
          if (step === 0) expected.reconstruction += means.reduce((s, m, i) => s + (m - (v0[i] ?? 0)) ** 2, 0) / batch;
          v =
            visibleState === 'probability'
              ? means
              : means.map((mean, i) =>
                  stateOf(seen, mean, draws.get(`visible_${step}`)?.[n * visible + i] ?? Number.NaN),
                );
          h = intoHidden(v).map((x) => meanOf(unseen, x));
        }
        for (let j = 0; j < hidden; j++) {
          for (let i = 0; i < visible; i++) {
            const at = j * visible + i;
            expected.weight[at] =
              (expected.weight[at] ?? 0) + ((h[j] ?? 0) * (v[i] ?? 0) - (h0[j] ?? 0) * (v0[i] ?? 0)) / batch;
          }
          expected.hiddenBias[j] = (expected.hiddenBias[j] ?? 0) + ((h[j] ?? 0) - (h0[j] ?? 0)) / batch;
        }
        for (let i = 0; i < visible; i++) {
          expected.visibleBias[i] = (expected.visibleBias[i] ?? 0) + ((v[i] ?? 0) - (v0[i] ?? 0)) / batch;
        }
      });
      expect(result.reconstruction).toBeCloseTo(expected.reconstruction, 4);
      for (const name of ['weight', 'visibleBias', 'hiddenBias'] as const) {
        expect(result[name]).toHaveLength(expected[name].length);
        for (const [i, value] of expected[name].entries())
          expect(result[name][i], `${name}[${i}]`).toBeCloseTo(value, 4);
      }
    },
  );
});
