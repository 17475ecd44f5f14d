import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrainingEvent } from '../../../src/runtime/events.js';
import type { RunDescription } from '../../../src/runtime/store/records.js';

export function sampleRun(changes: Partial<RunDescription> = {}): RunDescription {
  return {
    experiment: 'sparse',
    file: 'experiments/sparse.ae',
    source: 'experiment sparse { }',
    identity: createHash('sha256').update('sparse').digest('hex'),
    ir: { sha256: createHash('sha256').update('{}').digest('hex'), json: '{}' },
    seed: 1,
    backend: 'cpu',
    numerics: '1',
    data: { name: 'digits', sha256: createHash('sha256').update('data').digest('hex') },
    environment: '{"package":{"version":"0.1.0"}}',
    parameters: [
      { name: 'rho', value: 0.01, origin: 'given' },
      { name: 'hidden', value: 100, origin: 'default' },
    ],
    ...changes,
  };
}

/** One stage `train` of a number of epochs. */
export function trialStarted(
  epochs = 2,
  stepsPerEpoch = 10,
  targets: Readonly<Record<string, number>> = {},
): TrainingEvent {
  return {
    event: 'trial_started',
    experiment: 'sparse',
    seed: 1,
    backend: 'cpu',
    examples: { train: 320, validation: 0, test: 100 },
    parameters: 20200,
    stages: [{ stage: 'train', epochs, steps: epochs * stepsPerEpoch }],
    targets,
  };
}

export function steps(firstStep: number, values: ArrayLike<number>, metric = 'loss', stage = 'train'): TrainingEvent {
  return { event: 'steps', stage, firstStep, series: { [metric]: Float32Array.from(values) } };
}

export function epoch(number: number, metrics: Readonly<Record<string, number>>): TrainingEvent {
  return { event: 'epoch', stage: 'train', epoch: number, metrics, stepsPerSecond: 1000 };
}

export function stageDone(epochs: number, stepCount: number): TrainingEvent {
  return { event: 'stage_done', stage: 'train', epochs, steps: stepCount, reason: 'complete' };
}

export function trialDone(metrics: Readonly<Record<string, number>> = { 'train.loss': 0.5 }): TrainingEvent {
  return {
    event: 'trial_done',
    status: 'complete',
    metrics,
    weightsSha256: createHash('sha256').update('weights').digest('hex'),
    divergence: null,
    seconds: 1.5,
  };
}

/** A folder of its own, removed after `use`. */
export async function inFolder<T>(use: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'aedsl-store-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
