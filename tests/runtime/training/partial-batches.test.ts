import { beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { digitsOf, experimentOf, type Trained, train, trainOn } from './trial.js';

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

describe('evaluate_train', () => {
  const data = `data digits(take=21, validation=16, test=16) { center_crop(8) }
    encoder { dropout(0.5)  code: dense(6, activation=sigmoid) }`;

  it('measures all training examples alike with the weights after the epoch, and moves no weight', async () => {
    const settings = 'epochs = 3  batch = 8  evaluate_every = 2';
    const plain = await train(`${data}  train adam(lr=0.1) { ${settings} }`);
    const measured = await train(`${data}  train adam(lr=0.1) { ${settings}  evaluate_train = true }`);
    expect(measured.weightsSha256).toBe(plain.weightsSha256);
    expect(measured.metrics).toMatchObject(plain.metrics);
    const evaluated = measured.events.flatMap((event) =>
      event.event === 'evaluation' && event.part === 'train' ? [event.epoch] : [],
    );
    expect(evaluated).toEqual([2, 3]);
    // The same examples as another part are the same numbers, whatever the batches were.
    const experiment = experimentOf(`${data}  train adam(lr=0.1) { ${settings}  evaluate_train = true }`);
    const parts = digitsOf(experiment);
    const same = await trainOn(
      { ...parts, test: parts.train },
      { ...experiment, data: { ...experiment.data, test: 21 } },
    );
    for (const metric of ['loss', 'mse', 'sse', 'loss.mse']) {
      expect(same.metrics[`train_evaluated.${metric}`], metric).toBe(same.metrics[`test.${metric}`]);
    }
    expect(same.metrics['train_evaluated.loss']).not.toBe(same.metrics['train.loss']);
  });

  it('is that of the kept weights', async () => {
    const kept = await train(
      `${data}  train sgd(lr=switch(0.1, 1e6, after=1)) { epochs = 3  batch = 8  keep = best  evaluate_train = true }`,
    );
    const first = await train(`${data}  train sgd(lr=0.1) { epochs = 1  batch = 8  evaluate_train = true }`);
    expect(kept.weightsSha256).toBe(first.weightsSha256);
    expect(kept.metrics['train_evaluated.loss']).toBe(first.metrics['train_evaluated.loss']);
  });
});
