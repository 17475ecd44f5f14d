import { beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import type { TrialResult } from '../../../src/runtime/training/train-trial.js';
import { stepsOf, type Trained, train } from './trial.js';

const data = 'data digits(take=60, test=10) { center_crop(8) }';
const twoLayers = 'encoder { dense(12, activation=sigmoid)  code: dense(5, activation=sigmoid) }';

function weight({ weights }: TrialResult, key: string): Float32Array {
  const found = weights.find((candidate) => candidate.key === key);
  if (!found) throw new RangeError(`there is no weight '${key}'`);
  return found.values;
}

function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  return values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)] ?? Number.NaN);
}

function lastMetric({ metrics }: TrialResult, name: string): number {
  return metrics[name] ?? Number.NaN;
}

beforeAll(async () => {
  await chooseBackend('cpu');
});

describe('pretrain autoencoder()', () => {
  it('of the only layer is the training of a tied autoencoder, bit for bit', async () => {
    const layer = 'encoder { code: dense(6, activation=sigmoid, init=xavier()) }';
    const settings = '{ epochs = 2  batch = 16  shuffle = false }';
    const decoder = 'decoder tied(encoder, output=sigmoid)';
    const zeros = new Map([['decoder/0/bias', new Float32Array(64)]]);
    const whole = await train(`${data} ${layer} ${decoder} loss mse() train adam(lr=0.01) ${settings}`, {
      init: zeros,
    });
    const greedy = await train(
      `${data} ${layer} ${decoder} loss mse() pretrain autoencoder(optimizer=adam(lr=0.01)) ${settings}
       train sgd(lr=0) { epochs = 1  batch = 60 }`,
      { init: zeros },
    );
    expect(greedy.weightsSha256).toBe(whole.weightsSha256);
  });

  it('trains each layer on what the layers below give, and rebuilds it better and better', async () => {
    const trained = await train(
      `${data} ${twoLayers} decoder mirror(encoder, output=sigmoid) loss mse()
       pretrain autoencoder(optimizer=adam(lr=0.02)) { epochs = 8  batch = 20 }
       train sgd(lr=0) { epochs = 1  batch = 60 }`,
    );
    const epochs = trained.events.flatMap((event) =>
      event.event === 'epoch' && event.stage === 'pretrain' ? [event] : [],
    );
    expect(epochs.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 16 }, (_, i) => i + 1));
    for (const [layer, own] of [
      ['encoder.0', epochs.slice(0, 8)],
      ['encoder.1', epochs.slice(8)],
    ] as const) {
      const errors = own.map(({ metrics }) => metrics[`pretrain.${layer}.loss.mse`] ?? Number.NaN);
      expect(errors.at(-1)).toBeLessThan(0.9 * (errors[0] ?? 0));
    }
  });

  it('corrupts the input of each layer, fresh at every step', async () => {
    const statements = (corrupt: string) =>
      `${data} ${twoLayers} decoder mirror(encoder, output=sigmoid) loss mse()
       pretrain autoencoder(${corrupt}) { epochs = 1  batch = 20 }`;
    const [clean, masked, again] = await Promise.all([
      train(statements('')),
      train(statements('corrupt=masking(0.5)')),
      train(statements('corrupt=masking(0.5)')),
    ]);
    expect(masked.weightsSha256).toBe(again.weightsSha256);
    expect(masked.weightsSha256).not.toBe(clean.weightsSha256);
  });
});

