import { expect, test } from 'vitest';
import { anything } from '../../src/runtime/formats/json.js';
import { encodeSafetensors } from '../../src/runtime/formats/safetensors.js';
import { emptyChain } from '../../src/runtime/training/hash-chain.js';
import type { TrainingState } from '../../src/runtime/training/state.js';
import { CheckpointError, decodeCheckpoint, encodeCheckpoint } from '../../src/trial/checkpoint-file.js';
import { historyState } from '../../src/trial/history.js';

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
    idle: { l1: { since: 2, told: true } },
  },
  metrics: { 'train.loss': Number.NaN, 'train.mse': Number.NEGATIVE_INFINITY },
  chain: emptyChain,
};

test('a checkpoint comes back as it was, to the bit, and the same state gives the same bytes', () => {
  const checkpoint = { identity: 'abc', state, history: { x: [0.1, Number.NaN] } };
  const bytes = encodeCheckpoint(checkpoint);
  expect(decodeCheckpoint(bytes, anything)).toEqual(checkpoint);
  expect(Object.is(decodeCheckpoint(bytes, anything).state.progress?.sums.sums.mse, -0)).toBe(true);
  expect(Object.keys(decodeCheckpoint(bytes, anything).state.weights)).toEqual(Object.keys(weights));
  expect(encodeCheckpoint(checkpoint)).toEqual(bytes);
});

test('names that metrics had in an earlier version are read as the present ones', () => {
  const { progress } = state;
  const before = {
    ...state,
    metrics: { 'train.mse_term': 1, 'train.mse': 2 },
    progress: { ...progress, sums: { batches: 1, sums: { mse_term: 3, loss: 4 } } },
  };
  const curve = { key: 'step mse_term', name: 'train', metric: 'mse_term', style: 'steps', x: [1], y: [2] };
  const written = { identity: 'abc', state, history: { stepsPerEpoch: 1, epochsBefore: 0, curves: [curve] } };
  const read = decodeCheckpoint(encodeCheckpoint(Object.assign(written, { state: before })), historyState);
  expect(read.state.metrics).toEqual({ 'train.loss.mse': 1, 'train.mse': 2 });
  expect(read.state.progress?.sums.sums).toEqual({ 'loss.mse': 3, loss: 4 });
  expect(read.history.curves).toMatchObject([{ key: 'step loss.mse', metric: 'loss.mse' }]);
});

test('a file of another version is refused', () => {
  const other = encodeSafetensors([], { aedsl_checkpoint: '0', json: '{}' });
  expect(() => decodeCheckpoint(other, anything)).toThrow(CheckpointError);
});

test('a file of this version whose state is of another shape is refused, and says where', () => {
  const bytesOf = (changed: unknown, history: unknown = null) =>
    encodeCheckpoint(Object.assign({ identity: 'abc', state, history }, { state: changed }));
  const places: readonly (readonly [changed: unknown, message: string])[] = [
    [null, 'state is not an object'],
    [{ ...state, stage: -1 }, 'state.stage is not a whole number'],
    [{ ...state, stage: 1e15 }, 'state.stage is not a whole number'],
    [{ ...state, weights: { a: [1] } }, 'state.weights.a is not an array of floats'],
    [{ ...state, progress: { ...state.progress, kind: 'other' } }, 'state.progress.kind is not one of'],
    [{ ...state, progress: { ...state.progress, step: 0.5 } }, 'state.progress.step'],
    [{ ...state, progress: { ...state.progress, slots: { a: 1 } } }, 'state.progress.slots.a'],
    [{ ...state, progress: { ...state.progress, sums: { batches: 1 } } }, 'state.progress.sums.sums'],
    [{ ...state, metrics: { a: 'b' } }, 'state.metrics.a is not a number'],
    [{ ...state, chain: {} }, 'state.chain'],
  ];
  for (const [changed, message] of places) {
    expect(() => decodeCheckpoint(bytesOf(changed), anything), message).toThrow(CheckpointError);
    expect(() => decodeCheckpoint(bytesOf(changed), anything)).toThrow(message);
  }
  expect(() =>
    decodeCheckpoint(bytesOf(state, { stepsPerEpoch: 1, epochsBefore: 0, curves: 1 }), historyState),
  ).toThrow('history.curves is not a list');
  expect(() => decodeCheckpoint(new Uint8Array(7), anything)).toThrow(CheckpointError);
  const deep = `${'{"a":'.repeat(1e5)}1${'}'.repeat(1e5)}`;
  expect(() => decodeCheckpoint(encodeSafetensors([], { aedsl_checkpoint: '1', json: deep }), anything)).toThrow(
    'deeper',
  );
});
