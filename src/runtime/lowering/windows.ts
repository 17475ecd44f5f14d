import { engine, MaxPoolGrad, pad, slice, type Tensor, type Tensor4D, transpose } from '@tensorflow/tfjs-core';

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
