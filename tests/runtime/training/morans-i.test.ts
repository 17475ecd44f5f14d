import { describe, expect, it } from 'vitest';
import { stream } from '../../../src/runtime/random/stream.js';
import { filterStructure } from '../../../src/runtime/training/filter-structure.js';
import { moransI } from '../../../src/runtime/training/morans-i.js';

const image = (height: number, width: number, of: (row: number, column: number) => number) =>
  Float32Array.from({ length: height * width }, (_, i) => of(Math.floor(i / width), i % width));

describe("Moran's I", () => {
  it('by hand, of 2×2: the mean is ½, all squares ¼, all four products of neighbours -¼', () => {
    expect(moransI(Float32Array.of(1, 0, 0, 1), 2, 2)).toBe(-1);
  });

  it('by hand, of 2×3', () => {
    // 1 2 0   less the mean 2:  -1  0 -2   neighbours in rows:    0 + 0 + 0 + 2 = 2
    // 2 4 3                      0  2  1   neighbours in columns: 0 + 0 - 2 = -2   squares: 10
    expect(moransI(Float32Array.of(1, 2, 0, 2, 4, 3), 2, 3)).toBe(0);
    // 3 3 0   less the mean 1:   2  2 -1   neighbours in rows:    4 - 2 + 1 + 1 = 4
    // 0 0 0                     -1 -1 -1   neighbours in columns: -2 - 2 + 1 = -3  squares: 12
    expect(moransI(Float32Array.of(3, 3, 0, 0, 0, 0), 2, 3)).toBeCloseTo(1 / 7 / (12 / 6), 12);
  });

  it('is -1 for a checkerboard, near 1 for a slope, 0 for one value', () => {
    expect(
      moransI(
        image(8, 8, (row, column) => (row + column) % 2),
        8,
        8,
      ),
    ).toBeCloseTo(-1, 6);
    expect(
      moransI(
        image(20, 20, (row, column) => row + column),
        20,
        20,
      ),
    ).toBeGreaterThan(0.9);
    expect(moransI(new Float32Array(9).fill(3), 3, 3)).toBe(0);
  });

  it('does not change with scale, shift or transposition', () => {
    const values = new Float32Array(35);
    stream({ seed: 1, path: 'image', purpose: 'noise' }).normal(values, 0);
    const own = moransI(values, 5, 7);
    expect(
      moransI(
        values.map((x) => 3 - 2 * x),
        5,
        7,
      ),
    ).toBeCloseTo(own, 5);
    expect(
      moransI(
        image(7, 5, (row, column) => values[column * 7 + row] ?? 0),
        7,
        5,
      ),
    ).toBeCloseTo(own, 6);
  });

  it('of noise has the mean -1 / (n - 1) and few values above 0.25 at 10×10', () => {
    const filters = 1000;
    const values = new Float32Array(filters * 100);
    stream({ seed: 1, path: 'filters', purpose: 'noise' }).normal(values, 0);
    const { meanMoransI, structured } = filterStructure(values, [1, 10, 10]);
    // A standard deviation of 0.075; five of the mean's.
    expect(Math.abs(meanMoransI + 1 / 99)).toBeLessThan((5 * 0.075) / Math.sqrt(filters));
    expect(structured).toBeLessThan(0.005);
  });

  it('of several channels is the mean of theirs', () => {
    const checks = image(4, 4, (row, column) => (row + column) % 2);
    const slope = image(4, 4, (row, column) => row - column);
    const both = Float32Array.of(...checks, ...slope);
    const expected = (moransI(checks, 4, 4) + moransI(slope, 4, 4)) / 2;
    expect(filterStructure(both, [2, 4, 4]).meanMoransI).toBeCloseTo(expected, 12);
  });
});
