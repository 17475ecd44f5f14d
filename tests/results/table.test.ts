import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { apply } from '../../src/models/apply.js';
import { csvRows } from '../../src/runtime/datasets/csv.js';
import { stream } from '../../src/runtime/random/stream.js';
import { type Run, run } from '../../src/sweep/run.js';
import { load, loadStored } from '../../src/trial/load.js';
import { builtinWords } from '../../src/words/words.js';

const path = fileURLToPath(new URL('../../experiments/table.ae', import.meta.url));
const leaves = fileURLToPath(new URL('../../experiments/data/leaves.csv', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'aedsl-'));
const store = join(folder, 'results.db');

/** The measurements, row by row, and the rows that are for training and for the test: permuted, then the last 40. */
const rows = [...csvRows([readFileSync(leaves, 'utf8')], ',', null, leaves)]
  .slice(1)
  .map(({ fields }) => fields.slice(2).map(Number));
const order = stream({ seed: 1, path: 'data', purpose: 'division' }).permutation(200, 0);
const part = (from: number, to: number): number[][] => [...order.slice(from, to)].map((i) => rows[i] ?? []);
const training = part(0, 160);
const test = Float32Array.from(part(160, 200).flat());

const mean = Array.from({ length: 8 }, (_, j) => training.reduce((sum, row) => sum + (row[j] ?? 0), 0) / 160);
const std = mean.map((m, j) => Math.sqrt(training.reduce((sum, row) => sum + ((row[j] ?? 0) - m) ** 2, 0) / 160));

describe('a table of one’s own', () => {
  let trained: Run;

  beforeAll(async () => {
    trained = await run({ source: { path, text: readFileSync(path, 'utf8') }, backend: 'cpu', epochs: 3, store });
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    trained.model?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  it('keeps the mean and the deviation of each column of the training part beside the weights', async () => {
    const { weights } = await loadStored('last', store, { library: builtinWords });
    const kept = (name: string) => [...(weights.get(`data/standardize/${name}`) ?? [])];
    kept('mean').forEach((x, j) => {
      expect(x / (mean[j] ?? 0)).toBeCloseTo(1, 5);
    });
    kept('std').forEach((x, j) => {
      expect(x / (std[j] ?? 0)).toBeCloseTo(1, 5);
    });
    expect([...weights.keys()].filter((key) => key.startsWith('data/'))).toHaveLength(2);
  });

  it('sse is in the units of the columns, and the loss in standard deviations', () => {
    const rebuilt = trained.model?.reconstruct(test).values ?? [];
    const differences = [...rebuilt].map((x, i) => x - (test[i] ?? 0));
    const sse = differences.reduce((sum, d) => sum + d * d, 0) / 40;
    expect((trained.metrics['test.sse'] ?? 0) / sse).toBeCloseTo(1, 3);
    const standard = differences.reduce((sum, d, i) => sum + (d / (std[i % 8] ?? 1)) ** 2, 0) / (40 * 8);
    expect((trained.metrics['test.loss'] ?? 0) / standard).toBeCloseTo(1, 3);
  });

  it('the stored model is the trained one', async () => {
    const model = await load('last', { store, backend: 'cpu' });
    expect(model.encode(test)).toEqual(trained.model?.encode(test));
    model.dispose();
  });

  it('new rows are seen with the numbers of the training part, not with their own', async () => {
    const text = [
      'length_mm,width_mm,stalk_mm,area_cm2,veins,teeth,thickness_um,mass_mg',
      ...rows.slice(0, 3).map(String),
    ];
    const file = join(folder, 'new.csv');
    writeFileSync(file, text.join('\n'));
    vi.stubEnv('AEDSL_DATA', folder);
    const options = { store, data: `csv(${JSON.stringify(file)})`, part: 'train', backend: 'cpu' } as const;
    const raw = Float32Array.from(rows.slice(0, 3).flat());
    expect(await apply('last', { library: builtinWords, ...options, output: 'code' })).toMatchObject({
      ...trained.model?.encode(raw),
    });
    expect(await apply('last', { library: builtinWords, ...options, output: 'reconstruction' })).toMatchObject({
      ...trained.model?.reconstruct(raw),
    });
  });
});
