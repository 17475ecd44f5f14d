import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { weightsSha256 } from '../../../src/runtime/training/weights-sha256.js';

const sha256 = (hex: string) => createHash('sha256').update(Buffer.from(hex, 'hex')).digest('hex');
const weights = (...values: readonly (readonly number[])[]) =>
  new Map(values.map((own, i) => [`encoder/${i}/weight`, Float32Array.from(own)]));

/** The float32 with these bits. */
function floatOf(bits: number): Float32Array {
  return new Float32Array(Uint32Array.of(bits).buffer);
}

describe('the SHA-256 of weights', () => {
  it('is that of their float32 values as little-endian bytes, one weight after the other', () => {
    expect(weightsSha256(weights([1, -2], [0.5]))).toBe(sha256('0000803f' + '000000c0' + '0000003f'));
    expect(weightsSha256(new Map())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('knows the order of the weights, and the sign of zero', () => {
    expect(weightsSha256(weights([1, -2], [0.5]))).not.toBe(weightsSha256(weights([0.5], [1, -2])));
    expect(weightsSha256(weights([0]))).not.toBe(weightsSha256(weights([-0])));
  });

  it('takes every NaN for 0x7fc00000', () => {
    const expected = sha256('0000c07f');
    for (const bits of [0x7fc00000, 0xffc00000, 0x7fc00001, 0x7fffffff]) {
      expect(weightsSha256(new Map([['encoder/0/weight', floatOf(bits)]])), bits.toString(16)).toBe(expected);
    }
  });
});
