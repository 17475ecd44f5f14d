import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import type { TrainingState } from '../../../src/runtime/training/state.js';
import { Updater } from '../../../src/runtime/training/updater.js';
import { aedsl } from '../../cli/recorded-console.js';
import { type Options, train } from './trial.js';

beforeAll(async () => {
  await chooseBackend('simd');
});

/** 8 steps in 2 epochs. */
const statements = (loss: string, encoder = 'code: dense(6, activation=relu, frozen=true)') => `
  data digits(take=64, validation=0, test=16)
  encoder { ${encoder} }
  decoder { dense(input.size) }
  loss ${loss}
  train adam(lr=0.01) { epochs = 2  batch = 16 }`;

async function notesOf(written: string, options: Options = {}) {
  const notes: { readonly text: string; readonly links: number }[] = [];
  let links = 0;
  const trained = await train(written, {
    note: (text) => notes.push({ text, links }),
    chain: { onLink: () => links++ },
    ...options,
  });
  return { trained, notes };
}

test('a term of the loss that moves no weight is told once, after the first epoch', async () => {
  const { notes } = await notesOf(statements('mse() + 0.1 * l1(code)'));
  // The links are those of steps 1 and 2; step 4 ends the first epoch.
  expect(notes).toEqual([
    { text: "loss term 'l1' moves no weight: its gradient has been zero on all of them since step 2", links: 2 },
  ]);
});

test('a term that moves weights by little, or does not count yet, is not told', async () => {
  const little = await notesOf(statements('mse() + 1e-30 * l1(code)', 'code: dense(6, activation=relu)'));
  const later = await notesOf(statements('mse() + switch(0, 1, after=2) * l1(code)'));
  expect([...little.notes, ...later.notes]).toEqual([]);
});

test('the only term is told too', async () => {
  const { notes } = await notesOf(statements('l1(code)'));
  expect(notes).toMatchObject([{ text: expect.stringContaining("'l1'") }]);
});

test('looking changes no bit, with noise and running statistics', async () => {
  const written = statements('mse() + 0.1 * l1(code)', 'batch_norm()  dropout(0.2)  code: dense(6, activation=relu)');
  const { trained } = await notesOf(written);
  const look = vi.spyOn(Updater.prototype, 'termsWithoutGradient').mockReturnValue([]);
  const { trained: unseen } = await notesOf(written);
  expect(look).toHaveBeenCalledTimes(3);
  look.mockRestore();
  expect(trained.weightsSha256).toBe(unseen.weightsSha256);
  expect(trained.metrics).toEqual(unseen.metrics);
});

test('a resumed training knows since when, and what was told', async () => {
  const written = statements('mse() + 0.1 * l1(code)');
  const stateAfter = async (steps: number) => {
    const states: TrainingState[] = [];
    await notesOf(written, { checkpoints: { due: (step) => step === steps, save: (state) => states.push(state) } });
    const [state] = states;
    if (!state) throw new RangeError('no checkpoint was taken');
    return state;
  };
  const before = await notesOf(written, { resumeFrom: await stateAfter(3) });
  expect(before.notes).toMatchObject([{ text: expect.stringContaining('since step 2') }]);
  const after = await notesOf(written, { resumeFrom: await stateAfter(5) });
  expect(after.notes).toEqual([]);
});

test('the run keeps what was told, and show repeats it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'aedsl-idle-'));
  const [file, db] = [join(folder, 'idle.ae'), join(folder, 'results.db')];
  writeFileSync(file, `experiment idle {${statements('mse() + 0.1 * l1(code)')}\n}`);
  const text = "loss term 'l1' moves no weight: its gradient has been zero on all of them since step 2";
  try {
    expect((await aedsl('run', file, '--db', db)).err).toContain(text);
    expect((await aedsl('show', 'r1', '--db', db)).out).toContain(`\nnote: ${text}\n`);
    expect(JSON.parse((await aedsl('show', 'r1', '--db', db, '--json')).out)).toMatchObject({ notes: [text] });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
