import { type StreamAt, stream } from '../random/stream.js';
import { numbered } from './ordinals.js';
import { Scratch } from './scratch.js';
import type { CropTransform } from './transform.js';

/** Position of a batch in the random streams. */
export interface BatchPosition {
  /** Training step, from 0; 0 in an evaluation. */
  readonly step: number;
  /** Index in the part of the batch's first example, if the part is processed in chunks; 0 in training. */
  readonly firstExample: number;
}

/** Window offsets, one per example of a batch. */
export interface WindowStarts {
  readonly rows: Uint32Array;
  readonly columns: Uint32Array;
}

/** The windows that a list of crops, one within the other, cuts out of images of one shape. */
export interface Windows {
  /** [channels, height, width] of a window; the image's shape if there is no crop. */
  readonly shape: readonly number[];
  /** @returns arrays that hold this until the next call */
  starts(count: number, at: BatchPosition): WindowStarts;
}

/** Offsets of one crop's windows within the previous crop, along rows (0) or columns (1). */
type Cut = (axis: 0 | 1, at: BatchPosition, out: Uint32Array) => void;

/**
 * Random offsets come from the addresses (seed, `data`, `random_crop.row`) and (seed, `data`, `random_crop.column`),
 * with the word's name, followed by `_2` for the second use and so on; example i of a batch has element firstExample +
 * i.
 *
 * @param earlier crops by the same words, which the numbering continues
 * @param streamAt draws the offsets: the same numbers, whoever draws them
 * @throws RangeError for a crop of data other than images, or a window larger than the image
 */
export function windowsOf(
  shape: readonly number[],
  crops: readonly CropTransform[],
  seed: number | 'evaluation',
  earlier = 0,
  streamAt: StreamAt = stream,
): Windows {
  if (crops.length === 0) {
    const corners = new Scratch((count) => new Uint32Array(count));
    return { shape, starts: (count) => ({ rows: corners.of(count), columns: corners.of(count) }) };
  }
  const [channels = 0, height = 0, width = 0] = shape;
  if (shape.length !== 3) throw new RangeError(`only images can be cropped, not data of shape [${shape.join(', ')}]`);
  let within: readonly [number, number] = [height, width];
  const counts = new Map<string, number>();
  const cuts = crops.map(({ word, pixels }): Cut => {
    const { size } = pixels;
    if (size[0] > within[0] || size[1] > within[1]) {
      throw new RangeError(`a window of ${size.join(' × ')} doesn't fit into ${within.join(' × ')}`);
    }
    const room = [within[0] - size[0], within[1] - size[1]] as const;
    within = size;
    if (!pixels.isDrawn) return (axis, _at, out) => void out.fill(pixels.start(room[axis]));
    const count = (counts.get(word) ?? earlier) + 1;
    counts.set(word, count);
    const name = numbered(word, count);
    const source = (side: string) => streamAt({ seed, path: 'data', purpose: `${name}.${side}` });
    const sources = [source('row'), source('column')] as const;
    return (axis, { step, firstExample }, out) => pixels.starts(out, room[axis], sources[axis], step, firstExample);
  });
  const rows = new Scratch((count) => new Uint32Array(count));
  const columns = new Scratch((count) => new Uint32Array(count));
  return {
    shape: [channels, ...within],
    starts: (count, at) => ({
      rows: startsAlong(0, cuts, at, rows.of(count)),
      columns: startsAlong(1, cuts, at, columns.of(count)),
    }),
  };
}

/**
 * The sum of what each crop adds to the start, along rows (0) or columns (1).
 * @param out takes it, whatever it holds
 */
function startsAlong(axis: 0 | 1, [first, ...later]: readonly Cut[], at: BatchPosition, out: Uint32Array): Uint32Array {
  first?.(axis, at, out);
  for (const cut of later) {
    const drawn = new Uint32Array(out.length);
    cut(axis, at, drawn);
    for (let i = 0; i < out.length; i++) out[i] = (out[i] ?? 0) + (drawn[i] ?? 0);
  }
  return out;
}
