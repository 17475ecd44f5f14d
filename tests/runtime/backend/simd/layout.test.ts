import {
  argMax,
  cast,
  concat,
  cumsum,
  gather,
  logicalNot,
  mirrorPad,
  pad,
  reverse,
  scatterND,
  slice,
  stridedSlice,
  type Tensor,
  tensor,
  tensor1d,
  tensor2d,
  tidy,
  tile,
  transpose,
  unsortedSegmentSum,
  where,
} from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectSameBits, noise, tensorOf, useSimd } from './simd.js';

beforeAll(() => useSimd(2));

const product = (sizes: readonly number[]) => sizes.reduce((n, size) => n * size, 1);

/** The index along each axis of element i of a dense tensor. */
function coordinates(i: number, shape: readonly number[]): number[] {
  const at: number[] = [];
  let rest = i;
  for (const size of [...shape].reverse()) {
    at.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return at;
}

/** A dense tensor of this shape whose elements are x's at the coordinates that `source` names; 0 where it names none. */
function picked(
  x: Float32Array,
  xShape: readonly number[],
  shape: readonly number[],
  source: (at: number[]) => number[] | undefined,
): Float32Array {
  return Float32Array.from({ length: product(shape) }, (_, i) => {
    const at = source(coordinates(i, shape));
    return at === undefined ? 0 : (x[at.reduce((index, k, axis) => index * (xShape[axis] ?? 1) + k, 0)] ?? 0);
  });
}

function values(compute: () => Tensor): Float32Array {
  return tidy(() => Float32Array.from(compute().dataSync()));
}

const shapes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 });

