/** An IDX file of bytes, written out from the format's description. */
export function idxBytes(dims: readonly number[], data: readonly number[], type = 0x08): Uint8Array {
  const header = [
    0,
    0,
    type,
    dims.length,
    ...dims.flatMap((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]),
  ];
  return Uint8Array.from([...header, ...data]);
}
