import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { assign } from '../../../src/runtime/evaluation/assignment.js';
import { alignmentOf, centredGram } from '../../../src/runtime/evaluation/cka.js';
import type { Matrix } from '../../../src/runtime/evaluation/matrix.js';
import { Detection, fitOf } from '../../../src/runtime/evaluation/recovery.js';
import { completed } from '../../../src/runtime/evaluation/work.js';
import { matrixOf } from './codes.js';
import { plainProducts } from './products.js';

interface Expected {
  readonly assignments: readonly {
    readonly rows: number;
    readonly columns: number;
    readonly salt: number;
    readonly assigned: readonly number[];
    readonly sum: number;
  }[];
  readonly cka: readonly Alignment[];
  readonly recovery: readonly (Readonly<Record<'units' | 'features' | 'dim', number>> & Scores)[];
}

interface Alignment {
  readonly rows: number;
  readonly columns: readonly [number, number];
  readonly cka: number;
}

type Scores = Readonly<Record<'mcc' | 'uniqueness' | 'precision' | 'recall' | 'f1' | 'true_l0', number>>;

// Written by recovery.py beside it, by SciPy and NumPy.
const expected: Expected = JSON.parse(readFileSync(new URL('recovery.json', import.meta.url), 'utf8'));

/** The script's numbers. */
function formula(rows: number, columns: number, salt: number, of = (value: number) => value): Matrix {
  return matrixOf(
    Array.from({ length: rows }, (_, i) =>
      Array.from({ length: columns }, (__, j) =>
        of(Math.fround(((i * 7919 + j * 104729 + i * j * 15485863 + salt * 31337) % 1000003) / 1000003)),
      ),
    ),
  );
}

function active(rows: number, columns: number, salt: number, share: number, silent: number): Matrix {
  const { values, ...size } = formula(rows, columns, salt, (value) => (value < share ? value : 0));
  return { ...size, values: values.map((value, i) => (i % columns === silent ? 0 : value)) };
}

describe('assign', () => {
  it.each(expected.assignments)("is SciPy's linear_sum_assignment for $rows rows and $columns columns", (one) => {
    const values = formula(one.rows, one.columns, one.salt);
    const found = completed(assign(values));
    expect([...found]).toEqual(one.assigned);
    expect(sumOf(values, found)).toBeCloseTo(one.sum, 12);
  });

  it('finds the greatest of all sums, of numbers with many ties and of either sign', () => {
    for (let salt = 0; salt < 40; salt++) {
      const [rows, columns] = [1 + (salt % 5), 1 + ((salt * 3) % 5)];
      const values = formula(rows, columns, salt, (value) => Math.floor(value * 4) - 2);
      const found = completed(assign(values));
      const taken = [...found].filter((column) => column >= 0);
      expect(new Set(taken).size).toBe(Math.min(rows, columns));
      expect(sumOf(values, found)).toBe(greatest(values));
    }
  });

  it('says that it cannot assign what is not finite', () => {
    expect(() => completed(assign(matrixOf([[Number.NaN]])))).toThrow('have to be finite');
  });
});

function sumOf({ values, columns }: Matrix, assigned: Int32Array): number {
  return assigned.reduce((sum, column, row) => sum + (column < 0 ? 0 : (values[row * columns + column] ?? 0)), 0);
}

/** The greatest sum, by trying all. */
function greatest({ values, rows, columns }: Matrix): number {
  const value = (i: number, j: number) => (rows <= columns ? values[i * columns + j] : values[j * columns + i]) ?? 0;
  const others = Array.from({ length: Math.max(rows, columns) }, (_, j) => j);
  const best = (i: number, taken: readonly number[]): number =>
    i === Math.min(rows, columns)
      ? 0
      : Math.max(...others.filter((j) => !taken.includes(j)).map((j) => value(i, j) + best(i + 1, [...taken, j])));
  return best(0, []);
}

