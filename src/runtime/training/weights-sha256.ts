import { createHash } from 'node:crypto';
import type { WeightValues } from './initial-weights.js';

const canonicalNaN = 0x7fc00000;

/**
 * SHA-256 of all weights: their float32 values as little-endian bytes, concatenated in structural order. Every NaN
 * counts as 0x7fc00000, because the bits of NaNs differ between processors.
 */
export function weightsSha256(weights: WeightValues): string {
  const hash = createHash('sha256');
  for (const values of weights.values()) hash.update(canonicalBytes(values));
  return hash.digest('hex');
}

/** Float32 values as little-endian bytes, with one bit pattern for all NaNs. */
export function canonicalBytes(values: Float32Array): Uint8Array {
  if (!values.includes(Number.NaN)) return littleEndianBytes(values);
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((x, i) => {
    if (Number.isNaN(x)) view.setUint32(4 * i, canonicalNaN, true);
    else view.setFloat32(4 * i, x, true);
  });
  return bytes;
}

/** All supported platforms are little-endian. */
function littleEndianBytes({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
