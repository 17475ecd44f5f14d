// Batches from a data set that stays as bytes: gather, crop and normalise in one pass.
import { arg, argP, claim } from './job';

/**
 * Arguments: items, bytes, result, first byte of every item (int32), table of 256 float32; rows of an item, bytes of a
 * row, bytes from one row to the next. A byte's value is its entry in the table.
 */
export function gatherBytes(): void {
  const items = arg(0), bytes = argP(1), y = argP(2), starts = argP(3), table = argP(4);
  const rows = arg(5), n = arg(6), step = argP(7);
  for (let i = claim(); i < items; i = claim()) {
    let from = bytes + load<usize>(starts + (<usize>i << 2));
    let to = y + ((<usize>i * rows * n) << 2);
    for (let r = 0; r < rows; ++r, from += step) {
      for (let j = 0; j < n; ++j, to += 4) store<f32>(to, load<f32>(table + (<usize>load<u8>(from + <usize>j) << 2)));
    }
  }
}