describe('recovery', () => {
  it.each(expected.recovery)('of $units units and $features features is that of NumPy', (one) => {
    const moved = (value: number) => Math.fround(value - 0.5);
    const units = formula(one.units, one.dim, 1, moved);
    const features = formula(one.features, one.dim, 2, moved);
    const fit = completed(fitOf(units, features, plainProducts));
    const detection = new Detection(fit.featureOf);
    const codes = active(50, one.units, 3, 0.3, 0);
    const truth = active(50, one.features, 4, 0.1, one.features - 1);
    for (const [first, last] of [
      [0, 20],
      [20, 50],
    ] as const) {
      detection.add(rowsOf(codes, first, last), rowsOf(truth, first, last));
    }
    const scores: Scores = {
      mcc: fit.mcc,
      uniqueness: fit.uniqueness,
      ...detection.scores,
      true_l0: detection.trueL0,
    };
    for (const [name, value] of Object.entries(scores)) {
      expect(value, name).toBeCloseTo(Object.entries(one).find(([key]) => key === name)?.[1] ?? Number.NaN, 6);
    }
  });

  it('is perfect for the features themselves, in any order, scale and sign', () => {
    const features = formula(6, 20, 9, (value) => value - 0.5);
    const values = features.values.slice();
    const turned = matrixOf(
      Array.from({ length: 6 }, (_, i) => Array.from({ length: 20 }, (__, j) => -3 * (values[(5 - i) * 20 + j] ?? 0))),
    );
    const fit = completed(fitOf(turned, features, plainProducts));
    expect([...fit.featureOf]).toEqual([5, 4, 3, 2, 1, 0]);
    expect(fit.mcc).toBeCloseTo(1, 6);
    expect(fit.uniqueness).toBe(1);
  });

  it('takes a direction without length for none, and refuses directions of other widths', () => {
    const fit = completed(fitOf(matrixOf([[0, 0]]), matrixOf([[1, 0]]), plainProducts));
    expect(fit.mcc).toBe(0);
    expect(() => completed(fitOf(matrixOf([[1]]), matrixOf([[1, 0]]), plainProducts))).toThrow('of 1 and of 2 values');
  });

  it('has no scores where no feature fires', () => {
    const detection = new Detection(Int32Array.of(0));
    detection.add(matrixOf([[1]]), matrixOf([[0]]));
    expect(() => detection.scores).toThrow('none of the features fires');
  });
});

describe('cka', () => {
  it.each(expected.cka)('of codes of $columns units for $rows examples is that of NumPy', ({ rows, columns, cka }) => {
    const [a, b] = columns.map((units, i) =>
      centredGram(
        formula(rows, units, 5 + i, (value) => (value < 0.4 ? value : 0)),
        plainProducts,
      ),
    );
    expect(alignmentOf(a ?? new Float32Array(), b ?? new Float32Array())).toBeCloseTo(cka, 6);
  });

  it('is 1 for a code turned and scaled, and has no value for one that does not vary', () => {
    const code = formula(20, 2, 1);
    const turned = matrixOf(
      Array.from({ length: 20 }, (_, i) => {
        const [x = 0, y = 0] = code.values.subarray(2 * i, 2 * i + 2);
        return [3 * y + 1, -3 * x];
      }),
    );
    const gram = centredGram(code, plainProducts);
    expect(alignmentOf(gram, centredGram(turned, plainProducts))).toBeCloseTo(1, 6);
    expect(
      alignmentOf(
        gram,
        centredGram(
          formula(20, 2, 1, () => 1),
          plainProducts,
        ),
      ),
    ).toBeNaN();
    expect(() => alignmentOf(gram, new Float32Array(4))).toThrow('different numbers of examples');
  });
});

function rowsOf({ values, columns }: Matrix, first: number, last: number): Matrix {
  return { values: values.subarray(first * columns, last * columns), rows: last - first, columns };
}
