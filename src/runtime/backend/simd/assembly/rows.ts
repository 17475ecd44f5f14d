// Rows of strided operands, and vectors that end inside a row.

/**
 * Byte offset of row `row` of an operand with `rank` outer axes, with sizes at `dims` and byte strides at `strides`.
 */
@inline
export function rowOffset(row: i32, rank: i32, dims: usize, strides: usize): usize {
  if (rank == 0) return 0;
  let offset: usize = 0;
  for (let d = rank - 1; d > 0; --d) {
    const n = load<i32>(dims + (<usize>d << 2));
    const q = row / n;
    offset += <usize>(row - q * n) * load<usize>(strides + (<usize>d << 2));
    row = q;
  }
  return offset + <usize>row * load<usize>(strides);
}

/** Stores the first `count` (1 to 3) lanes of four 32-bit lanes. */
@inline
export function storeLanes(p: usize, v: v128, count: i32): void {
  v128.store_lane<i32>(p, v, 0);
  if (count > 1) v128.store_lane<i32>(p, v, 1, 4);
  if (count > 2) v128.store_lane<i32>(p, v, 2, 8);
}

/** Copies n floats. For few of them `memory.copy` costs more. */
@inline
export function copyFew(to: usize, from: usize, n: i32): void {
  const full = to + (<usize>(n & ~3) << 2);
  for (; to < full; to += 16, from += 16) v128.store(to, v128.load(from));
  if ((n & 3) != 0) storeLanes(to, v128.load(from), n & 3);
}

/** Converts four 32-bit masks to four bytes of 0 or 1. */
@inline
export function maskBytes(mask: v128): u32 {
  const words = i16x8.narrow_i32x4_s(mask, mask);
  return i32x4.extract_lane(i8x16.narrow_i16x8_s(words, words), 0) & 0x01010101;
}

/** Stores the first `count` (1 to 3) bytes. */
@inline
export function storeBytes(p: usize, bytes: u32, count: i32): void {
  store<u8>(p, bytes);
  if (count > 1) store<u8>(p, bytes >> 8, 1);
  if (count > 2) store<u8>(p, bytes >> 16, 2);
}

/** Zero-extends four bytes to 32-bit lanes. */
@inline
export function widenBytes(p: usize): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load_zero<u32>(p)));
}
