/** What cuts a window out of an image, `[height, width]`. Acts before a corruption. */
export type CropTransform = {
  readonly word: 'random_crop' | 'center_crop';
  readonly size: readonly [number, number];
};

/** What changes every value by itself. Acts after a corruption. */
export type ValueTransform =
  | { readonly word: 'normalize'; readonly mean: number; readonly std: number }
  | { readonly word: 'scale'; readonly low: number; readonly high: number }
  | { readonly word: 'binarize'; readonly threshold: number; readonly stochastic: boolean };

export type Transform = CropTransform | ValueTransform;

export function isCrop(transform: Transform): transform is CropTransform {
  return transform.word === 'random_crop' || transform.word === 'center_crop';
}
