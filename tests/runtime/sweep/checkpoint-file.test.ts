import { expect, test } from 'vitest';
import { encodeSafetensors } from '../../../src/runtime/formats/safetensors.js';
import { CheckpointError, decodeCheckpoint, encodeCheckpoint } from '../../../src/runtime/sweep/checkpoint-file.js';
import { emptyChain } from '../../../src/runtime/training/hash-chain.js';
import type { TrainingState } from '../../../src/runtime/training/state.js';

const weights = { 'encoder/0/weight': Float32Array.of(1.5, -0, 1e-45, 3e38), 'encoder/0/bias': new Float32Array(0) };
const state: TrainingState = {
  stage: 1,
  weights,
  progress: {
    kind: 'train',
    step: 1234,
    slots: { 'encoder/0/weight': { m: Float32Array.of(1, 2, 3, 4), v: Float32Array.of(0.1, 0.2, 0.3, 0.4) } },
    sums: { batches: 3, sums: { loss: 0.1 + 0.2, mse: -0 } },
    stop: { best: Number.POSITIVE_INFINITY, waited: 0 },
    best: { epoch: 2, loss: 0.25, metrics: { 'validation.loss': 0.25 }, weights },
  },
  metrics: { 'train.loss': Number.NaN, 'train.mse': Number.NEGATIVE_INFINITY },
  chain: emptyChain,
};

test('a checkpoint comes back as it was, to the bit, and the same state gives the same bytes', () => {
  const checkpoint = { identity: 'abc', state, history: { x: [0.1, Number.NaN] } };
  const bytes = encodeCheckpoint(checkpoint);
  expect(decodeCheckpoint(bytes)).toEqual(checkpoint);
  expect(Object.is(decodeCheckpoint(bytes).state.progress?.sums.sums.mse, -0)).toBe(true);
  expect(Object.keys(decodeCheckpoint(bytes).state.weights)).toEqual(Object.keys(weights));
  expect(encodeCheckpoint(checkpoint)).toEqual(bytes);
});

test('a file of another version is refused', () => {
  const other = encodeSafetensors([], { aedsl_checkpoint: '0', json: '{}' });
  expect(() => decodeCheckpoint(other)).toThrow(CheckpointError);
});
