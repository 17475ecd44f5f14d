import { expect, it } from 'vitest';
import { plainSweepReporter } from '../../src/cli/reporters/sweep-plain.js';
import type { TrialState } from '../../src/runtime/store/sweep-vocabulary.js';
import { recordedConsole } from './recorded-console.js';

it('a sweep in a pipe says where its trials are once a minute', () => {
  const { console, out, err } = recordedConsole();
  const linesOf = (text: string) => text.trimEnd().split('\n');
  let now = 0;
  const listener = plainSweepReporter(console, () => now);
  const trial = { trial: 0, parameters: { rho: 0.05 }, seed: 1, identity: '', runId: null };
  listener({
    event: 'started',
    of: 'sweep',
    id: 's1',
    name: 'sparse',
    experiment: 'sparse',
    backend: 'simd',
    data: 'mnist',
    axes: [{ name: 'rho', values: [0.05] }],
    trials: [{ ...trial, state: 'queued' }],
    objective: null,
    comparable: 'loss',
    jobs: 1,
    threads: 1,
  });
  const state = (name: TrialState) =>
    listener({
      event: 'trial_state',
      trial: 0,
      state: name,
      runId: 'r1',
      reason: null,
      weightsSha256: null,
      metrics: null,
    });
  const epoch = (number: number) =>
    listener({
      event: 'epoch',
      trial: 0,
      stage: 'train',
      epoch: number,
      metrics: { 'train.loss': 1 / number },
      stepsPerSecond: 1,
    });
  state('running');
  listener({
    event: 'stage_started',
    trial: 0,
    stage: 'train',
    epochs: 5,
    stepsPerEpoch: 10,
  });
  for (let number = 1; number <= 5; number++) {
    now += 25_000;
    epoch(number);
  }
  state('complete');
  expect(linesOf(out())).toEqual([
    's1 · sparse · 1 trial · mnist · simd · 1 at a time',
    '0  rho=0.05 seed=1  complete  r1',
  ]);
  expect(linesOf(err())).toEqual([
    '0  rho=0.05 seed=1  running  r1',
    '0  rho=0.05 seed=1  train 3/5  train.loss 0.333333',
  ]);
});
