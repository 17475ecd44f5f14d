/** The length of everything before the values is a multiple of it. */
const ALIGNMENT = 64;
const PREFIX_BYTES = 10;

/**
 * One array of floats or bytes as NumPy's `.npy`, format version 1.0, which `numpy.load` reads: little-endian,
 * row-major.
 *
 * @throws RangeError when the shape does not have as many elements as there are values
 */
export function encodeNpy(shape: readonly number[], values: Float32Array | Float64Array | Uint8Array): Uint8Array {
  if (shape.reduce((product, n) => product * n, 1) !== values.length) {
    throw new RangeError(`shape [${shape.join(', ')}] does not have ${values.length} values`);
  }
  // A Python tuple: of one element it is (n,).
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
