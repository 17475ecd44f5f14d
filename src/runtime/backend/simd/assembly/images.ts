// Values of examples that are kept as bytes.
import { arg, argP, claim, minI } from './job';

const TILE_ELEMENTS: i32 = 8192;

/** Arguments: n, bytes, table of 256 float32, result: each byte's entry in the table. */
export function lookUp(): void {
  const n = arg(0), bytes = argP(1), table = argP(2), y = argP(3);
  for (let t = claim() * TILE_ELEMENTS; t < n; t = claim() * TILE_ELEMENTS) {
    const end = bytes + <usize>minI(n, t + TILE_ELEMENTS);
    let p = bytes + <usize>t, to = y + (<usize>t << 2);
    for (; p + 4 <= end; p += 4, to += 16) {
      store<f32>(to, load<f32>(table + (<usize>load<u8>(p) << 2)));
      store<f32>(to, load<f32>(table + (<usize>load<u8>(p, 1) << 2)), 4);
      store<f32>(to, load<f32>(table + (<usize>load<u8>(p, 2) << 2)), 8);
      store<f32>(to, load<f32>(table + (<usize>load<u8>(p, 3) << 2)), 12);
    }
    for (; p < end; ++p, to += 4) store<f32>(to, load<f32>(table + (<usize>load<u8>(p) << 2)));
  }
}
