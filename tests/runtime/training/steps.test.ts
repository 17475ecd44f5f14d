import { expect, it } from 'vitest';
import type { TrainingEvent } from '../../../src/runtime/events.js';
import { run } from '../../../src/sweep/run.js';
import { compileStatements } from '../../compiler/compiled.js';

/** 200 examples in batches of 20: ten steps an epoch. */
async function trained(settings: string, pretraining = settings) {
  const events: TrainingEvent[] = [];
  const text = `experiment e {
    data digits(take=200, validation=20, test=10) { center_crop(8) }
    encoder { h: dense(6, activation=sigmoid)  code: dense(3, activation=sigmoid) }
    decoder mirror(encoder, output=sigmoid)
    pretrain rbm(on=[h, code], lr=0.1) { ${pretraining}  batch = 20 }
    loss mse()
    train adam(lr=cosine(0.01)) { ${settings}  batch = 20 }
  }`;
  const listener = (event: { readonly event: string }) => void events.push(event as TrainingEvent);
  const ended = await run({ source: { path: 'e.ae', text }, backend: 'cpu', store: null, listener });
  ended.model?.dispose();
  return { weights: ended.weightsSha256, events };
}

const of = <E extends TrainingEvent['event']>(events: readonly TrainingEvent[], event: E, stage = 'train') =>
  events.filter(
    (one): one is Extract<TrainingEvent, { event: E }> => one.event === event && 'stage' in one && one.stage === stage,
  );

it('as many steps as whole epochs have are the same training', async () => {
  const [epochs, steps] = [await trained('epochs = 2'), await trained('steps = 20')];
  expect(steps.weights).toBe(epochs.weights);
  expect(of(steps.events, 'stage_started')).toEqual(of(epochs.events, 'stage_started'));
});

it('a stage may end within an epoch, which is reported and evaluated', async () => {
  const { events } = await trained('steps = 13', 'steps = 4');
  expect(of(events, 'stage_started')).toMatchObject([{ epochs: 2, stepsPerEpoch: 10, steps: 13 }]);
  expect(of(events, 'stage_done')).toMatchObject([{ epochs: 2, steps: 13, reason: 'complete' }]);
  expect(of(events, 'evaluation').map(({ part, epoch }) => [part, epoch])).toEqual([
    ['validation', 1],
    ['validation', 2],
    ['test', 2],
  ]);
  // Four steps of each of two layers.
  expect(of(events, 'stage_done', 'pretrain')).toMatchObject([{ epochs: 2, steps: 8, reason: 'complete' }]);
  const rates = of(events, 'steps').flatMap(({ series }) => [...(series.lr ?? [])]);
  expect(rates).toHaveLength(13);
  // The schedule lasts as long as the stage.
  expect(rates.at(-1)).toBeLessThan(0.0003);
});

it('epochs that follow from steps are no part of the identity', () => {
  const { ir, canonical } = compileStatements('data mnist(take=1000)  train adam() { steps = 70  batch = 20 }');
  expect(ir.stages[0]?.settings.epochs).toEqual({ value: 2, origin: 'inserted' });
  expect(JSON.stringify(canonical)).toContain('"settings":{"steps":70,"batch":20}');
});
