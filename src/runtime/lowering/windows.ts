import {
  concat,
  engine,
  MaxPoolGrad,
  pad,
  reshape,
  slice,
  split,
  type Tensor,
  type Tensor4D,
  transpose,
} from '@tensorflow/tfjs-core';

/** Height and width. */
export type Pair = readonly [number, number];

/**
 * Checks that a tensor is `[batch, height, width, channels]`.
 * @throws RangeError for another rank
 */
export function asImages(values: Tensor): Tensor4D {
  if (!isImages(values)) throw new RangeError(`images have rank 4, not ${values.rank}`);
  return values;
}

function isImages(values: Tensor): values is Tensor4D {
  return values.rank === 4;
}

/** Converts PyTorch's kernels `[a, b, height, width]` to TF.js's `[height, width, b, a]`. */
export function imageKernels(weight: Tensor): Tensor4D {
  return asImages(transpose(weight, [2, 3, 1, 0]));
}

/**
 * Kernels `[height, width, a, b]` with zeros between their taps. A sum that starts at +0 doesn't change with the products
 * of these zeros, so the bits are those of kernels with their taps apart; see numerics.md.
 */
export function dilated(kernels: Tensor4D, [down, across]: Pair): Tensor4D {
  if (down === 1 && across === 1) return kernels;
  const [height, width, inside, outside] = kernels.shape;
  const apart = (rows: number, row: number, distance: number, values: Tensor, blocks: number): Tensor => {
    const reach = distance * (rows - 1) + 1;
    const gaps: Array<[number, number]> = [
      [0, 0],
      [0, 0],
      [0, distance - 1],
      [0, 0],
    ];
    const spread = reshape(pad(reshape(values, [blocks, rows, 1, row]), gaps), [blocks, rows * distance, row]);
    return slice(spread, [0, 0, 0], [blocks, reach, row]);
  };
  const rows = apart(height, width * inside * outside, down, kernels, 1);
  const tall = down * (height - 1) + 1;
  const columns = apart(width, inside * outside, across, rows, tall);
  return asImages(reshape(columns, [tall, across * (width - 1) + 1, inside, outside]));
}

/** What a convolution takes: `[batch, height, width, channels]`, `[height, width, a, b]` and `[out]`. */
export interface ConvolutionOperands {
  readonly images: Tensor4D;
  readonly kernels: Tensor4D;
  readonly bias: Tensor | null;
}

/** Convolves each group of channels on its own: the images' channels, the kernels' last axis and the biases are cut. */
export function inGroups(
  count: number,
  operands: ConvolutionOperands,
  convolve: (part: ConvolutionOperands) => Tensor,
): Tensor {
  if (count === 1) return convolve(operands);
  const images = split<Tensor>(operands.images, count, 3);
  const kernels = split<Tensor>(operands.kernels, count, 3);
  const biases = operands.bias === null ? null : split<Tensor>(operands.bias, count);
  const outputs = images.map((image, group) => {
    const [kernel, bias] = [kernels[group], biases === null ? null : biases[group]];
    if (kernel === undefined || bias === undefined) throw new RangeError(`the weights have no group ${group}`);
    return convolve({ images: asImages(image), kernels: asImages(kernel), bias });
  });
  return concat(outputs, 3);
}

/**
 * Adds a border of one value. Padding is a separate step, since backends support explicit padding only in the forward
 * direction.
 */
export function padded(images: Tensor4D, [height, width]: Pair, value = 0): Tensor4D {
  if (height === 0 && width === 0) return images;
  const around: Array<[number, number]> = [
    [0, 0],
    [height, height],
    [width, width],
    [0, 0],
  ];
  return asImages(pad(images, around, value));
}

/** Crops images to a size. */
export function cropped(images: Tensor4D, [top, left]: Pair, [height, width]: Pair): Tensor4D {
  const [batch, fullHeight, fullWidth, channels] = images.shape;
  if (top === 0 && left === 0 && height === fullHeight && width === fullWidth) return images;
  return slice(images, [0, top, left, 0], [batch, height, width, channels]);
}

/**
 * Gradient of a max pool: `[batch, pooled height, pooled width, channels]` to the size of the pool's input, each value
 * at the position of its window's maximum.
 */
export function maxPoolGradient(
  values: Tensor4D,
  input: Tensor4D,
  output: Tensor4D,
  { kernel, stride }: { readonly kernel: Pair; readonly stride: Pair },
): Tensor4D {
  const spread: Tensor = engine().runKernel(
    MaxPoolGrad,
    { dy: values, input, output },
    { filterSize: [...kernel], strides: [...stride], pad: 'valid' },
  );
  return asImages(spread);
}