describe('what a pretrained layer leaves behind', () => {
  const rbm = 'pretrain rbm(lr=0.05, momentum=0.5) { epochs = 1  batch = 20 }';
  const pretrained = (decoder: string, stage = rbm) =>
    train(`${data} ${twoLayers} decoder ${decoder} loss mse() ${stage} train sgd(lr=0) { epochs = 1  batch = 60 }`);

  it('under mirror the decoder layer opposite has the transposed weight, and the visible bias', async () => {
    const result = await pretrained('mirror(encoder, output=sigmoid)');
    expect(weight(result, 'decoder/1/weight')).toEqual(transposed(weight(result, 'encoder/0/weight'), 12, 64));
    expect(weight(result, 'decoder/0/weight')).toEqual(transposed(weight(result, 'encoder/1/weight'), 5, 12));
    expect(weight(result, 'decoder/1/bias').some((b) => b !== 0)).toBe(true);
  });

  it('under tied it has the visible bias, and the weight is the encoder’s own', async () => {
    const [tied, mirrored] = await Promise.all([
      pretrained('tied(encoder, output=sigmoid)'),
      pretrained('mirror(encoder, output=sigmoid)'),
    ]);
    expect(tied.weights.map(({ key }) => key)).not.toContain('decoder/0/weight');
    for (const key of ['encoder/0/weight', 'encoder/1/bias', 'decoder/0/bias', 'decoder/1/bias']) {
      expect(weight(tied, key)).toEqual(weight(mirrored, key));
    }
    expect(lastMetric(tied, 'test.sse')).toBeCloseTo(lastMetric(mirrored, 'test.sse'), 4);
  });

  it('a decoder that is written out keeps its own start', async () => {
    const written = '{ dense(12, activation=sigmoid)  dense(input.size, activation=sigmoid) }';
    const [with_, without] = await Promise.all([
      pretrained(written),
      train(`${data} ${twoLayers} decoder ${written} loss mse() train sgd(lr=0) { epochs = 1  batch = 60 }`),
    ]);
    expect(weight(with_, 'decoder/1/weight')).toEqual(weight(without, 'decoder/1/weight'));
    expect(weight(with_, 'decoder/1/bias')).toEqual(weight(without, 'decoder/1/bias'));
    expect(weight(with_, 'encoder/0/weight')).not.toEqual(weight(without, 'encoder/0/weight'));
  });
});

describe('pretrain rbm()', () => {
  const statements = `data digits(take=200, validation=50, test=10) { center_crop(12) }
    encoder { dense(30, activation=sigmoid)  code: dense(4) }
    decoder tied(encoder, output=sigmoid)
    let momentum = switch(0.5, 0.9, after=2)
    loss mse()
    pretrain rbm(lr=0.1, momentum=momentum, weight_decay=0.0002) { epochs = 4  batch = 20 }
    train sgd(lr=0) { epochs = 1  batch = 50 }`;
  let trained: Trained;

  beforeAll(async () => {
    trained = await train(statements);
  });

  it('lowers the error of the first reconstruction', () => {
    const errors = trained.events.flatMap((event) =>
      event.event === 'epoch' && event.stage === 'pretrain'
        ? [event.metrics['pretrain.encoder.0.reconstruction'] ?? []]
        : [],
    );
    const first = errors.flat();
    expect(first).toHaveLength(4);
    expect(first.at(-1)).toBeLessThan(0.8 * (first[0] ?? 0));
  });

  it('each layer has the schedule from its own beginning', () => {
    const momenta = stepsOf(
      { events: trained.events.filter((e) => 'stage' in e && e.stage === 'pretrain') },
      'momentum',
    );
    const ofLayer = [...Array<number>(20).fill(0.5), ...Array<number>(20).fill(Math.fround(0.9))];
    expect(momenta).toEqual([...ofLayer, ...ofLayer]);
  });

  it('measures the free energy of data it is trained on and of data it is not', () => {
    for (const layer of ['encoder.0', 'encoder.1']) {
      expect(Number.isFinite(lastMetric(trained, `pretrain.${layer}.free_energy`))).toBe(true);
      expect(Number.isFinite(lastMetric(trained, `pretrain.${layer}.validation_free_energy`))).toBe(true);
    }
  });

  it('interrupted anywhere, in either layer, goes on to the same bits', async () => {
    for (const step of [1, 20, 39, 40, 41, 63]) {
      const interruption = new AbortController();
      const first = await train(statements, {
        signal: interruption.signal,
        checkpoints: {
          due(done) {
            if (done === step) interruption.abort();
            return false;
          },
          save: () => {},
        },
      });
      if (first.state === null) continue;
      const second = await train(statements, { resumeFrom: structuredClone(first.state) });
      expect(second.weightsSha256).toBe(trained.weightsSha256);
      expect(second.metrics).toEqual(trained.metrics);
    }
  });
});
