import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Source } from '../../../src/compiler/syntax/source.js';
import { exportPytorch } from '../../../src/models/export-pytorch.js';
import { readSourceFile } from '../../../src/project/world.js';
import { run } from '../../../src/sweep/run.js';
import { builtinWords } from '../../../src/words/words.js';
import { everyWord } from './words.js';

/** A Python with PyTorch, safetensors and NumPy: `AEDSL_PYTHON`, else `python3` if it has them. */
const python = process.env.AEDSL_PYTHON ?? 'python3';
const hasTorch = spawnSync(python, ['-c', 'import torch, safetensors, numpy']).status === 0;

/** Relative to the value. The goldens' loosest tolerance of a trajectory is 3e-5; a rounding more moves a shallow net less. */
const tolerance = 2e-5;

interface Case {
  readonly name: string;
  readonly source: Source;
  readonly experiment: string | null;
  readonly data: string | null;
}

const place = mkdtempSync(join(tmpdir(), 'aedsl-pytorch-'));
const store = join(place, 'results.db');

function referenceCases(): readonly Case[] {
  return readdirSync('experiments')
    .filter((file) => file.endsWith('.ae'))
    .flatMap((file) => {
      const source = readSourceFile(join('experiments', file));
      if ('problem' in source) throw new Error(source.problem);
      const { path, text } = source;
      // Pictures and evaluations take longer than the training here.
      const bare = { path, text: text.replace(/^ *(show|evaluate) \{[^}]*\}\n/gm, '') };
      const names = [...source.text.matchAll(/^experiment (\w+)/gm)].map((match) => match[1] ?? '');
      const data = /\b(mnist|fashion_mnist)\(/.test(source.text) || /extends "/.test(source.text);
      return names.map((experiment): Case => {
        const drawn = data || file === 'first.ae' ? 'digits(take=48, test=16)' : null;
        return { name: `${file}:${experiment}`, source: bare, experiment, data: file === 'table.ae' ? null : drawn };
      });
    });
}

const cases: readonly Case[] = [
  ...referenceCases(),
  ...Object.entries(everyWord).map(([name, text]): Case => {
    const source = { path: resolve(`${name}.ae`), text: `experiment ${name} {\n${text}\n}\n` };
    return { name, source, experiment: null, data: null };
  }),
];

const folderOf = (name: string) => join(place, name.replace(/\W/g, '-'));

beforeAll(async () => {
  for (const { name, source, experiment, data } of cases) {
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
  const texts = cases.map(({ source }) => source.text).join('\n');
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

  it('is the same for the same run', async () => {
    const again = join(place, 'again');
    await exportPytorch({ library: builtinWords, run: 'last', store, folder: again });
    const last = folderOf(cases.at(-1)?.name ?? '');
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
      const folders = cases.map(({ name }) => folderOf(name));
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

    it.each(cases)('$name has the losses that aedsl had', ({ name }) => {
      const result = results.get(folderOf(name));
      expect(result?.failure).toBe(null);
      expect(result?.loaded).toBe('Autoencoder');
      const deviation = Number(/largest deviation of \d+ steps: (\S+)/.exec(result?.printed ?? '')?.[1]);
      expect(deviation, result?.printed).toBeLessThan(tolerance);
    });
  },
);
