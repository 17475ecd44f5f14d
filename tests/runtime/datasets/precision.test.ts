import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadArrays, numpyArrays } from '../../../src/runtime/datasets/array-dataset.js';
import { batchMaker } from '../../../src/runtime/datasets/batch.js';
import { fitTransforms, keptPrecision, keptTransforms, statisticsOf } from '../../../src/runtime/datasets/fit.js';
import { precisionFor } from '../../../src/runtime/datasets/precision.js';
import { split } from '../../../src/runtime/datasets/split.js';
import { loadTables } from '../../../src/runtime/datasets/table-dataset.js';
import { encodeNpy } from '../../../src/runtime/formats/npy.js';
import { corruptionOf, requestOf } from './given-words.js';
import { scratchFolder } from './scratch-folder.js';
import { errorOf } from './thrown.js';

/** Columns of large values, and what scikit-learn makes of them: see scaled.py. */
const SCALED: Readonly<{
  csv: string;
  training: number;
  standardize: readonly (readonly number[])[];
  min_max: readonly (readonly number[])[];
}> = JSON.parse(readFileSync(new URL('scaled.json', import.meta.url), 'utf8'));

const folder = scratchFolder();
const file = folder.put('scaled.csv', SCALED.csv);
const table = { examples: file, testExamples: null, label: null, drop: [] };
const columns = 8;
const requests = {
  standardize: requestOf('standardize'),
  min_max: requestOf('min_max', { low: 0, high: 1, clip: false }),
};

const start = { step: 0, firstExample: 0 };

describe('columns of large values', () => {
  const { dataset } = loadTables(table);
  const rows = SCALED.standardize.length;
  const { train } = split(dataset, { take: SCALED.training, validation: 0, test: null, shuffleSeed: null });
  const all = Uint32Array.from({ length: rows }, (_, i) => i);

  it.each(['standardize', 'min_max'] as const)('%s: to the last bits of float32 as scikit-learn', (word) => {
    const seen = new Float32Array(rows * columns);
    batchMaker([columns], fitTransforms([columns], [requests[word]], train), 1).fill(dataset.train, all, start, seen);
    SCALED[word].flat().forEach((expected, i) => {
      expect(Math.abs((seen[i] ?? Number.NaN) - expected)).toBeLessThanOrEqual(
        2 ** -23 * Math.max(1, Math.abs(expected)),
      );
    });
    expect(new Set(Array.from({ length: rows }, (_, i) => seen[i * columns])).size).toBe(rows);
  });

  it('the numbers are kept exactly, and new rows are seen with them', () => {
    const written = [requests.standardize, requests.min_max];
    const transforms = fitTransforms([columns], written, train);
    const kept = new Map(statisticsOf(transforms, [columns]).map(({ key, values }) => [key, values]));
    const numbers = statisticsOf(keptTransforms(written, kept, columns), [columns]);
    expect(new Map(numbers.map(({ key, values }) => [key, values]))).toEqual(kept);
    expect(keptPrecision(kept)).toBe('double');
    const [, ...lines] = SCALED.csv.trimEnd().split('\n');
    const one = folder.put('one.csv', `${SCALED.csv.split('\n')[0]}\n${lines[40]}\n`);
    const { dataset: single } = loadTables({ ...table, examples: one, precision: keptPrecision(kept) });
    const [seen, whole] = [new Float32Array(columns), new Float32Array(columns)];
    const maker = batchMaker([columns], transforms, 'evaluation');
    maker.fill(single.train, Uint32Array.of(0), start, seen);
    maker.fill(dataset.train, Uint32Array.of(40), start, whole);
    expect(seen).toEqual(whole);
  });

  it('a corruption damages them before they are rounded', () => {
    const [target, input] = [new Float32Array(rows * columns), new Float32Array(rows * columns)];
    const transforms = fitTransforms([columns], [requests.standardize], train);
    const corruption = corruptionOf('gaussian', { sigma: 1 });
    batchMaker([columns], transforms, 1).fill(dataset.train, all, start, target, { corruptions: [corruption], input });
    const seconds = Array.from(all, (i) => Math.abs((input[i * columns] ?? 0) - (target[i * columns] ?? 0)));
    expect(Math.max(...seconds)).toBeLessThan(0.1);
    expect(new Set(seconds).size).toBe(rows);
    batchMaker([columns], transforms, 1).fill(dataset.train, all, start, target, {
      corruptions: [corruptionOf('masking', { p: 1 })],
      input,
    });
    expect(input.every((x) => x === 0)).toBe(true);
  });

  it('a change that float32 does not see is other data', () => {
    const moved = folder.put('moved.csv', SCALED.csv.replace('1700000007.25', '1700000007.5'));
    expect(loadTables({ ...table, examples: moved }).dataset.checksum).not.toBe(dataset.checksum);
  });
});

describe('what examples are kept in', () => {
  it.each([
    ['bytes', [2, 2], Uint8Array.of(255, 255, 254, 254), 'single'],
    ['pixels', [3, 1], Float64Array.of(0, 0.1, 1), 'single'],
    ['years', [3, 1], Int32Array.of(2001, 2002, 2003), 'double'],
    ['a column of floats far from 0', [3, 2], Float32Array.of(0, 1e6, 1, 1e6 + 1, 2, 1e6 + 2), 'double'],
    ['a column that never varies', [3, 2], Float32Array.of(0, 1e6, 1, 1e6, 2, 1e6), 'single'],
    ['one row', [1, 2], Float64Array.of(1.7e9, 3), 'single'],
    ['images with a dark corner', [2, 2, 2], Float64Array.of(0.99, 1, 0, 0.5, 1, 0.5, 0.2, 0), 'single'],
    ['images far from 0', [2, 2, 1], Float64Array.of(1e6, 1e6 + 1, 1e6, 1e6), 'double'],
    ['a column just near enough', [2, 1], Float64Array.of(63, 64), 'single'],
    ['a column just too far', [2, 1], Float64Array.of(64, 65), 'double'],
  ])('%s', (_, dims, data, precision) => {
    expect(precisionFor({ path: 'x', array: { dims, data } })).toBe(precision);
  });

  it.each([
    ['squares beyond float32', Float64Array.of(0, 1, 0, 2e19), 'column 2 has values from 1 to 20000000000000000000'],
    ['differences below it', Float64Array.of(0, 1, 1e-42, 2), 'column 1 has values from 0 to 1e-42'],
  ])('nothing with %s', async (_, data, sentence) => {
    const error = await errorOf(() => precisionFor({ path: 'x', array: { dims: [2, 2], data } }));
    expect(error.reason).toBe('wrong_value');
    expect(error.message).toContain(sentence);
    expect(error.hint).toContain('unit');
  });

  it('both parts are kept alike, as the training examples need it', () => {
    const near = folder.put('near.npy', encodeNpy([2, 1], Float32Array.of(0, 1)));
    const far = folder.put('far.npy', encodeNpy([2, 1], Float32Array.of(5000, 5001)));
    const load = (examples: string, testExamples: string) =>
      loadArrays(numpyArrays, { examples, labels: null, testExamples, testLabels: null }).dataset;
    expect(load(far, near).test?.values).toBeInstanceOf(Float64Array);
    expect(load(near, far).test?.values).toBeInstanceOf(Float32Array);
  });
});
