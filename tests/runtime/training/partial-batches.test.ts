import { beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { type Trained, train } from './trial.js';

beforeAll(async () => {
  await chooseBackend('cpu');
});

describe('a last batch of one example under batch norm', () => {
  const statements = (data: string, batch: string) => `data digits(${data}, validation=16, test=16) { center_crop(8) }
    encoder { dense(6)  batch_norm()  code: dense(3, activation=sigmoid) }
    decoder { dense(input.size, activation=sigmoid) }
    train sgd(lr=0.1) { epochs = 3  ${batch} }`;
  const running = ({ weights }: Trained) =>
    weights.filter(({ key }) => key.includes('running')).map(({ values }) => [...values]);

  it('leaves the running statistics to the batches that have some', async () => {
    // Nothing is learned, so that the statistics are of the same values in every epoch.
    const still = (data: string, batch: string) => train(statements(data, batch).replace('lr=0.1', 'lr=1e-30'));
    const withOne = await still('take=17', 'batch = 16  shuffle = false');
    const without = await still('take=17', 'batch = 16  shuffle = false  drop_last = true');
    expect(running(withOne)).toEqual(running(without));
    expect(running(withOne)[1]?.every((variance) => variance > 0)).toBe(true);
  });

  it('keeps the validation in reach', async () => {
    const { metrics } = await train(statements('take=17', 'batch = 16'));
    expect(metrics['validation.loss']).toBeLessThan(1);
  });
});
