import { type RandomStream, type StreamAt, stream } from '../random/stream.js';
import { Scratch } from './scratch.js';
import { centerCropStart } from './transforms/center_crop.js';
import { randomCropStarts } from './transforms/random_crop.js';
import type { CropTransform } from './transforms/transform.js';

/** Where a batch is in its streams. */
export interface BatchPosition {
  /** Of the training, from 0; 0 in an evaluation. */
  readonly step: number;
  /** Index of the batch's first example in the part when the part is passed through in portions; 0 in training. */
  readonly firstExample: number;
}

/** Where the window of each example of a batch begins. */
export interface WindowStarts {
  readonly rows: Uint32Array;
  readonly columns: Uint32Array;
}

/** The windows that a list of crops, one within the other, cuts out of images of one shape. */
export interface Windows {
  /** [channels, height, width] of what is cut out; the shape itself where there is no crop. */
  readonly shape: readonly number[];
  /** @returns arrays that hold this until the next call */
  starts(count: number, at: BatchPosition): WindowStarts;
}

interface Cut {
  readonly size: readonly [number, number];
  readonly within: readonly [number, number];
  /** For rows and columns; null for the window in the middle. */
  readonly sources: readonly [RandomStream, RandomStream] | null;
}

/**
 * Random places come from the addresses (seed, `data`, `random_crop.row`) and (seed, `data`, `random_crop.column`),
 * with `_2` after `random_crop` for the second one and so on; example i of a batch has element firstExample + i.
 *
 * @param earlier random crops before these, which the count of them goes on from
 * @param streamAt draws the places: the same numbers, whoever draws them
 * @throws RangeError for a crop of data that is no image, or a window larger than the image
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
  let randomCrops = earlier;
  const cuts = crops.map(({ word, size }): Cut => {
    if (size[0] > within[0] || size[1] > within[1]) {
      throw new RangeError(`a window of ${size.join(' × ')} doesn't fit into ${within.join(' × ')}`);
    }
    const sources = word === 'random_crop' ? cropStreams(seed, ++randomCrops, streamAt) : null;
    const cut = { size, within, sources };
    within = size;
    return cut;
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

function cropStreams(seed: number | 'evaluation', ordinal: number, streamAt: StreamAt): [RandomStream, RandomStream] {
  const name = ordinal === 1 ? 'random_crop' : `random_crop_${ordinal}`;
  return [
    streamAt({ seed, path: 'data', purpose: `${name}.row` }),
    streamAt({ seed, path: 'data', purpose: `${name}.column` }),
  ];
}

/** The sum of what each crop adds to the start, along rows (0) or columns (1). @param out takes it, whatever it holds */
function startsAlong(axis: 0 | 1, [first, ...later]: readonly Cut[], at: BatchPosition, out: Uint32Array): Uint32Array {
  if (first) startsOf(axis, first, at, out);
  for (const cut of later) {
    const drawn = startsOf(axis, cut, at, new Uint32Array(out.length));
    for (let i = 0; i < out.length; i++) out[i] = (out[i] ?? 0) + (drawn[i] ?? 0);
  }
  return out;
}

function startsOf(axis: 0 | 1, { size, within, sources }: Cut, at: BatchPosition, out: Uint32Array): Uint32Array {
  if (sources === null) out.fill(centerCropStart(within[axis], size[axis]));
  else randomCropStarts(out, within[axis], size[axis], sources[axis], at.step, at.firstExample);
  return out;
}
