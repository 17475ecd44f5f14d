import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyAgainst, verifyRun, windowText } from '../../../src/compare/verify/verify.js';
import type { Executor } from '../../../src/execute/executor.js';
import { isLast, type TrialMessage } from '../../../src/execute/job.js';
import type { RecordedRun } from '../../../src/trial/bundle/recorded-run.js';
import { oneUlpOff } from './one-ulp.js';
import { cpuEngine, recorded, small } from './trained.js';

const folder = mkdtempSync(join(tmpdir(), 'aedsl-verify-'));
let run: RecordedRun;
beforeAll(async () => {
  run = await recorded(small, join(folder, 'results.db'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a run that is trained again', () => {
  it('is bit-identical', async () => {
    const done: number[] = [];
    const verdict = await verifyRun(run, cpuEngine(), { onSteps: (steps) => done.push(steps) });
    expect(verdict).toMatchObject({ identical: true, steps: 30, window: null, tensor: null, notes: [] });
    expect(done).toEqual([1, 2, 4, 8, 16, 30]);
  });

  it('has weights that were stored to the bit', async () => {
    expect(await verifyRun(run, cpuEngine(), { values: 'weights' })).toMatchObject({ identical: true, stored: [] });
  });

  it('is not what another seed, or a change of the data’s order, gives, and ends there', async () => {
    const engine = cpuEngine();
    const ends: TrialMessage[] = [];
    const start: Executor['start'] = (job, place, listener) =>
      engine.executor.start(job, place, (message) => {
        if (isLast(message)) ends.push(message);
        listener(message);
      });
    const verdict = await verifyRun({ ...run, seed: 2 }, { ...engine, executor: { start, close: async () => {} } });
    expect(ends).toMatchObject([{ type: 'ended', end: { status: 'interrupted' } }]);
    expect(verdict).toMatchObject({ identical: false, steps: 0, window: { stage: 'train', after: 0, until: 1 } });
    expect(verdict.tensor).toMatchObject({ step: 1, name: 'input', place: 1 });
  });

  it('says so when only what it ended with differs', async () => {
    const verdict = await verifyRun({ ...run, weightsSha256: '0'.repeat(64) }, cpuEngine());
    expect(verdict).toMatchObject({ identical: false, window: null });
    expect(verdict.notes).toEqual(['the weights that were kept at the end differ']);
  });

  it('is refused with other data', async () => {
    await expect(verifyRun({ ...run, dataSha256: 'f'.repeat(64) }, cpuEngine())).rejects.toThrow(
      /no longer the same trial: its data, digits, have changed/,
    );
  });

  it('is refused when its words mean something else', async () => {
    await expect(verifyRun({ ...run, irSha256: 'f'.repeat(64) }, cpuEngine())).rejects.toThrow(/mean something else/);
  });

  it('cannot be compared with a checkpoint that it doesn’t have', async () => {
    const without = { ...run, checkpoint: null };
    await expect(verifyRun(without, cpuEngine(), { values: 'checkpoint' })).rejects.toThrow(
      /has not kept a checkpoint/,
    );
  });
});

describe('an engine that is off by one ULP in one value', () => {
  it('is caught in the window of steps where it began, and the tensor is named', async () => {
    const verdict = await verifyRun(run, cpuEngine(oneUlpOff(6, 8)));
    expect(verdict).toMatchObject({
      identical: false,
      steps: 4,
      window: { stage: 'train', after: 4, until: 8 },
      tensor: { stage: 'train', step: 8, name: 'output encoder[4]', elements: 60 },
    });
  });

  it('is caught at a witness step after the one where it began', async () => {
    const verdict = await verifyRun(run, cpuEngine(oneUlpOff(6, 11)));
    expect(verdict).toMatchObject({ steps: 8, window: { after: 8, until: 16 } });
    expect(verdict.tensor?.step).toBe(16);
  });

  it('shows which step, tensor and how many ULPs, beside one that is right', async () => {
    // Every replay of the wrong engine begins anew.
    const wrong = () => cpuEngine(oneUlpOff(6, 11));
    const start: Executor['start'] = (...given) => wrong().executor.start(...given);
    const other = { ...wrong(), executor: { start, close: async () => {} } };
    const verdict = await verifyAgainst(run, cpuEngine(), other);
    expect(verdict).toMatchObject({
      identical: false,
      steps: 10,
      window: { stage: 'train', after: 10, until: 11 },
      tensor: { step: 11, name: 'output encoder[4]' },
      difference: { elements: 60, differing: 1, mostUlps: 1, first: { index: 1 } },
    });
  });

  it('leaves weights that are counted one by one', async () => {
    const verdict = await verifyRun(run, cpuEngine(oneUlpOff(6, 11)), { values: 'weights' });
    expect(verdict.stored.map(({ name }) => name)).toContain('encoder.0.weight');
    for (const { difference } of verdict.stored) expect(difference.mostUlps).toBeGreaterThan(0);
  });
});

describe('two engines that are the same', () => {
  it('are bit-identical to each other and to the run', async () => {
    expect(await verifyAgainst(run, cpuEngine(), cpuEngine())).toMatchObject({ identical: true, steps: 30, notes: [] });
  });
});

it('says where trainings part in words', () => {
  expect(windowText({ stage: 'train', after: 64, until: 128 })).toBe('between steps 65 and 128 of train');
  expect(windowText({ stage: 'train', after: 1, until: 2 })).toBe('in step 2 of train');
});
