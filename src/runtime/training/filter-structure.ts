import type { ExperimentIr } from '../../compiler/ir/experiment.js';
import { elementCount, type Shape } from '../../compiler/ir/shape.js';
import { moransI } from './morans-i.js';

/** Measures of whether a layer's filters look like strokes rather than noise. */
export interface FilterStructure {
  /** Mean over the filters. */
  readonly meanMoransI: number;
  /** Share of filters with a Moran's I above 0.25, more than three standard deviations from noise at 10×10. */
  readonly structured: number;
}

const structuredAbove = 0.25;

/**
 * @param weight consecutive filters, each `[channels, height, width]`
 * @param shape of a filter; its channels are averaged
 */
export function filterStructure(weight: Float32Array, shape: Shape): FilterStructure {
  const [channels = 1, height = 1, width = 1] = shape;
  const size = elementCount(shape);
  const count = weight.length / size;
  let total = 0;
  let structured = 0;
  for (let filter = 0; filter < count; filter++) {
    let mean = 0;
    for (let channel = 0; channel < channels; channel++) {
      const start = filter * size + channel * height * width;
      mean += moransI(weight.subarray(start, start + height * width), height, width) / channels;
    }
    total += mean;
    if (mean > structuredAbove) structured++;
  }
  return { meanMoransI: total / count, structured: structured / count };
}

/** Least height and width at which Moran's I is meaningful. */
const leastSize = 3;

/**
 * Shape of the first layer's filters if they are images: the input's for a dense layer on a flattened image, the
 * kernel's for a convolution. Null otherwise.
 */
export function firstFilterShape({ encoder }: Pick<ExperimentIr, 'encoder'>): Shape | null {
  const index = encoder.findIndex(({ weights }) => weights.length > 0);
  const weight = encoder[index]?.weights.find(({ name }) => name === 'weight');
  if (!weight) return null;
  const shape = weight.shape.length === 4 ? weight.shape.slice(1) : imageInFrontOf(encoder, index);
  if (shape?.length !== 3 || elementCount(shape) !== elementCount(weight.shape.slice(1))) return null;
  return Math.min(shape[1] ?? 0, shape[2] ?? 0) < leastSize ? null : shape;
}

/** Shape of the image that was flattened for a layer. */
function imageInFrontOf(encoder: ExperimentIr['encoder'], index: number): Shape | null {
  const image = encoder.slice(0, index + 1).find(({ input }) => input.length === 3);
  return image?.input ?? null;
}
