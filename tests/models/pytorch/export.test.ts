import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportPytorch } from '../../../src/models/export-pytorch.js';
import { run } from '../../../src/sweep/run.js';
import { builtinWords } from '../../../src/words/words.js';
import { exportedCases } from '../exported-cases.js';

/** A Python with PyTorch, safetensors and NumPy: `AEDSL_PYTHON`, else `python3` if it has them. */
const python = process.env.AEDSL_PYTHON ?? 'python3';
const hasTorch = spawnSync(python, ['-c', 'import torch, safetensors, numpy']).status === 0;

/** Relative to the value. The goldens' loosest tolerance of a trajectory is 3e-5; a rounding more moves a shallow net less. */
const tolerance = 2e-5;

const place = mkdtempSync(join(tmpdir(), 'aedsl-pytorch-'));
const store = join(place, 'results.db');

const folderOf = (name: string) => join(place, name.replace(/\W/g, '-'));

beforeAll(async () => {
  for (const { name, source, experiment, data } of exportedCases) {
    const trained = await run({
      source,
      experiment,
      data,
      epochs: data === null ? null : 1,
      maxSteps: 3,
      threads: 1,
      store,
    });
    trained.model?.dispose();
    await exportPytorch({ library: builtinWords, run: 'last', store, folder: folderOf(name) });
  }
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

it('has a case of every word that a replay has to know', () => {
  const texts = exportedCases.map(({ source }) => source.text).join('\n');
  const replayed = [
    'layer',
    'decoder',
    'loss',
    'corruption',
    'transform',
    'optimizer',
    'clip',
    'schedule',
    'stage',
  ] as const;
  const words = replayed.flatMap((family) => builtinWords.names(family));
  expect(words.filter((word) => !new RegExp(`\\b${word}\\b`).test(texts))).toEqual([]);
});

describe('what export --as pytorch writes', () => {
  it('is a model, its training, and all that they read', () => {
    expect(readdirSync(folderOf('vae.ae:vae')).sort()).toEqual([
      'examples.npy',
      'initial.safetensors',
      'losses.safetensors',
      'model.py',
      'streams.py',
      'train.py',
      'trained.safetensors',
    ]);
    expect(readdirSync(folderOf('table.ae:table'))).toContain('statistics.safetensors');
  });

  it('has the outputs in the model that terms of the loss look at', () => {
    for (const { name } of exportedCases) {
      const [model = '', train = ''] = ['model.py', 'train.py'].map((file) =>
        readFileSync(join(folderOf(name), file), 'utf8'),
      );
      const terms = train.split(/^def /m).find((part) => part.startsWith('terms_of_loss')) ?? '';
      const missing = [...terms.matchAll(/seen\["[^"]*"\]/g)].filter(([seen]) => !model.includes(`${seen} = `));
      expect([name, missing.map(([seen]) => seen)]).toEqual([name, []]);
    }
  });

  it('imports what it uses, and says whether the weights of the best epoch were kept', () => {
    const texts = exportedCases.map(({ name, source }) => ({
      name,
      keepsBest: /keep *= *best/.test(source.text),
      text: readFileSync(join(folderOf(name), 'train.py'), 'utf8'),
    }));
    for (const { name, text } of texts) {
      expect([name, /^import math$/m.test(text)]).toEqual([name, /\bmath\./.test(text)]);
    }
    const saying = texts.filter(({ text }) => text.includes('aedsl kept the weights of the best epoch'));
    expect(saying).not.toEqual([]);
    expect(saying.filter(({ keepsBest }) => !keepsBest)).toEqual([]);
  });

  it('is the same for the same run', async () => {
    const again = join(place, 'again');
    await exportPytorch({ library: builtinWords, run: 'last', store, folder: again });
    const last = folderOf(exportedCases.at(-1)?.name ?? '');
    for (const file of readdirSync(last)) {
      expect(readFileSync(join(again, file)).equals(readFileSync(join(last, file))), file).toBe(true);
    }
  });
});

describe.skipIf(!hasTorch)(
  'the training in PyTorch (skipped without torch, safetensors and numpy in AEDSL_PYTHON)',
  () => {
    const results = new Map<
      string,
      { readonly printed: string; readonly failure: unknown; readonly loaded: unknown }
    >();

    beforeAll(() => {
      const folders = exportedCases.map(({ name }) => folderOf(name));
      const { stdout, stderr } = spawnSync(python, ['tests/models/pytorch/replay_all.py', ...folders], {
        encoding: 'utf8',
        maxBuffer: 1 << 28,
      });
      for (const line of stdout.split('\n').filter((text) => text.startsWith('{'))) {
        const { folder, printed, failure, loaded } = JSON.parse(line);
        results.set(String(folder), { printed: String(printed), failure, loaded });
      }
      if (results.size !== folders.length) throw new Error(stderr);
    }, 300_000);

    it.each(exportedCases)('$name has the losses that aedsl had', ({ name }) => {
      const result = results.get(folderOf(name));
      expect(result?.failure).toBe(null);
      expect(result?.loaded).toBe('Autoencoder');
      const deviation = Number(/largest deviation of \d+ steps: (\S+)/.exec(result?.printed ?? '')?.[1]);
      expect(deviation, result?.printed).toBeLessThan(tolerance);
    });
  },
);
