import { describe, expect, it } from 'vitest';
import { searchedRows } from '../../../src/runtime/evaluation/knn.js';
import {
  blockWidth,
  type LeadingComponentsInput,
  leadingComponents,
  type Products,
} from '../../../src/runtime/evaluation/leading-components.js';
import { linearProbe, probedRows } from '../../../src/runtime/evaluation/linear_probe.js';
import type { Matrix } from '../../../src/runtime/evaluation/matrix.js';
import { type PrincipalComponents, pcaSquaredError, principalComponents } from '../../../src/runtime/evaluation/pca.js';
import { ridgeOfFew, standardsOf } from '../../../src/runtime/evaluation/ridge-of-few.js';
import { meanOverChunks } from '../../../src/runtime/evaluation/running-mean.js';
import { completed } from '../../../src/runtime/evaluation/work.js';
import { stream } from '../../../src/runtime/random/stream.js';
import { planOfPca } from '../../../src/words/evaluation/pca.js';
import { matrixOf, waves } from './codes.js';

/** In float32, as an engine has them. */
const products: Products = {
  forward: ({ values, rows, columns }, q, width) =>
    Float32Array.from({ length: rows * width }, (_, at) => {
      const [row, i] = [Math.floor(at / width), at % width];
      let sum = 0;
      for (let j = 0; j < columns; j++) {
        sum = Math.fround(sum + Math.fround((values[row * columns + j] ?? 0) * (q[j * width + i] ?? 0)));
      }
      return sum;
    }),
  back: ({ values, rows, columns }, s, width) =>
    Float32Array.from({ length: columns * width }, (_, at) => {
      const [j, i] = [Math.floor(at / width), at % width];
      let sum = 0;
      for (let row = 0; row < rows; row++) {
        sum = Math.fround(sum + Math.fround((values[row * columns + j] ?? 0) * (s[row * width + i] ?? 0)));
      }
      return sum;
    }),
};

function inputOf(chunks: readonly Matrix[], count: number): LeadingComponentsInput {
  const columns = chunks[0]?.columns ?? 0;
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
  const start = new Float32Array(columns * blockWidth(count, rows, columns));
  stream({ seed: 'evaluation', path: 'pca', purpose: 'start' }).normal(start, 0);
  return { chunks: () => chunks, columns, count, start, products };
}

describe('pca by subspace iteration', () => {
  const chunks = [waves(120, 160, 0), waves(180, 160, 120)];
  const test = waves(80, 160, 1000);
  const left = (components: PrincipalComponents) =>
    meanOverChunks([test], (examples) => pcaSquaredError(examples, components));

  // scikit-learn's PCA with svd_solver='full': expected.py.
  it.each([
    [5, 0.9931426911448522],
    [12, 0.07246831301038699],
  ])('leaves of %d components what the full decomposition leaves, to 1e-4', (count, expected) => {
    expect(left(completed(leadingComponents(inputOf(chunks, count)))) / expected).toBeCloseTo(1, 4);
    expect(left(completed(principalComponents(waves(300, 160, 0), count))) / expected).toBeCloseTo(1, 6);
  });

  it('finds the directions themselves, from fewer examples than values too', () => {
    const few = waves(40, 160, 0);
    const [iterated, exact] = [completed(leadingComponents(inputOf([few], 3))), completed(principalComponents(few, 3))];
    iterated.directions.forEach((value, i) => {
      expect(value).toBeCloseTo(exact.directions[i] ?? Number.NaN, 3);
    });
  });

  it('has rows of zeros where the examples vary no more', () => {
    const line = matrixOf([-2, -1, 0, 1, 2].map((x) => [1 + 3 * x, 2 - 4 * x, 5, 5]));
    const { directions } = completed(leadingComponents(inputOf([line], 2)));
    expect(directions[0]).toBeCloseTo(-0.6, 6);
    expect(directions[1]).toBeCloseTo(0.8, 6);
    expect([...directions.subarray(4)]).toEqual([0, 0, 0, 0]);
  });

  it('goes through all examples less often when it begins with the first of them', () => {
    const parts = Array.from({ length: 10 }, (_, i) => waves(30, 160, 30 * i));
    const seen = (sampled: number): number => {
      let count = 0;
      const components = completed(
        leadingComponents({
          ...inputOf(parts, 12),
          sampled,
          *chunks() {
            for (const part of parts) {
              count++;
              yield part;
            }
          },
        }),
      );
      expect(left(components) / 0.07246831301038699).toBeCloseTo(1, 4);
      return count;
    };
    expect(seen(60 * 160)).toBeLessThan(seen(300 * 160));
  });
});

