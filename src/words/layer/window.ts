import { closed } from '../../compiler/ir/interval.js';
import { describeShape, type Shape } from '../../compiler/ir/shape.js';
import { pair } from '../../compiler/library/parameter.js';
import { failed, ok, type Result } from '../../compiler/library/word.js';
import type { OnnxAttributes } from '../onnx.js';
import { sides } from '../python.js';

type Pair = readonly [number, number];

/** A window that goes over an image, height and width. */
export interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
}

export interface Image {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

export function padding() {
  return pair({
    doc: 'Rows and columns added on every side.',
    misfit:
      "there is no 'same' or 'valid': padding=1 keeps the size with kernel=3 and stride=1, padding=2 with kernel=5",
    unit: 'pixels',
    default: 0,
    range: closed(0, Number.MAX_SAFE_INTEGER),
  });
}

/** The three numbers of an image's shape, or why there are none. */
export function imageOf(word: string, shape: Shape): Result<Image> {
  const [channels, height, width] = shape;
  if (channels === undefined || height === undefined || width === undefined) {
    return failed('AE402', `${word} takes an image, and its input is ${describeShape(shape)}`, {
      hint: 'put reshape([channels, height, width]) before it',
    });
  }
  return ok({ channels, height, width });
}

/** `⌊(n + 2 padding - kernel) / stride⌋ + 1` windows along each side. */
export function windowsOver({ height, width }: Image, { kernel, stride, padding }: Window): Result<Pair> {
  const padded: Pair = [height + 2 * padding[0], width + 2 * padding[1]];
  if (kernel[0] > padded[0] || kernel[1] > padded[1]) {
    const around = padding[0] + padding[1] > 0 ? ' with its padding' : '';
    return failed(
      'AE402',
      `a kernel of ${describeShape(kernel)} does not fit into its input, ${describeShape(padded)}${around}`,
      { argument: 'kernel', hint: 'take a smaller kernel, or padding, or pool less before it' },
    );
  }
  return ok([Math.floor((padded[0] - kernel[0]) / stride[0]) + 1, Math.floor((padded[1] - kernel[1]) / stride[1]) + 1]);
}

/** `(n - 1) stride - 2 padding + kernel` along each side: what the transposed windows span. */
export function spannedBy({ height, width }: Image, { kernel, stride, padding }: Window): Pair {
  return [(height - 1) * stride[0] - 2 * padding[0] + kernel[0], (width - 1) * stride[1] - 2 * padding[1] + kernel[1]];
}

/** The number of weights of one kernel. */
export function area(kernel: Pair): number {
  return kernel[0] * kernel[1];
}

/** The window as attributes of ONNX's operators, padded alike on both sides. */
export function windowInOnnx({ kernel, stride, padding: around }: Window): OnnxAttributes {
  return { kernel_shape: { ints: kernel }, strides: { ints: stride }, pads: { ints: [...around, ...around] } };
}

/** Stride and padding as the settings of a module of PyTorch's, without its defaults. */
export function windowInPytorch(stride: Pair, padding: Pair): Readonly<Record<string, string | null>> {
  return {
    stride: sides(stride) === '1' ? null : sides(stride),
    padding: sides(padding) === '0' ? null : sides(padding),
  };
}
