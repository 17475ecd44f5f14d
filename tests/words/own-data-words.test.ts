import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { extendLibrary } from '../../src/compiler/library/library.js';
import { run } from '../../src/sweep/run.js';
import { pepper } from '../../src/words/corruption/pepper.js';
import { csv } from '../../src/words/dataset/csv.js';
import { builtinWords } from '../../src/words/words.js';

const folder = mkdtempSync(join(tmpdir(), 'aedsl-own-words-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Words of one's own that do what built-in ones do, so the same has to come of them: a corruption that no kernel knows, and a
// data set that only the words that are handed in have.
const { kernel: _, ...soot } = pepper;
const library = extendLibrary(builtinWords, {
  corruption: [{ ...soot, name: 'soot' }],
  dataset: [{ ...csv, name: 'lines' }],
});

async function trained(text: string): Promise<Readonly<Record<string, number>>> {
  const source = { path: join(folder, 'own.ae'), text: `experiment own { ${text} }` };
  const { metrics, status } = await run({ source, library, backend: 'simd', store: null });
  expect(status).toBe('complete');
  return metrics;
}

it('a corruption without a kernel damages the data and the layers of a pretraining on the host, with the same bits', async () => {
  const damaged = (word: string) => `data digits(take=48, test=8) { resize(8, method=area) }  corrupt ${word}(0.3)
    encoder { code: dense(6, activation=sigmoid) }  decoder mirror(encoder, output=sigmoid)
    pretrain autoencoder(corrupt=${word}(0.2)) { epochs = 2  batch = 16 }
    loss mse()  train adam() { epochs = 2  batch = 16 }`;
  expect(await trained(damaged('soot'))).toEqual(await trained(damaged('pepper')));
});

it('a data set of its own is read by its word', async () => {
  writeFileSync(join(folder, 'x.csv'), `a,b\n${Array.from({ length: 20 }, (_, i) => `${i % 7},${i % 3}\n`).join('')}`);
  const of = (word: string) => `data ${word}("x.csv", test=4) { standardize() }
    encoder { code: dense(1) }  decoder { dense(input.size) }  loss mse()  train adam() { epochs = 1  batch = 4 }`;
  expect(await trained(of('lines'))).toEqual(await trained(of('csv')));
});
