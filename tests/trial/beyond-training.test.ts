import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { fileWorld } from '../../src/project/world.js';
import { type Run, run } from '../../src/sweep/run.js';
import { builtinWords } from '../../src/words/words.js';
import { scratchFolder } from '../runtime/datasets/scratch-folder.js';

const folder = scratchFolder();
const row = (i: number, factor: number) =>
  [Math.sin(i), 5 + Math.cos(2 * i), 100 * Math.sin(3 * i) ** 2].map((x) => factor * x);
const rows = Array.from({ length: 40 }, (_, i) => row(i, 1));
const anomalies = Array.from({ length: 10 }, (_, i) => row(i, 100));
const table = (values: readonly (readonly number[])[]) => `a,b,c\n${values.map((one) => one.join()).join('\n')}\n`;
folder.put('rows.csv', table(rows));
folder.put('anomalies.csv', table(anomalies));

const sourceOf = (transform: string, loss = 'mse()', evaluations = '') => ({
  path: `${folder.path}/beyond.ae`,
  text: `experiment beyond {
    data csv("rows.csv", test_file="anomalies.csv", validation=8) { ${transform} }
    encoder { dense(8, activation=tanh)  code: dense(2) }
    decoder { dense(8, activation=tanh)  dense(input.size, activation=${loss === 'mse()' ? 'linear' : 'sigmoid'}) }
    loss ${loss}
    train adam(lr=0.01) { epochs = 5  batch = 8 }
    ${evaluations}
  }`,
});

const trained = (transform: string, evaluations = ''): Promise<Run> =>
  run({ source: sourceOf(transform, 'mse()', evaluations), backend: 'cpu' });

function meanSquare(run: Run, examples: readonly (readonly number[])[]): number {
  const values = Float32Array.from(examples.flat());
  const rebuilt = run.model?.reconstruct(values).values ?? [];
  return [...rebuilt].reduce((sum, x, i) => sum + (x - (values[i] ?? 0)) ** 2, 0) / values.length;
}

beforeAll(() => vi.stubEnv('AEDSL_DATA', folder.path));
afterAll(() => vi.unstubAllEnvs());

describe('test examples far beyond those of the training', () => {
  it('min_max() lets through how far, so that they score worse than normal rows', async () => {
    const beyond = await trained('min_max()');
    expect(beyond.metrics['test.loss']).toBeGreaterThan(100 * (beyond.metrics['validation.loss'] ?? 0));
    expect((beyond.metrics['test.mse'] ?? 0) / meanSquare(beyond, anomalies)).toBeCloseTo(1, 3);
    beyond.model?.dispose();
  });

  it('min_max(clip=true) cuts them off for the network, and errors in raw units are against what they were', async () => {
    const cut = await trained('min_max(clip=true)', 'evaluate { denoising(masking(0))  pca(components=1) }');
    expect(cut.metrics['test.loss']).toBeLessThan(1);
    expect(cut.metrics['test.mse']).toBeGreaterThan(1e6);
    expect((cut.metrics['test.mse'] ?? 0) / meanSquare(cut, anomalies)).toBeCloseTo(1, 3);
    expect((cut.metrics['validation.mse'] ?? 0) / meanSquare(cut, rows.slice(-8))).toBeCloseTo(1, 3);
    expect((cut.metrics['test.denoising.mse'] ?? 0) / (cut.metrics['test.mse'] ?? 0)).toBeCloseTo(1, 3);
    expect(cut.metrics['test.pca']).toBeGreaterThan(1000);
    cut.model?.dispose();
  });

  it.each(['standardize()', 'min_max(low=-1)'])(
    '%s: a value that a column never had in training is as far off as it is, and check names such columns',
    async (transform) => {
      const still = rows.map(([a = 0, b = 0], i) => [a, b, i < 30 ? 3 : 4]);
      folder.put('still.csv', `a,b,valve\n${still.map((one) => one.join()).join('\n')}\n`);
      const source = sourceOf(transform);
      const text = source.text.replace('"rows.csv", test_file="anomalies.csv", validation=8', '"still.csv", test=10');
      const { diagnostics } = compile({ ...source, text }, null, { library: builtinWords, world: fileWorld() });
      expect(diagnostics).toMatchObject([
        {
          code: 'AE513',
          severity: 'warning',
          message: expect.stringMatching(/column 'valve' never varies .* its unit/),
        },
      ]);
      const shuffled = text.replace('test=10', 'test=10, shuffle_seed=1');
      expect(
        compile({ ...source, text: shuffled }, null, { library: builtinWords, world: fileWorld() }).diagnostics,
      ).toEqual([]);
      const { metrics, model } = await run({ source: { ...source, text }, backend: 'cpu' });
      const examples = still.slice(-10);
      const rebuilt = model?.reconstruct(Float32Array.from(examples.flat())).values ?? [];
      const squares = examples.flatMap((one, i) => one.map((x, j) => (x - (rebuilt[3 * i + j] ?? 0)) ** 2));
      const ofValve = squares.filter((_, i) => i % 3 === 2);
      expect(Math.min(...ofValve)).toBeGreaterThan(0.2);
      expect((metrics['test.mse'] ?? 0) / (squares.reduce((a, b) => a + b) / 30)).toBeCloseTo(1, 3);
      model?.dispose();
    },
  );

  it('errors of timestamps are seconds, whatever float32 makes of 1.7e9', async () => {
    const times = Array.from({ length: 40 }, (_, i) => [1_700_000_000 + 3 * i, Math.cos(i), Math.sin(i)]);
    folder.put('times.csv', table(times));
    const source = sourceOf('standardize()', 'mse()', 'evaluate { denoising(masking(0))  pca(components=3) }');
    const text = source.text.replace('"rows.csv", test_file="anomalies.csv"', '"times.csv", test=10');
    const { metrics, model } = await run({ source: { ...source, text }, backend: 'cpu' });
    model?.dispose();
    expect(metrics['test.sse']).toBeLessThan(120 ** 2);
    expect((metrics['test.denoising.sse'] ?? 0) / (metrics['test.sse'] ?? 0)).toBeCloseTo(1, 4);
    expect(metrics['test.pca']).toBeLessThan(1e-3);
  });

  it('bce says before training that it needs them cut off', () => {
    const diagnosed = (transform: string) =>
      compile(sourceOf(transform, 'bce()'), null, { library: builtinWords, world: fileWorld() }).diagnostics;
    expect(diagnosed('min_max()')).toMatchObject([
      { code: 'AE501', severity: 'error', hint: expect.stringContaining('clip=true') },
    ]);
    expect(diagnosed('min_max(clip=true)')).toEqual([]);
  });
});
