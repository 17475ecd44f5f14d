import { describeShape, type Shape } from '../../compiler/ir/shape.js';
import { failed, ok, type Result } from '../../compiler/library/word.js';

/** The shape of a window of `[height, width]` cut out of an image. */
export function cropped(size: readonly [number, number], input: Shape): Result<Shape> {
  const [channels, height, width] = input;
  if (channels === undefined || height === undefined || width === undefined) {
    return failed('AE403', `only images can be cropped, and the data is ${describeShape(input)}`);
  }
  if (size[0] > height || size[1] > width) {
    return failed('AE403', `a window of ${describeShape(size)} does not fit into ${height}×${width}`, {
      argument: 'size',
    });
  }
  return ok([channels, size[0], size[1]]);
}
