import { backend, engine, getKernelsForBackend, setBackend, type Tensor, tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expect } from 'vitest';
import { registerSimdBackend } from '../../../../src/runtime/backend/simd/register.js';
import { SimdBackend } from '../../../../src/runtime/backend/simd/simd-backend.js';
import { type FusedOperations, fusedOperations } from '../../../../src/runtime/lowering/fused-operations.js';

/** Makes the simd backend current; its first use in a file decides on the threads. */
export async function useSimd(threads = 1): Promise<void> {
  if (getKernelsForBackend('simd').length === 0) registerSimdBackend({ threads });
  await setBackend('simd');
}

/** The current backend. */
export function simdBackend(): SimdBackend {
  const current = backend();
  if (!(current instanceof SimdBackend)) throw new Error('the current backend is another one');
  return current;
}

/** Its fused operations. */
export function fused(): FusedOperations {
  const operations = fusedOperations();
  if (!operations) throw new Error('the backend has no fused operations');
  return operations;
}

/** A kernel's result by name, as numbers. */
export function run(
  name: string,
  inputs: Record<string, Tensor>,
  attributes: Record<string, number | boolean | string> = {},
): Float32Array {
  return Float32Array.from(engine().runKernel<Tensor>(name, inputs, attributes).dataSync());
}

export function tensorOf(values: Float32Array, shape: number[]): Tensor {
  return tensor(values, shape, 'float32');
}

const NAN_BITS = 0x7fc00000;

/** The bits of float32 numbers, every NaN the same. */
export function bitsOf(values: Float32Array): Int32Array {
  const bits = new Int32Array(Float32Array.from(values).buffer);
  return bits.map((word, i) => (Number.isNaN(values[i]) ? NAN_BITS : word));
}

/** Equal bit for bit; any NaN equals any NaN. */
export function expectSameBits(actual: Float32Array, expected: Float32Array, what = ''): void {
  expect(actual.length, what).toBe(expected.length);
  const [left, right] = [bitsOf(actual), bitsOf(expected)];
  const at = left.findIndex((word, i) => word !== right[i]);
  if (at >= 0) expect.fail(`${what} element ${at}: ${actual[at]} is not ${expected[at]}`);
}

/** Any float32 by its bits: subnormal, infinite and NaN ones too. */
export const anyFloat = fc.integer({ min: -0x80000000, max: 0x7fffffff }).map((bits) => {
  const value = new Float32Array(new Int32Array([bits]).buffer)[0];
  return value ?? 0;
});

const specials = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1e-45,
  -1e-45,
  1.17549435e-38,
  -1.17549435e-38,
  3.4e38,
  -3.4e38,
  Infinity,
  -Infinity,
  NaN,
];

/** Numbers of ordinary size, with some special ones. */
export const commonFloat = fc.oneof(
  { weight: 8, arbitrary: fc.float({ min: -8, max: 8, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(...specials) },
);

/** Reproducible numbers in [-1, 1), of 24 bits, for what needs many. */
export function noise(count: number, seed: number): Float32Array {
  let state = seed | 1;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >> 8) / 2 ** 23;
  });
}

/** Magnitudes that a mean has after hundreds of gradients of 0: mostly denormals, of both signs, and zeros. */
export function nextToNothing(count: number, seed: number): Float32Array {
  const [kinds, bits] = [noise(count, seed), noise(count, seed + 50)];
  const words = Int32Array.from(kinds, (kind, i) => {
    const random = ((bits[i] ?? 0) * 2 ** 23) | 0;
    const [sign, mantissa] = [random & 0x80000000, random & 0x7fffff];
    if (kind < -0.6) return sign | (mantissa % 12);
    if (kind < 0) return sign | mantissa;
    if (kind < 0.4) return sign | mantissa | ((1 + (mantissa % 4)) << 23);
    return sign | mantissa | ((mantissa % 140) << 23);
  });
  return new Float32Array(words.buffer);
}
