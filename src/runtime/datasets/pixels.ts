import { stream } from '../random/stream.js';
import type { Part } from './dataset.js';
import { gather } from './gather.js';
import { numbered } from './ordinals.js';
import { readExamples } from './row-reader.js';
import { areDouble, areInMemory } from './stored-rows.js';
import { type ImageChange, isCrop, type PixelTransform } from './transform.js';
import { type BatchPosition, type WindowStarts, windowsOf } from './windows.js';

/** Reads examples and moves their pixels. */
export interface PixelReader {
  /** Shape of one output example: [channels, height, width] or [features]. */
  readonly shape: readonly number[];
  /**
   * Writes raw values of the examples in `indices` to `out`: channel by channel, row by row. Values that are only
   * cropped, or not changed at all, are not rounded.
   */
  fill(part: Part, indices: Uint32Array, at: BatchPosition, out: Float32Array | Float64Array): void;
}

interface PixelStep {
  readonly shape: readonly number[];
  apply(images: Float32Array, count: number, at: BatchPosition): Float32Array;
}

/**
 * Crops, `resize` and `flip` in their order. Random offsets and flips come from the streams (seed, `data`, …): crops as
 * in windows.ts, `flip.horizontal` and `flip.vertical` with element firstExample + i for example i of a batch, and
 * `flip_2` for the second one. An evaluation flips nothing.
 *
 * @param stored shape of the stored examples
 * @throws RangeError for a crop that doesn't fit, or for data other than images
 */
export function pixelReader(
  stored: readonly number[],
  transforms: readonly PixelTransform[],
  seed: number | 'evaluation',
): PixelReader {
  const first = transforms.findIndex((transform) => !isCrop(transform));
  const leading = first < 0 ? transforms : transforms.slice(0, first);
  const windows = windowsOf(stored, leading.filter(isCrop), seed);
  const steps = laterSteps(windows.shape, leading, transforms.slice(leading.length), seed);
  const shape = steps.at(-1)?.shape ?? windows.shape;
  const size = windows.shape.reduce((product, n) => product * n, 1);
  const storedSize = stored.reduce((product, n) => product * n, 1);
  const copy = (
    { values }: Part,
    indices: Uint32Array,
    starts: WindowStarts,
    out: Float32Array | Float64Array,
  ): void => {
    if (areInMemory(values)) gather(values, indices, stored, windows.shape, starts, out);
    else if (size === storedSize) readExamples(values, indices, out);
    else {
      const whole = new (areDouble(values) ? Float64Array : Float32Array)(indices.length * storedSize);
      readExamples(values, indices, whole);
      const all = Uint32Array.from(indices, (_, i) => i);
      gather(whole, all, stored, windows.shape, starts, out);
    }
  };
  return {
    shape,
    fill(part, indices, at, out) {
      const { length: count } = indices;
      const starts = windows.starts(count, at);
      if (steps.length === 0) {
        copy(part, indices, starts, out);
        return;
      }
      const read = new Float32Array(count * size);
      copy(part, indices, starts, read);
      out.set(steps.reduce<Float32Array>((images, step) => step.apply(images, count, at), read));
    },
  };
}

function laterSteps(
  from: readonly number[],
  before: readonly PixelTransform[],
  transforms: readonly PixelTransform[],
  seed: number | 'evaluation',
): readonly PixelStep[] {
  const steps: PixelStep[] = [];
  const passed = [...before];
  let shape = from;
  for (const transform of transforms) {
    const earlier = passed.filter(({ word }) => word === transform.word).length;
    const step = stepOf(transform, shape, seed, earlier);
    if (step !== null) steps.push(step);
    shape = step?.shape ?? shape;
    passed.push(transform);
  }
  return steps;
}

/** @param earlier number of earlier uses of the same word; null if the transform does nothing */
function stepOf(
  transform: PixelTransform,
  shape: readonly number[],
  seed: number | 'evaluation',
  earlier: number,
): PixelStep | null {
  const { word, pixels } = transform;
  if (pixels.kind === 'images') return changeOf(word, pixels, shape, seed, earlier);
  const windows = windowsOf(shape, [{ word, pixels }], seed, earlier);
  const size = windows.shape.reduce((product, n) => product * n, 1);
  return {
    shape: windows.shape,
    apply(values, count, at) {
      const out = new Float32Array(count * size);
      const all = Uint32Array.from({ length: count }, (_, i) => i);
      gather(values, all, shape, windows.shape, windows.starts(count, at), out);
      return out;
    },
  };
}

function changeOf(
  word: string,
  change: ImageChange,
  shape: readonly number[],
  seed: number | 'evaluation',
  earlier: number,
): PixelStep | null {
  const [channels = 0, height = 0, width = 0] = shape;
  if (shape.length !== 3) {
    throw new RangeError(`'${word}' changes images, not data of shape [${shape.join(', ')}]`);
  }
  const name = numbered(word, earlier + 1);
  const random =
    seed === 'evaluation' ? null : (side: string) => stream({ seed, path: 'data', purpose: `${name}.${side}` });
  const step = change.prepare({ channels, height, width }, random);
  return step && { shape: [channels, ...step.size], apply: step.apply };
}
