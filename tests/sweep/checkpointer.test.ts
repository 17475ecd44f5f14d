import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileOperations } from '../../src/files/write-file.js';
import type { TrainingEvent } from '../../src/runtime/events.js';
import type { CheckpointRecord } from '../../src/runtime/store/records.js';
import { emptyChain } from '../../src/runtime/training/hash-chain.js';
import type { TrainingState } from '../../src/runtime/training/state.js';
import { Checkpointer, type CheckpointerOptions } from '../../src/trial/checkpointer.js';
import { failingAt } from '../runtime/store/failing-operations.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aedsl-checkpoints-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const stages = [{ stage: 'train', epochs: 4, steps: 40 }];
const started: readonly TrainingEvent[] = [
  {
    event: 'trial_started',
    experiment: 'e',
    seed: 1,
    backend: 'cpu',
    examples: { train: 100, validation: 0, test: 0 },
    parameters: 1,
    stages,
    targets: {},
  },
  { event: 'stage_started', stage: 'train', epochs: 4, stepsPerEpoch: 10 },
];
const epoch = (n: number): TrainingEvent => ({
  event: 'epoch',
  stage: 'train',
  epoch: n,
  metrics: {},
  stepsPerSecond: 1,
});
const state = (step: number): TrainingState => ({
  stage: 0,
  weights: { w: Float32Array.of(step) },
  progress: {
    kind: 'train',
    step,
    slots: {},
    sums: { batches: 0, sums: {} },
    stop: { best: 1, waited: 0 },
    best: null,
    idle: {},
  },
  metrics: {},
  chain: emptyChain,
});

function checkpointer(changes: Partial<CheckpointerOptions>) {
  const written: CheckpointRecord[] = [];
  const failures: Error[] = [];
  const made = new Checkpointer({
    folder,
    prefix: 'r1',
    policy: { seconds: null, epochs: null },
    identity: 'abc',
    clock: () => 0,
    history: () => null,
    from: null,
    onWritten: (record) => written.push(record),
    onFailed: (error) => failures.push(error),
    ...changes,
  });
  for (const event of started) made.observe(event);
  return { made, written, failures };
}

test('checkpoints are due after so many seconds or epochs, and at the last step', () => {
  let now = 0;
  const bySeconds = checkpointer({ policy: { seconds: 30, epochs: null }, clock: () => now }).made;
  now = 29_000;
  expect(bySeconds.due(5)).toBe(false);
  now = 30_000;
  expect(bySeconds.due(6)).toBe(true);
  bySeconds.save(state(6));
  expect(bySeconds.due(7)).toBe(false);
  expect(bySeconds.due(40)).toBe(true);

  const byEpochs = checkpointer({ policy: { seconds: null, epochs: 2 } }).made;
  byEpochs.observe(epoch(1));
  expect(byEpochs.due(10)).toBe(false);
  byEpochs.observe(epoch(2));
  expect(byEpochs.due(20)).toBe(true);
});

test('a checkpoint says where it is and what its file hashes to', () => {
  const { made, written } = checkpointer({});
  made.observe(epoch(1));
  made.save(state(14));
  const [record] = written;
  expect(record).toMatchObject({ stage: 0, step: 14, epochs: 1 });
  const bytes = readFileSync(join(folder, record?.file ?? ''));
  expect(record).toMatchObject({ bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
});

test('nothing is written through a link that took the place of the folder', () => {
  const { made, written, failures } = checkpointer({});
  const elsewhere = `${folder}-elsewhere`;
  renameSync(folder, elsewhere);
  symlinkSync(elsewhere, folder);
  expect(made.save(state(1))).toBeNull();
  expect([written, failures.map(({ message }) => message)]).toEqual([[], [expect.stringContaining(folder)]]);
  expect(readdirSync(elsewhere)).toEqual([]);
  rmSync(elsewhere, { recursive: true });
});

test('whichever write or fsync fails, the trial goes on and no file is half there', () => {
  for (let k = 1; k <= 6; k++) {
    const { made, written, failures } = checkpointer({ operations: failingAt(k, fileOperations) });
    expect(made.save(state(k)) === null).toBe(failures.length === 1);
    expect(written.length + failures.length).toBe(1);
    expect(readdirSync(folder).filter((file) => file.endsWith('.part'))).toEqual([]);
  }
});
