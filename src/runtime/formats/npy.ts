/** The header is padded to a multiple of this length. */
const ALIGNMENT = 64;
const PREFIX_BYTES = 10;

/**
 * Encodes an array of floats or bytes as NumPy's `.npy`, format version 1.0, as read by `numpy.load`: little-endian,
 * row-major.
 *
 * @throws RangeError if the shape does not match the number of values
 */
export function encodeNpy(shape: readonly number[], values: Float32Array | Float64Array | Uint8Array): Uint8Array {
  if (shape.reduce((product, n) => product * n, 1) !== values.length) {
    throw new RangeError(`shape [${shape.join(', ')}] does not have ${values.length} values`);
  }
  // A Python tuple: with one element it is (n,).
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const type = values instanceof Uint8Array ? '|u1' : values instanceof Float32Array ? '<f4' : '<f8';
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const start = Math.ceil((PREFIX_BYTES + header.length + 1) / ALIGNMENT) * ALIGNMENT;
  const file = new Uint8Array(start + values.byteLength);
  file.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0]);
  new DataView(file.buffer).setUint16(8, start - PREFIX_BYTES, true);
  file.set(new TextEncoder().encode(`${header.padEnd(start - PREFIX_BYTES - 1)}\n`), PREFIX_BYTES);
  file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), start);
  return file;
}
