import { describeShape, type Shape } from '../../compiler/ir/shape.js';
import { pair } from '../../compiler/library/parameter.js';
import { failed, ok, type Result } from '../../compiler/library/word.js';
import { sides } from '../python.js';
import { imageOf, padding, type Window, windowsOver } from './window.js';

export function poolParameters() {
  return {
    kernel: pair({ peers: ['kernel_size', 'pool_size'], doc: 'Size of the window.', unit: 'pixels' }),
    stride: pair({
      peers: ['strides'],
      doc: 'From one window to the next; the size of the window if it is left out.',
      unit: 'pixels',
      default: null,
    }),
    padding: padding(),
  };
}

export interface PoolArguments extends Omit<Window, 'stride'> {
  readonly stride: Window['stride'] | null;
}

/** The window that a pool's arguments describe. */
export function windowOf({ kernel, stride, padding: around }: PoolArguments): Window {
  return { kernel, stride: stride ?? kernel, padding: around };
}

/** `[c, h, w]` to `[c, h′, w′]`; the padding may be half of the window at most, so that none is empty. */
export function pooled(word: string, args: PoolArguments, input: Shape): Result<Shape> {
  const image = imageOf(word, input);
  if (!image.ok) return image;
  const window = windowOf(args);
  if (2 * window.padding[0] > window.kernel[0] || 2 * window.padding[1] > window.kernel[1]) {
    return failed(
      'AE402',
      `the padding ${describeShape(window.padding)} is more than half of the window ${describeShape(window.kernel)}`,
      { argument: 'padding' },
    );
  }
  const windows = windowsOver(image.value, window);
  return windows.ok ? ok([image.value.channels, ...windows.value]) : windows;
}

/** Whether two windows share a pixel. */
export function overlaps({ kernel, stride }: Window): boolean {
  return stride[0] < kernel[0] || stride[1] < kernel[1];
}

/** Kernel, stride and padding as PyTorch's functions take them. */
export function poolInPytorch(args: PoolArguments): readonly string[] {
  const { kernel, stride, padding: around } = windowOf(args);
  return [kernel, stride, around].map(sides);
}
