/** What cuts a window out of an image, `[height, width]`. */
export type CropTransform = {
  readonly word: 'random_crop' | 'center_crop';
  readonly size: readonly [number, number];
};

/** Another number of pixels, `[height, width]`. */
export type ResizeTransform = {
  readonly word: 'resize';
  readonly size: readonly [number, number];
  readonly method: 'bilinear' | 'nearest' | 'area';
};

/** What mirrors an image at random: the probabilities. */
export type FlipTransform = { readonly word: 'flip'; readonly horizontal: number; readonly vertical: number };

/** What cuts and moves pixels. Acts before a corruption. */
export type PixelTransform = CropTransform | ResizeTransform | FlipTransform;

type FixedTransform =
  | { readonly word: 'normalize'; readonly mean: number; readonly std: number }
  | { readonly word: 'scale'; readonly low: number; readonly high: number }
  | { readonly word: 'binarize'; readonly threshold: number; readonly stochastic: boolean };

/** What is written of a transform that takes its numbers from the training part. */
export type FittingTransform = { readonly word: 'standardize' } | MinMax;

type MinMax = { readonly word: 'min_max'; readonly low: number; readonly high: number; readonly clip: boolean };

/**
 * The same with its numbers: one for each value of an example as the network sees it, in that order. Float64 where the
 * transforms are computed in it.
 */
export type FittedTransform =
  | { readonly word: 'standardize'; readonly mean: FittedNumbers; readonly std: FittedNumbers }
  | (MinMax & { readonly min: FittedNumbers; readonly max: FittedNumbers });

export type FittedNumbers = Float32Array | Float64Array;

/** What changes every value by itself. Acts after a corruption. */
export type ValueTransform = FixedTransform | FittedTransform;

export type Transform = PixelTransform | ValueTransform;

/** A transform as it is written. */
export type TransformRequest = PixelTransform | FixedTransform | FittingTransform;

export function isCrop(transform: TransformRequest | Transform): transform is CropTransform {
  return transform.word === 'random_crop' || transform.word === 'center_crop';
}

export function isPixelTransform(transform: TransformRequest | Transform): transform is PixelTransform {
  return isCrop(transform) || transform.word === 'resize' || transform.word === 'flip';
}
