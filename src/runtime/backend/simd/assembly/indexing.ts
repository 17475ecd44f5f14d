// Gather, scatter and one-hot encoding. The host has checked that indices are in range.
import { arg, argP, claim, minI } from './job';
import { Element } from '../operations';

/**
 * Arguments: number of slices, bytes per slice, X, indices (int32), Y, slices per group, byte stride of a group in X,
 * groups per batch.
 * Y[slice s] = X[group s / per group, index]. A slice finds its index by the batch of its group and its position in the
 * group.
 */
export function gather(): void {
  const slices = arg(0), bytes = argP(1), x = argP(2), indices = argP(3), y = argP(4);
  const perGroup = arg(5), groupStride = argP(6), groupsPerBatch = arg(7);
  const perTile = bytes >= 16384 ? 1 : 16384 / <i32>bytes;
  for (let t = claim() * perTile; t < slices; t = claim() * perTile) {
    const end = minI(slices, t + perTile);
    for (let s = t; s < end; ++s) {
      const group = s / perGroup, i = s - group * perGroup, batch = group / groupsPerBatch;
      const index = load<i32>(indices + (<usize>(batch * perGroup + i) << 2));
      const from = x + <usize>group * groupStride + <usize>index * bytes;
      const to = y + <usize>s * bytes;
      if (bytes == 4) store<u32>(to, load<u32>(from));
      else memory.copy(to, from, bytes);
    }
  }
}

/**
 * Arguments: element, number of updates, elements per slice, indices (int32, in slices; negative: skipped), updates, Y,
 * replace. Adds the updates (or writes them, if `replace`) in ascending order. Threads share the columns.
 */
export function scatterRows(): void {
  const element = arg(0), count = arg(1), n = arg(2), indices = argP(3), updates = argP(4), y = argP(5);
  const replace = arg(6) != 0;
  const width = 256;
  for (let c = claim() * width; c < n; c = claim() * width) {
    const end = minI(n, c + width);
    for (let u = 0; u < count; ++u) {
      const row = load<i32>(indices + (<usize>u << 2));
      if (row < 0) continue;
      let from = updates + ((<usize>u * n + c) << 2), to = y + ((<usize>row * n + c) << 2);
      for (let i = c; i < end; ++i, from += 4, to += 4) {
        if (replace) store<u32>(to, load<u32>(from));
        else if (element == Element.Float32) store<f32>(to, load<f32>(to) + load<f32>(from));
        else store<i32>(to, load<i32>(to) + load<i32>(from));
      }
    }
  }
}

/** Arguments: number of indices, depth, indices (int32), Y, on, off (bits). */
export function oneHot(): void {
  const count = arg(0), depth = arg(1), indices = argP(2), y = argP(3), on = arg(4), off = arg(5);
  for (let i = claim(); i < count; i = claim()) {
    const index = load<i32>(indices + (<usize>i << 2));
    const row = y + ((<usize>i * depth) << 2);
    for (let d = 0; d < depth; ++d) store<i32>(row + (<usize>d << 2), d == index ? on : off);
  }
}
