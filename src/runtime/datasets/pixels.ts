import { stream } from '../random/stream.js';
import type { Part } from './dataset.js';
import { gather } from './gather.js';
import { mirrorImage } from './transforms/flip.js';
import { resizeImages } from './transforms/resize.js';
import { type FlipTransform, isCrop, type PixelTransform, type ResizeTransform } from './transforms/transform.js';
import { type BatchPosition, windowsOf } from './windows.js';

/** Reads examples and moves their pixels. */
export interface PixelReader {
  /** Of one example as it comes out: [channels, height, width] or [features]. */
  readonly shape: readonly number[];
  /**
   * Raw values of the examples that `indices` names, into `out`: channel by channel, row by row. What is cropped alone, or not
   * at all, is not rounded.
   */
  fill(part: Part, indices: Uint32Array, at: BatchPosition, out: Float32Array | Float64Array): void;
}

interface PixelStep {
  readonly shape: readonly number[];
  apply(images: Float32Array, count: number, at: BatchPosition): Float32Array;
}

/**
 * Crops, `resize` and `flip` in their order. Random places and mirrorings come from the streams (seed, `data`, …): those
 * of crops as in windows.ts, `flip.horizontal` and `flip.vertical` with element firstExample + i for example i of a
 * batch, and `_2` after `flip` for the second one. An evaluation mirrors nothing.
 *
 * @param stored the shape of the stored examples
 * @throws RangeError for a crop that doesn't fit, or for data that is no image
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
  return {
    shape,
    fill(part, indices, at, out) {
      const { length: count } = indices;
      const starts = windows.starts(count, at);
      if (steps.length === 0) {
        gather(part, indices, stored, windows.shape, starts, out);
        return;
      }
      const read = new Float32Array(count * size);
      gather(part, indices, stored, windows.shape, starts, read);
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

/** @param earlier how many of the same word came before; null where nothing is done */
function stepOf(
  transform: PixelTransform,
  shape: readonly number[],
  seed: number | 'evaluation',
  earlier: number,
): PixelStep | null {
  switch (transform.word) {
    case 'random_crop':
    case 'center_crop': {
      const windows = windowsOf(shape, [transform], seed, earlier);
      const size = windows.shape.reduce((product, n) => product * n, 1);
      return {
        shape: windows.shape,
        apply(values, count, at) {
          const out = new Float32Array(count * size);
          const all = Uint32Array.from({ length: count }, (_, i) => i);
          gather({ count, values, labels: null }, all, shape, windows.shape, windows.starts(count, at), out);
          return out;
        },
      };
    }
    case 'resize':
      return resizeStep(transform, shape);
    case 'flip':
      return flipStep(transform, shape, seed, earlier);
  }
}

function resizeStep(transform: ResizeTransform, shape: readonly number[]): PixelStep {
  const { channels, height, width } = sidesOf(shape, 'resized');
  return {
    shape: [channels, ...transform.size],
    apply: (images) => resizeImages(images, [height, width], transform),
  };
}

function flipStep(
  { horizontal, vertical }: FlipTransform,
  shape: readonly number[],
  seed: number | 'evaluation',
  earlier: number,
): PixelStep | null {
  const sides = sidesOf(shape, 'mirrored');
  if (seed === 'evaluation') return null;
  const name = earlier === 0 ? 'flip' : `flip_${earlier + 1}`;
  const drawn = (side: string, probability: number) => {
    const source = stream({ seed, path: 'data', purpose: `${name}.${side}` });
    return (count: number, { step, firstExample }: BatchPosition): Float32Array => {
      const mirrored = new Float32Array(count);
      if (probability > 0) source.bernoulli(mirrored, probability, step, firstExample);
      return mirrored;
    };
  };
  const across = drawn('horizontal', horizontal);
  const over = drawn('vertical', vertical);
  const size = sides.channels * sides.height * sides.width;
  return {
    shape,
    apply(images, count, at) {
      const leftRight = across(count, at);
      const topBottom = over(count, at);
      for (let i = 0; i < count; i++) {
        const image = images.subarray(i * size, (i + 1) * size);
        mirrorImage(image, sides, { horizontal: leftRight[i] === 1, vertical: topBottom[i] === 1 });
      }
      return images;
    },
  };
}

function sidesOf(shape: readonly number[], done: string): { channels: number; height: number; width: number } {
  const [channels = 0, height = 0, width = 0] = shape;
  if (shape.length !== 3) throw new RangeError(`only images can be ${done}, not data of shape [${shape.join(', ')}]`);
  return { channels, height, width };
}
