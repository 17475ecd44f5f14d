import { expect, test } from 'vitest';
import { encodeNpy } from '../../../src/runtime/formats/npy.js';

/** By `numpy.save` of numpy.array([[1, 2, 3]], dtype='<f4'): NumPy's format 1.0, NEP 1. */
test('the bytes are those NumPy writes', () => {
  const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }";
  const expected = Buffer.concat([
    Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]),
    Buffer.from(`${header.padEnd(117)}\n`),
    Buffer.from(Float32Array.of(1, 2, 3).buffer),
  ]);
  expect(Buffer.from(encodeNpy([1, 3], Float32Array.of(1, 2, 3))).equals(expected)).toBe(true);
});

test('one dimension is a Python tuple of one, none is the empty one', () => {
  const textOf = (file: Uint8Array) => new TextDecoder('latin1').decode(file);
  expect(textOf(encodeNpy([2], Float32Array.of(1, 2)))).toContain("'shape': (2,), }");
  expect(textOf(encodeNpy([], Float32Array.of(1)))).toContain("'shape': (), }");
  expect(() => encodeNpy([2], Float32Array.of(1))).toThrow(RangeError);
});
