import { expect, test } from 'vitest';
import { solvePositiveDefinite } from '../../../src/runtime/evaluation/cholesky.js';
import { nearestNeighbours } from '../../../src/runtime/evaluation/knn.js';
import type { Labelled } from '../../../src/runtime/evaluation/labelled.js';
import { linearProbe } from '../../../src/runtime/evaluation/linear_probe.js';
import type { Matrix } from '../../../src/runtime/evaluation/matrix.js';
import { principalComponents } from '../../../src/runtime/evaluation/pca.js';
import { symmetricEigen } from '../../../src/runtime/evaluation/symmetric-eigen.js';
import { between, completed, type Work } from '../../../src/runtime/evaluation/work.js';

/** Values without a pattern. */
function scattered(rows: number, columns: number): Matrix {
  const values = Float32Array.from({ length: rows * columns }, (_, i) => ((i * i * 31 + i * 17) % 1009) / 1009);
  return { values, rows, columns };
}

function labelled(rows: number, columns: number): Labelled {
  return { examples: scattered(rows, columns), labels: Array.from({ length: rows }, (_, i) => i % 3) };
}

/** A diagonal that outweighs the rest. */
function definite(size: number): Float64Array {
  return Float64Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? size : ((i * 7) % 13) / 13 / 2));
}

const sized: readonly (readonly [string, number, () => Work<unknown>])[] = [
  ['knn', 10, () => nearestNeighbours({ train: labelled(3000, 32), test: labelled(1000, 32), k: 3 })],
  ['linear_probe', 10, () => linearProbe({ train: labelled(4000, 300), test: labelled(600, 300), ridge: 0.1 })],
  ['linear_probe of few', 30, () => linearProbe({ train: labelled(200, 1100), test: labelled(20, 1100), ridge: 0.1 })],
  ['pca', 200, () => principalComponents(scattered(400, 120), 5)],
  ['pca of few', 60, () => principalComponents(scattered(60, 400), 5)],
  ['eigenvalues', 200, () => symmetricEigen(scatteredSymmetric(100), 100, 10)],
  [
    'a positive definite system',
    200,
    () => solvePositiveDefinite(definite(500), new Float64Array(500).fill(1), 500, 1),
  ],
];

function scatteredSymmetric(size: number): Float64Array {
  const values = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) values[i * size + j] = values[j * size + i] = ((i * 37 + j * 101) % 103) / 103;
  }
  return values;
}

test.each(sized)('%s is done in small parts and says how far it is', (_, parts, work) => {
  const shares = [...work()];
  expect(shares.length).toBeGreaterThanOrEqual(parts);
  expect(shares.every((share, i) => share >= (shares[i - 1] ?? 0) - 1e-12 && share <= 1 + 1e-12)).toBe(true);
  // No part of it is most of it.
  const steps = shares.map((share, i) => share - (shares[i - 1] ?? 0));
  expect(Math.max(...steps, 1 - (shares.at(-1) ?? 0))).toBeLessThan(0.35);
});

test('work returns the same however it is done, and can be left', () => {
  const knn = () => nearestNeighbours({ train: labelled(300, 8), test: labelled(100, 8), k: 3 });
  const inParts = between(0.2, 0.6, knn());
  const seen: number[] = [];
  let step = inParts.next();
  for (; step.done !== true; step = inParts.next()) seen.push(step.value);
  expect(step.value).toBe(completed(knn()));
  expect(seen[0]).toBe(0.2);
  const left = knn();
  left.next();
  left.return(Number.NaN);
  expect(left.next().done).toBe(true);
});