describe('elements are moved to where the definition says', () => {
  it('transpose, of any order of axes', () => {
    fc.assert(
      fc.property(
        shapes.chain((shape) =>
          fc.record({
            shape: fc.constant(shape),
            order: fc.shuffledSubarray([...shape.keys()], { minLength: shape.length }),
          }),
        ),
        ({ shape, order }) => {
          const x = noise(product(shape), 1);
          const target = order.map((axis) => shape[axis] ?? 1);
          const expected = picked(x, shape, target, (at) => shape.map((_, axis) => at[order.indexOf(axis)] ?? 0));
          expectSameBits(
            values(() => transpose(tensorOf(x, shape), order)),
            expected,
            `${shape} by ${order}`,
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it('transpose of large planes, by several threads', () => {
    for (const [rows, columns] of [
      [1, 5000],
      [333, 517],
      [4, 4096],
    ] as const) {
      const x = noise(rows * columns, 2);
      const expected = picked(x, [rows, columns], [columns, rows], ([c = 0, r = 0]) => [r, c]);
      expectSameBits(
        values(() => transpose(tensorOf(x, [rows, columns]))),
        expected,
      );
    }
  });

  const windows = shapes.chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      begin: fc.tuple(...shape.map((size) => fc.integer({ min: 0, max: size - 1 }))),
      step: fc.tuple(...shape.map(() => fc.integer({ min: 1, max: 3 }))),
      before: fc.tuple(...shape.map(() => fc.nat(2))),
    }),
  );

  it('slice, strided slice, pad, reverse and tile', () => {
    fc.assert(
      fc.property(windows, ({ shape, begin, step, before }) => {
        const x = noise(product(shape), 3);
        const size = shape.map((n, axis) => n - (begin[axis] ?? 0));
        const moved = (at: number[]) => at.map((k, axis) => k + (begin[axis] ?? 0));
        expectSameBits(
          values(() => slice(tensorOf(x, shape), begin)),
          picked(x, shape, size, moved),
          'slice',
        );
        const strided = size.map((n, axis) => Math.ceil(n / (step[axis] ?? 1)));
        expectSameBits(
          values(() => stridedSlice(tensorOf(x, shape), begin, shape, step)),
          picked(x, shape, strided, (at) => at.map((k, axis) => k * (step[axis] ?? 1) + (begin[axis] ?? 0))),
          'strided slice',
        );
        const padded = shape.map((n, axis) => n + (before[axis] ?? 0) + 1);
        expectSameBits(
          values(() =>
            pad(
              tensorOf(x, shape),
              before.map((n): [number, number] => [n, 1]),
            ),
          ),
          picked(x, shape, padded, (at) => {
            const from = at.map((k, axis) => k - (before[axis] ?? 0));
            return from.every((k, axis) => k >= 0 && k < (shape[axis] ?? 0)) ? from : undefined;
          }),
          'pad',
        );
        expectSameBits(
          values(() => reverse(tensorOf(x, shape))),
          picked(x, shape, shape, (at) => at.map((k, axis) => (shape[axis] ?? 1) - 1 - k)),
          'reverse',
        );
        expectSameBits(
          values(() => tile(tensorOf(x, shape), step)),
          picked(
            x,
            shape,
            shape.map((n, axis) => n * (step[axis] ?? 1)),
            (at) => at.map((k, axis) => k % (shape[axis] ?? 1)),
          ),
          'tile',
        );
      }),
      { numRuns: 100 },
    );
  });

  it('concat puts the second tensor behind the first', () => {
    fc.assert(
      fc.property(shapes, fc.nat(), fc.integer({ min: 1, max: 4 }), (shape, choice, extra) => {
        const axis = choice % shape.length;
        const other = shape.map((n, i) => (i === axis ? extra : n));
        const [x, y] = [noise(product(shape), 4), noise(product(other), 5)];
        const joined = shape.map((n, i) => (i === axis ? n + extra : n));
        const first = shape[axis] ?? 0;
        const fromX = picked(x, shape, joined, (at) => ((at[axis] ?? 0) < first ? at : undefined));
        const fromY = picked(y, other, joined, (at) =>
          (at[axis] ?? 0) < first ? undefined : at.map((k, i) => (i === axis ? k - first : k)),
        );
        const expected = fromX.map((value, i) => value + (fromY[i] ?? 0));
        expect([...values(() => concat([tensorOf(x, shape), tensorOf(y, other)], axis))]).toEqual([...expected]);
      }),
      { numRuns: 100 },
    );
  });

  it('mirror padding repeats the border only where it is symmetric', () => {
    const x = tensor2d([[1, 2, 3]]);
    expect([
      ...values(() =>
        mirrorPad(
          x,
          [
            [0, 0],
            [2, 2],
          ],
          'reflect',
        ),
      ),
    ]).toEqual([3, 2, 1, 2, 3, 2, 1]);
    expect([
      ...values(() =>
        mirrorPad(
          x,
          [
            [0, 0],
            [2, 2],
          ],
          'symmetric',
        ),
      ),
    ]).toEqual([2, 1, 1, 2, 3, 3, 2]);
  });

  it('gather picks slices, and scatter and segment sums add them in their order', () => {
    const x = tensor2d([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect([...values(() => gather(x, tensor([2, 0, 2], [3], 'int32')))]).toEqual([5, 6, 1, 2, 5, 6]);
    expect([...values(() => gather(x, tensor([1], [1], 'int32'), 1))]).toEqual([2, 4, 6]);
    expect(() => gather(x, tensor([3], [1], 'int32'))).toThrow(/index value 3/);
    // 2^24 + 1 + 1 is 2^24 in this order, not 2^24 + 2.
    const big = tensor2d([[16777216], [1], [1]]);
    expect([...values(() => scatterND(tensor2d([[1], [1], [1]], [3, 1], 'int32'), big, [2, 1]))]).toEqual([
      0, 16777216,
    ]);
    expect([...values(() => unsortedSegmentSum(x, tensor1d([1, 0, 1], 'int32'), 2))]).toEqual([3, 4, 6, 8]);
  });

  it('selection, casts, running sums and the place of the largest', () => {
    const x = tensorOf(Float32Array.of(-1.7, 0, 2.9, Number.NaN, 3e9), [5]);
    expect([...values(() => cast(x, 'int32'))]).toEqual([-1, 0, 2, 0, Math.fround(2147483647)]);
    expect([...values(() => cast(x, 'bool'))]).toEqual([1, 0, 1, 1, 1]);
    expect([...values(() => logicalNot(cast(x, 'bool')))]).toEqual([0, 1, 0, 0, 0]);
    const condition = tensor([1, 0, 1], [3], 'bool');
    expect([...values(() => where(condition, tensor([1, 2, 3]), tensor([4, 5, 6])))]).toEqual([1, 5, 3]);
    expect([...values(() => cumsum(tensor([1, 2, 3]), 0, true, true))]).toEqual([5, 3, 0]);
    expect([...values(() => argMax(tensor([1, 3, 3]), 0))]).toEqual([1]);
  });
});
