import { type RandomStream, stream } from '../random/stream.js';
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
 * @throws RangeError for a crop of data that is no image, or a window larger than the image
 */
export function windowsOf(
  shape: readonly number[],
  crops: readonly CropTransform[],
  seed: number | 'evaluation',
  earlier = 0,
): Windows {
  if (crops.length === 0) {
    return { shape, starts: (count) => ({ rows: new Uint32Array(count), columns: new Uint32Array(count) }) };
  }
  const [channels = 0, height = 0, width = 0] = shape;
  if (shape.length !== 3) throw new RangeError(`only images can be cropped, not data of shape [${shape.join(', ')}]`);
  let within: readonly [number, number] = [height, width];
  let randomCrops = earlier;
  const cuts = crops.map(({ word, size }): Cut => {
    if (size[0] > within[0] || size[1] > within[1]) {
      throw new RangeError(`a window of ${size.join(' × ')} doesn't fit into ${within.join(' × ')}`);
    }
    const sources = word === 'random_crop' ? cropStreams(seed, ++randomCrops) : null;
    const cut = { size, within, sources };
    within = size;
    return cut;
  });
  return {
    shape: [channels, ...within],
    starts: (count, at) => ({ rows: startsAlong(0, cuts, count, at), columns: startsAlong(1, cuts, count, at) }),
  };
}

function cropStreams(seed: number | 'evaluation', ordinal: number): [RandomStream, RandomStream] {
  const name = ordinal === 1 ? 'random_crop' : `random_crop_${ordinal}`;
  return [
    stream({ seed, path: 'data', purpose: `${name}.row` }),
    stream({ seed, path: 'data', purpose: `${name}.column` }),
  ];
}

/** The sum of what each crop adds to the start, along rows (0) or columns (1). */
function startsAlong(axis: 0 | 1, cuts: readonly Cut[], count: number, at: BatchPosition): Uint32Array {
  let total: Uint32Array | null = null;
  for (const { size, within, sources } of cuts) {
    const drawn = new Uint32Array(count);
    if (sources === null) drawn.fill(centerCropStart(within[axis], size[axis]));
    else randomCropStarts(drawn, within[axis], size[axis], sources[axis], at.step, at.firstExample);
    total = total === null ? drawn : sumOf(total, drawn);
  }
  return total ?? new Uint32Array(count);
}

function sumOf(a: Uint32Array, b: Uint32Array): Uint32Array {
  return a.map((start, i) => start + (b[i] ?? 0));
}
