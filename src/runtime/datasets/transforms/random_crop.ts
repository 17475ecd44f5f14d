import type { RandomStream } from '../../random/stream.js';

/**
 * Where windows begin along one side of the images: integer element `first` + i of `step` below length - size + 1, all
 * places equally likely.
 */
export function randomCropStarts(
  starts: Uint32Array,
  length: number,
  size: number,
  source: RandomStream,
  step: number,
  first: number,
): void {
  source.integers(starts, length - size + 1, step, first);
}
