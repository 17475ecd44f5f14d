import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { fileOperations } from '../../src/files/write-file.js';
import { drawFilters } from '../../src/runtime/figures/filters.js';
import { openStore } from '../../src/runtime/store/store.js';
import { run } from '../../src/sweep/run.js';
import { endEvaluation } from '../../src/trial/evaluation-end.js';
import { load } from '../../src/trial/load.js';
import { sampleRun, trialDone, trialStarted } from '../runtime/store/sample-run.js';
import { smallExperiment } from '../sweep/sweep-places.js';

vi.mock('../../src/runtime/figures/filters.js', () => ({ drawFilters: vi.fn() }));

const folders: string[] = [];
const scratch = () => {
  const folder = mkdtempSync(join(tmpdir(), 'aedsl-evaluation-test-'));
  folders.push(folder);
  return join(folder, 'results.db');
};
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const source = {
  path: 'small.ae',
  text: smallExperiment.replace(/\}\s*$/, '  evaluate { psnr() }\n  show { filters(code)  loss_curves() }\n}\n'),
};

test('a picture that throws fails alone', async () => {
  vi.mocked(drawFilters).mockRejectedValue(new RangeError('Array buffer allocation failed'));
  const store = scratch();
  const ended = await run({ source, store, backend: 'simd' });
  ended.model?.dispose();
  expect(ended).toMatchObject({ status: 'complete', evaluation: 'failed', runId: 'r1' });
  expect(ended.failures).toEqual([{ what: 'filters(code)', reason: 'Array buffer allocation failed' }]);
  expect(ended.metrics).toHaveProperty('test.psnr');
  const reader = await openStore(store, { mode: 'read' });
  expect(reader.findRun('r1')).toMatchObject({
    evaluation: 'failed',
    evaluationError: 'filters(code) failed: Array buffer allocation failed',
    weightsSha256: ended.weightsSha256,
  });
  expect(reader.listFiles('r1', 'figure').map(({ name }) => name)).toEqual(['loss_curves()']);
  reader.close();
  const model = await load('r1', { store });
  model.dispose();
});

test('a disk that is full while pictures are kept costs the pictures alone', async () => {
  const path = scratch();
  const store = await openStore(path, {
    mode: 'write',
    command: 'aedsl run small.ae',
    fileOperations: {
      ...fileOperations,
      open(file) {
        if (file.includes('.png')) throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
        return fileOperations.open(file);
      },
    },
  });
  const writer = store.startRun(sampleRun());
  writer.record(trialStarted());
  const weightsSha256 = 'ab'.repeat(32);
  const training = {
    status: 'complete',
    metrics: { 'train.loss': 1 },
    weightsSha256,
    divergence: null,
    seconds: 1,
  } as const;
  writer.trained({ ...training, weights: Uint8Array.of(1), chain: Uint8Array.of(2), curves: [] });
  expect(store.findRun('r1')).toMatchObject({ status: 'complete', evaluation: 'pending', weightsSha256 });
  writer.record(trialDone());
  const pictures = ['a', 'b'].map((name) => ({ name, png: new TextEncoder().encode(name) }));
  const { evaluation } = endEvaluation(writer, { pictures, failures: [], unfinished: false });
  expect(evaluation).toMatchObject({ state: 'failed', error: expect.stringMatching(/a failed: .*; b failed: /) });
  store.close();
  const reader = await openStore(path, { mode: 'read' });
  expect(reader.findRun('r1')).toMatchObject({ status: 'complete', evaluation: 'failed' });
  expect(reader.readFinal('r1')).toMatchObject({ 'train.loss': 0.5 });
  expect(reader.listFiles('r1', 'weights')).toHaveLength(1);
  reader.close();
});

test('whoever dies or gives up after the training leaves a run that is complete and not evaluated', async () => {
  const path = scratch();
  const store = await openStore(path, { mode: 'write', command: 'aedsl run small.ae' });
  const weightsSha256 = 'ab'.repeat(32);
  const training = { status: 'complete', metrics: {}, weightsSha256, divergence: null, seconds: 1 } as const;
  const trained = () => {
    const writer = store.startRun(sampleRun());
    writer.record(trialStarted());
    writer.trained({ ...training, weights: Uint8Array.of(1), chain: Uint8Array.of(2), curves: [] });
    return writer;
  };
  trained().fail('out of memory');
  trained().suspend('interrupted', null);
  trained();
  expect(store.findComplete(sampleRun().identity)?.id).toBe('r1');
  store.close();
  const reader = await openStore(path, { mode: 'read' });
  const found = ['r1', 'r2', 'r3'].map((id) => reader.findRun(id));
  expect(found.map(({ status, evaluation, evaluationError }) => [status, evaluation, evaluationError])).toEqual([
    ['complete', 'failed', 'out of memory'],
    ['complete', 'pending', null],
    ['complete', 'pending', null],
  ]);
  reader.close();
});
