import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadArrays, numpyArrays } from '../../../src/runtime/datasets/array-dataset.js';
import { batchMaker } from '../../../src/runtime/datasets/batch.js';
import { fitTransforms, keptPrecision, keptTransforms, statisticsOf } from '../../../src/runtime/datasets/fit.js';
import { precisionFor } from '../../../src/runtime/datasets/precision.js';
import { EVERYTHING, type SplitRequest, split } from '../../../src/runtime/datasets/split.js';
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
    const rows = Uint32Array.from({ length: dims[0] ?? 0 }, (_, i) => i);
    expect(precisionFor({ path: 'x', array: { dims, data } }, () => rows)).toBe(precision);
  });

  it.each([
    ['squares beyond float32', Float64Array.of(0, 1, 0, 2e19), 'column 2 has values from 1 to 20000000000000000000'],
    ['differences below it', Float64Array.of(0, 1, 1e-42, 2), 'column 1 has values from 0 to 1e-42'],
  ])('nothing with %s', async (_, data, sentence) => {
    const error = await errorOf(() =>
      precisionFor({ path: 'x', array: { dims: [2, 2], data } }, () => Uint32Array.of(0)),
    );
    expect(error.reason).toBe('wrong_value');
    expect(error.message).toContain(sentence);
    expect(error.hint).toContain('unit');
  });

  describe('only the training examples decide', () => {
    /** What a network sees of the training examples of 60 seconds around 1e9, among others with these values. */
    function seen(
      others: (row: number) => number,
      parts: Partial<SplitRequest>,
      isTrained = (row: number) => row < 60,
    ) {
      let second = 1e9;
      const lines = Array.from(
        { length: 90 },
        (_, row) => `${isTrained(row) ? second++ : others(row)},${isTrained(row) ? 'a' : 'b'}`,
      );
      const examples = folder.put('seconds.csv', `t,kind\n${lines.join('\n')}\n`);
      const { dataset, division } = loadTables(
        { examples, testExamples: null, label: 'kind', drop: [] },
        { ...EVERYTHING, take: 60, ...parts },
      );
      const { train } = split(dataset, division);
      const values = new Float32Array(60);
      batchMaker([1], fitTransforms([1], [requests.standardize], train), 1).fill(
        train.part,
        train.indices,
        start,
        values,
      );
      return values;
    }
    const near = (row: number) => 1e9 + row;
    const far: readonly (readonly [string, (row: number) => number])[] = [
      ['1.5 times as far', (row) => 1.5e9 + row],
      ['near 0', (row) => row],
      ['ten times as far', (row) => 1e10 + row],
      ['all alike', () => 0],
    ];
    it.each(far)('with others %s', (_, others) => {
      for (const parts of [{ test: 30 }, { test: 10, validation: 20 }, {}]) {
        expect(seen(others, parts)).toEqual(seen(near, parts));
        expect(new Set(seen(others, parts)).size).toBe(60);
      }
      const isOdd = (row: number) => row % 3 !== 1;
      const ofOne = { trainOn: ['a'], test: 0 };
      expect(seen(others, ofOne, isOdd)).toEqual(seen(near, ofOne, isOdd));
    });

    it('of shuffled rows too', () => {
      const rows = (dims: readonly number[]) => ({
        path: 'x',
        array: { dims, data: Float64Array.of(5, 1e6, 1e6 + 1, -7) },
      });
      expect(precisionFor(rows([4, 1]), () => Uint32Array.of(2, 1))).toBe('double');
      expect(precisionFor(rows([4, 1]), () => Uint32Array.of(3, 1, 2))).toBe('single');
      expect(precisionFor(rows([2, 2, 1]), () => Uint32Array.of(1))).toBe('single');
      expect(
        precisionFor({ path: 'x', array: { dims: [2, 2, 1], data: Float64Array.of(5, 9, 1e6, 1e6 + 1) } }, () =>
          Uint32Array.of(1),
        ),
      ).toBe('double');
    });
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
