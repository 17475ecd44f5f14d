import { expect, it } from 'vitest';
import { plainReporter } from '../../src/cli/reporters/reporter.js';
import { plainSweepReporter } from '../../src/cli/reporters/sweep-plain.js';
import type { TrialState } from '../../src/runtime/events.js';
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
  listener({ event: 'note', trial: 0, text: 'its l1 moves no weight' });
  listener({ event: 'note', trial: null, text: 'no new point is left' });
  state('complete');
  listener({
    event: 'ended',
    id: 's1',
    status: 'complete',
    counts: { complete: 1 },
    best: 0,
    differing: [],
    unevaluated: [],
    seconds: 125,
  });
  expect(linesOf(out())).toEqual([
    's1 · sparse · 1 trial · mnist · simd · 1 at a time',
    '0  rho=0.05 seed=1  complete  r1',
    '1 complete in 2 min 5 s',
    'best: trial 0  rho=0.05 seed=1',
  ]);
  expect(linesOf(err())).toEqual([
    '0  rho=0.05 seed=1  running  r1',
    '0  rho=0.05 seed=1  train 3/5  train.loss 0.333333',
    'trial 0: its l1 moves no weight',
    'no new point is left',
  ]);
});

it('of a run in a pipe are said the notes before it, what it is, and how its only trial goes', () => {
  const { console, out, err } = recordedConsole();
  const listener = plainReporter(console, () => 0);
  listener({ event: 'note', trial: null, text: 'no commit is kept' });
  listener({
    event: 'started',
    of: 'run',
    id: 'r7',
    name: 'sparse',
    experiment: 'sparse',
    backend: 'simd',
    data: 'mnist',
    axes: [],
    trials: [{ trial: 0, parameters: {}, seed: 3, identity: '', state: 'running', runId: 'r7' }],
    objective: null,
    comparable: 'loss',
    jobs: 1,
    threads: 1,
  });
  listener({ event: 'stage_started', trial: 0, stage: 'train', epochs: 2, stepsPerEpoch: 10 });
  listener({ event: 'epoch', trial: 0, stage: 'train', epoch: 1, metrics: { 'train.loss': 0.5 }, stepsPerSecond: 20 });
  listener({ event: 'stage_done', trial: 0, stage: 'train', epochs: 1, steps: 10, reason: 'early_stop' });
  const end = { runId: 'r7', reason: null, weightsSha256: null, metrics: null };
  listener({ event: 'trial_state', trial: 0, state: 'complete', ...end });
  expect(out().trimEnd().split('\n')).toEqual([
    'r7 · sparse · seed 3 · mnist · simd',
    'train 1/2  loss 0.5 · 20 steps/s',
    'train stopped early, after 1 epoch',
  ]);
  expect(err()).toBe('no commit is kept\n');
});
