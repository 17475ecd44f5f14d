import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadData } from '../../../src/runtime/datasets/load.js';
import type { Examples } from '../../../src/runtime/datasets/split.js';
import type { Matrix } from '../../../src/runtime/evaluation/matrix.js';
import {
  pcaSquaredError,
  principalComponents,
  principalComponentsOfChunks,
  project,
} from '../../../src/runtime/evaluation/pca.js';
import { meanOverChunks } from '../../../src/runtime/evaluation/running-mean.js';
import { symmetricEigen } from '../../../src/runtime/evaluation/symmetric-eigen.js';
import { completed } from '../../../src/runtime/evaluation/work.js';
import { datasetOf } from '../datasets/given-words.js';
import { inMemory } from '../datasets/in-memory.js';
import { formulaCodes, matrixOf } from './codes.js';

const shared = join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data');

describe('pca', () => {
  // scikit-learn's PCA with svd_solver='full': expected.py.
  it.each([
    [1, 18.510652652940244],
    [2, 11.789885483037368],
    [3, 1.7762874694639395],
  ])('leaves the squared error of %d components', (count, error) => {
    const components = completed(principalComponents(formulaCodes(120, 0).examples, count));
    expect(
      meanOverChunks([formulaCodes(60, 600).examples], (examples) => pcaSquaredError(examples, components)),
    ).toBeCloseTo(error, 9);
  });

  it('leaves nothing with as many components as values', () => {
    const components = completed(principalComponents(formulaCodes(120, 0).examples, 4));
    expect(
      meanOverChunks([formulaCodes(60, 600).examples], (examples) => pcaSquaredError(examples, components)),
    ).toBeLessThan(1e-9);
  });

  it('finds the line that points are on', () => {
    const points = matrixOf([-2, -1, 0, 1, 2].map((x) => [1 + 3 * x, 2 - 4 * x]));
    const components = completed(principalComponents(points, 1));
    expect([...components.mean]).toEqual([1, 2]);
    // (3, −4) / 5, turned so that its largest element is positive.
    expect(components.directions[0]).toBeCloseTo(-0.6, 12);
    expect(components.directions[1]).toBeCloseTo(0.8, 12);
    [10, 5, 0, -5, -10].forEach((score, i) => {
      expect(project(points, components)[i]).toBeCloseTo(score, 9);
    });
  });

  it('gives the same from fewer examples than values as from the covariance', () => {
    const { values } = formulaCodes(15, 0).examples;
    const few: Matrix = { values, rows: 6, columns: 10 };
    // Twice the same examples have the same covariance, and are more than their values.
    const twice: Matrix = { values: Float32Array.of(...values, ...values), rows: 12, columns: 10 };
    const [a, b] = [completed(principalComponents(few, 4)), completed(principalComponents(twice, 4))];
    a.directions.forEach((value, i) => {
      expect(value).toBeCloseTo(b.directions[i] ?? Number.NaN, 9);
    });
  });

  it('has eigenvectors: A v = λ v, of length 1, at right angles', () => {
    const symmetric = fc.integer({ min: 1, max: 12 }).chain((size) =>
      fc.array(fc.integer({ min: -3, max: 3 }), { minLength: size * size, maxLength: size * size }).map((elements) => ({
        size,
        matrix: Float64Array.from(elements, (_, at) => {
          const [i, j] = [Math.floor(at / size), at % size];
          return elements[Math.min(i, j) * size + Math.max(i, j)] ?? 0;
        }),
      })),
    );
    fc.assert(
      fc.property(symmetric, ({ size, matrix }) => {
        const { values, vectors } = completed(symmetricEigen(matrix, size, size));
        const row = (i: number) => vectors.subarray(i * size, (i + 1) * size);
        const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, k) => sum + value * (b[k] ?? 0), 0);
        for (let i = 0; i < size; i++) {
          for (let k = 0; k < size; k++) {
            const product = dot(matrix.subarray(k * size, (k + 1) * size), row(i));
            expect(product).toBeCloseTo((values[i] ?? 0) * (row(i)[k] ?? 0), 10);
          }
          for (let j = 0; j <= i; j++) expect(dot(row(i), row(j))).toBeCloseTo(i === j ? 1 : 0, 10);
          if (i > 0) expect(values[i]).toBeLessThanOrEqual(values[i - 1] ?? Number.NaN);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('a matrix in chunks', () => {
  const values = Float32Array.from({ length: 50 * 7 }, (_, i) => (i % 3 === 0 ? 0 : ((i * 37) % 101) / 101));
  const rowsFrom = (first: number, end: number): Matrix => ({
    values: values.subarray(first * 7, end * 7),
    rows: end - first,
    columns: 7,
  });

  it('has the components of the whole to the bit', () => {
    const chunks = [rowsFrom(0, 16), rowsFrom(16, 20), rowsFrom(20, 50)];
    expect(completed(principalComponentsOfChunks(chunks, 7, 5, 50))).toEqual(
      completed(principalComponents(rowsFrom(0, 50), 5)),
    );
  });

  it('is cut between groups of four rows', () => {
    expect(() => completed(principalComponentsOfChunks([rowsFrom(0, 10), rowsFrom(10, 50)], 7, 5, 50))).toThrow(
      RangeError,
    );
  });
});

describe.skipIf(!existsSync(join(shared, 'mnist')))('PCA of MNIST (skipped where ../shared/data/mnist is not)', () => {
  // Hinton and Salakhutdinov (2006), supporting text: squared error per test image.
  it('leaves 13.87 with 30 components', async () => {
    const everything = { take: null, validation: 0, test: null, shuffleSeed: null };
    const places = { provided: shared, cache: join(shared, 'no-cache') };
    const { train, test } = await loadData(datasetOf('mnist'), everything, places);
    const components = completed(principalComponents(pixels(train), 30));
    expect(meanOverChunks([pixels(test)], (examples) => pcaSquaredError(examples, components))).toBeCloseTo(13.87, 2);
  }, 60_000);
});

function pixels({ part, indices }: Examples): Matrix {
  const columns = 784;
  const values = new Float32Array(indices.length * columns);
  indices.forEach((index, row) => {
    for (let j = 0; j < columns; j++) values[row * columns + j] = (inMemory(part)[index * columns + j] ?? 0) / 255;
  });
  return { values, rows: indices.length, columns };
}
