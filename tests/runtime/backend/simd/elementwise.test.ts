import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { binaryFunctions, unaryFunctions } from '../../../reference/elementwise.js';
import { anyFloat, commonFloat, expectSameBits, run, tensorOf, useSimd } from './simd.js';

beforeAll(() => useSimd());

const list = fc.oneof(
  fc.array(anyFloat, { minLength: 1, maxLength: 70 }),
  fc.array(commonFloat, { minLength: 1, maxLength: 70 }),
);

describe('a function of one element equals the scalar reference bit for bit', () => {
  for (const [name, f] of Object.entries(unaryFunctions)) {
    it(name, () => {
      fc.assert(
        fc.property(list, (values) => {
          const x = Float32Array.from(values);
          expectSameBits(run(name, { x: tensorOf(x, [x.length]) }), x.map(f), `${name} of ${values}`);
        }),
        { numRuns: 60 },
      );
    });
  }

  it('over a grid of all magnitudes', () => {
    const x = new Float32Array(new Int32Array(65536).map((_, i) => i << 16).buffer);
    for (const [name, f] of Object.entries(unaryFunctions)) {
      expectSameBits(run(name, { x: tensorOf(x, [x.length]) }), x.map(f), name);
    }
  });
});

/** Two shapes that broadcast to `shape`. */
const operands = fc
  .array(fc.record({ size: fc.integer({ min: 1, max: 6 }), a: fc.boolean(), b: fc.boolean() }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((axes) => ({
    shape: axes.map(({ size }) => size),
    a: axes.map(({ size, a }) => (a ? size : 1)),
    b: axes.map(({ size, a, b }) => (b || !a ? size : 1)),
  }));

function broadcastIndex(i: number, shape: readonly number[], own: readonly number[]): number {
  let index = 0;
  let stride = 1;
  let rest = i;
  for (let axis = shape.length - 1; axis >= 0; --axis) {
    const size = shape[axis] ?? 1;
    if (own[axis] !== 1) index += (rest % size) * stride;
    stride *= own[axis] ?? 1;
    rest = Math.floor(rest / size);
  }
  return index;
}

const product = (sizes: readonly number[]) => sizes.reduce((n, size) => n * size, 1);

describe('a function of two elements, broadcast, equals the scalar reference bit for bit', () => {
  for (const [name, f] of Object.entries(binaryFunctions)) {
    it(name, () => {
      fc.assert(
        fc.property(operands, fc.infiniteStream(commonFloat), ({ shape, a, b }, stream) => {
          const take = (n: number) => Float32Array.from({ length: n }, () => stream.next().value ?? 0);
          const [left, right] = [take(product(a)), take(product(b))];
          const expected = Float32Array.from({ length: product(shape) }, (_, i) =>
            f(left[broadcastIndex(i, shape, a)] ?? 0, right[broadcastIndex(i, shape, b)] ?? 0),
          );
          expectSameBits(run(name, { a: tensorOf(left, a), b: tensorOf(right, b) }), expected, `${name} ${a} ${b}`);
        }),
        { numRuns: 60 },
      );
    });
  }

  it('comparisons follow IEEE 754', () => {
    const a = Float32Array.of(1, -0, NaN, Infinity, 2);
    const b = Float32Array.of(2, 0, NaN, -Infinity, 2);
    const inputs = { a: tensorOf(a, [5]), b: tensorOf(b, [5]) };
    expect([...run('Equal', inputs)]).toEqual([0, 1, 0, 0, 1]);
    expect([...run('NotEqual', inputs)]).toEqual([1, 0, 1, 1, 0]);
    expect([...run('Less', inputs)]).toEqual([1, 0, 0, 0, 0]);
    expect([...run('LessEqual', inputs)]).toEqual([1, 1, 0, 0, 1]);
    expect([...run('Greater', inputs)]).toEqual([0, 0, 0, 1, 0]);
    expect([...run('GreaterEqual', inputs)]).toEqual([0, 1, 0, 1, 1]);
  });
});
