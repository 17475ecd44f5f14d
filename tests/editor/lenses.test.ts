import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CodeLens } from 'vscode-languageserver-protocol';
import { openStore } from '../../src/runtime/store/store.js';
import { compileText } from '../compiler/compiled.js';
import { epoch, sampleRun, stageDone, steps, trialDone, trialStarted } from '../runtime/store/sample-run.js';
import { Client } from './client.js';

const folder = mkdtempSync(join(tmpdir(), 'aedsl-lenses-'));
const text = `${readFileSync('experiments/first.ae', 'utf8')}
experiment wide extends first { param hidden = 64  sweep { hidden = [16, 64]  seeds = 3 } }
`;
let editor: Client;
beforeAll(async () => {
  writeFileSync(join(folder, 'package.json'), '{}');
  editor = await Client.start();
});
afterAll(async () => {
  expect(await editor.stop()).toBe(true);
  rmSync(folder, { recursive: true });
});
const lenses = async (uri: string) => {
  const found = await editor.request<CodeLens[]>('textDocument/codeLens', { textDocument: { uri } });
  return found.map(({ range, command }) => `${range.start.line}: ${command?.title}`);
};

test('an experiment can be run and swept, and shows what it came to last', async () => {
  const file = join(folder, 'first.ae');
  const uri = editor.open(file, text);
  expect(await lenses(uri)).toEqual(['1: ▶ Run', '13: ▶ Run', '13: Sweep: 6 trials']);
  const [run] = await editor.request<CodeLens[]>('textDocument/codeLens', { textDocument: { uri } });
  expect(run?.command).toMatchObject({ command: 'aedsl.run', arguments: [{ file, experiment: 'first' }] });

  const store = await openStore(join(folder, 'results.db'), { mode: 'write', command: 'test' });
  const train = (sha256: string, seed: number, loss: number) => {
    const run = store.startRun(sampleRun({ experiment: 'first', seed, ir: { sha256, json: '{}' } }));
    for (const event of [
      trialStarted(1, 10),
      steps(0, new Array(10).fill(loss)),
      epoch(1, { 'validation.loss': loss }),
      stageDone(1, 10),
      trialDone({ 'validation.loss': loss }),
    ])
      run.record(event);
    run.finish();
  };
  const { hash } = compileText(text);
  train(hash, 1, 0.25);
  train(hash, 2, 0.125);
  train('0'.repeat(64), 3, 0.0625);
  store.close();
  expect(await lenses(uri)).toEqual([
    '1: ▶ Run',
    '1: r2, seed 2: validation.loss 0.125',
    '13: ▶ Run',
    '13: Sweep: 6 trials',
  ]);
  // Another loss is another experiment, and one with errors has no trials.
  editor.change(uri, { text: text.replace('mse()', 'mae()') });
  expect(await lenses(uri)).toEqual(['1: ▶ Run', '13: ▶ Run', '13: Sweep: 6 trials']);
  editor.change(uri, { text: text.replace('mse()', 'mze()') });
  expect(await lenses(uri)).toEqual(['1: ▶ Run', '13: ▶ Run']);
});

test('a database that is none has no results, and is left as it is', async () => {
  const bytes = Buffer.concat([
    Buffer.from('SQLite format 3\0'),
    Buffer.alloc(52),
    Buffer.from('aeDB'),
    Buffer.alloc(5000, 7),
  ]);
  writeFileSync(join(folder, 'results.db'), bytes);
  const uri = editor.open(join(folder, 'other.ae'), text);
  expect(await lenses(uri)).toEqual(['1: ▶ Run', '13: ▶ Run', '13: Sweep: 6 trials']);
  expect(readFileSync(join(folder, 'results.db')).equals(bytes)).toBe(true);
});