describe('how large data are measured', () => {
  it('pca: exactly up to 1,024 values or examples, by iteration above, never for hours', () => {
    expect(planOfPca(60_000, 784, 30)).toEqual({ method: 'exact', rows: 60_000 });
    expect(planOfPca(60_000, 1024, 600)).toEqual({ method: 'exact', rows: 60_000 });
    expect(planOfPca(1000, 12_288, 30)).toEqual({ method: 'exact', rows: 1000 });
    expect(planOfPca(50_000, 3072, 30)).toEqual({ method: 'iterative', rows: 50_000 });
    expect(planOfPca(50_000, 3072, 2000)).toEqual({ method: 'exact', rows: 50_000 });
    expect(planOfPca(50_000, 3072, 3072)).toEqual({ method: 'nothing_left', rows: 50_000 });
    expect(planOfPca(200_000, 12_288, 512)).toEqual({ method: 'iterative', rows: 87_381 });
    expect(planOfPca(50_000, 12_288, 513)).toBeNull();
  });

  it('linear_probe and knn: all examples up to 1,024 values, above as many as cost is spent on', () => {
    expect(probedRows(60_000, 1024)).toBe(60_000);
    expect(probedRows(200, 4096)).toBe(200);
    expect(probedRows(8000, 2048)).toBe(8000);
    const rows = probedRows(50_000, 4096);
    expect(rows).toBeGreaterThan(2500);
    expect((rows * rows * 4096) / 2 + rows ** 3 / 6).toBeLessThanOrEqual(2e10);
    expect(searchedRows(60_000, 10_000, 1024, 5)).toBe(60_000);
    expect(searchedRows(60_000, 10_000, 4096, 5)).toBe(7324);
    expect(searchedRows(60_000, 10_000, 1e8, 5)).toBe(5);
  });
});

describe('linear_probe of fewer examples than values', () => {
  const [train, test] = [waves(60, 1500, 0), waves(40, 1500, 500)];
  const classOf = (i: number) => Math.floor(((i * 37) % 101) / 34);
  const labels = Array.from({ length: 60 }, (_, i) => classOf(i));

  // scikit-learn's Ridge(solver='svd') on standardised values: expected.py.
  it('has the coefficients of ridge regression', () => {
    const share = [0, 1, 2].map((c) => labels.filter((label) => label === c).length / 60);
    const targets = Float64Array.from({ length: 180 }, (_, at) => {
      return (labels[Math.floor(at / 3)] === at % 3 ? 1 : 0) - (share[at % 3] ?? 0);
    });
    const coefficients = completed(ridgeOfFew(train, standardsOf(train), targets, 3, 0.001));
    [-0.01014675909328315, -0.0717812508942445, 0.08192800998752763].forEach((value, c) => {
      expect(coefficients[7 * 3 + c]).toBeCloseTo(value, 7);
    });
  });

  it('classifies as it does', () => {
    const tested = { examples: test, labels: Array.from({ length: 40 }, (_, i) => classOf(500 + i)) };
    expect(completed(linearProbe({ train: { examples: train, labels }, test: tested, ridge: 0.001 }))).toBe(10 / 40);
  });
});
