import { describeShape, type Shape } from '../../compiler/ir/shape.js';
import { granted, type Ruling, refused } from '../../compiler/library/word.js';

/** The shape of a window of `[height, width]` cut out of an image. */
export function cropped(size: readonly [number, number], input: Shape): Ruling<Shape> {
  const [channels, height, width] = input;
  if (channels === undefined || height === undefined || width === undefined) {
    return refused('AE403', `only images can be cropped, and the data is ${describeShape(input)}`);
  }
  if (size[0] > height || size[1] > width) {
    return refused('AE403', `a window of ${describeShape(size)} does not fit into ${height}×${width}`, {
      argument: 'size',
    });
  }
  return granted([channels, size[0], size[1]]);
}
