import { closed } from '../../compiler/ir/interval.js';
import { describeShape, type Shape } from '../../compiler/ir/shape.js';
import { integer, pair } from '../../compiler/library/parameter.js';
import { failed, ok, type Result } from '../../compiler/library/word.js';
import type { OnnxAttributes } from '../onnx.js';
import { literal, sides } from '../python.js';

type Pair = readonly [number, number];

/** A window that goes over an image, height and width. */
export interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  /** Distance between neighbouring taps of the kernel; 1 if absent. */
  readonly dilation?: Pair;
}

/** Which pixels and channels a kernel connects. */
export interface Connections {
  readonly dilation: Pair;
  readonly groups: number;
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

export function dilation() {
  return pair({
    peers: ['dilation_rate'],
    doc: 'From one tap of the kernel to the next: 2 leaves out every second pixel.',
    unit: 'pixels',
    default: 1,
  });
}

export function groups() {
  return integer({
    doc: 'Parts that the channels are cut into, in order: each part of the output sees its part of the input alone.',
    unit: 'groups',
    default: 1,
  });
}

/** Checks that groups divide the channels of a layer's input and output. */
export function wholeGroups(count: number, input: number, output: number): Result<null> {
  const [side, channels] = input % count === 0 ? ['output', output] : ['input', input];
  if (channels % count === 0) return ok(null);
  return failed('AE402', `${count} groups do not divide the ${channels} channels of the ${side}`, {
    argument: 'groups',
    hint: `take a divisor of ${input} and ${output}`,
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

/** Pixels from a kernel's first tap to its last, `dilation (kernel - 1) + 1` along each side. */
function reachOf({ kernel, dilation = [1, 1] }: Window): Pair {
  return [dilation[0] * (kernel[0] - 1) + 1, dilation[1] * (kernel[1] - 1) + 1];
}

/** `⌊(n + 2 padding - reach) / stride⌋ + 1` windows along each side, with the kernel's reach. */
export function windowsOver({ height, width }: Image, window: Window): Result<Pair> {
  const { kernel, stride, padding } = window;
  const padded: Pair = [height + 2 * padding[0], width + 2 * padding[1]];
  const reach = reachOf(window);
  if (reach[0] > padded[0] || reach[1] > padded[1]) {
    const around = padding[0] + padding[1] > 0 ? ' with its padding' : '';
    const dilated = reach[0] * reach[1] === area(kernel) ? '' : ` that reaches over ${describeShape(reach)}`;
    return failed(
      'AE402',
      `a kernel of ${describeShape(kernel)}${dilated} does not fit into its input, ${describeShape(padded)}${around}`,
      { argument: 'kernel', hint: 'take a smaller kernel, or padding, or pool less before it' },
    );
  }
  return ok([Math.floor((padded[0] - reach[0]) / stride[0]) + 1, Math.floor((padded[1] - reach[1]) / stride[1]) + 1]);
}

/** `(n - 1) stride - 2 padding + reach` along each side: what the transposed windows span. */
export function spannedBy({ height, width }: Image, window: Window): Pair {
  const { stride, padding } = window;
  const reach = reachOf(window);
  return [(height - 1) * stride[0] - 2 * padding[0] + reach[0], (width - 1) * stride[1] - 2 * padding[1] + reach[1]];
}

/** The number of weights of one kernel. */
export function area(kernel: Pair): number {
  return kernel[0] * kernel[1];
}

/** The window as attributes of ONNX's operators, padded alike on both sides. */
export function windowInOnnx({ kernel, stride, padding: around }: Window): OnnxAttributes {
  return { kernel_shape: { ints: kernel }, strides: { ints: stride }, pads: { ints: [...around, ...around] } };
}

/** Dilation and groups as attributes of ONNX's convolutions. */
export function connectionsInOnnx({ dilation: apart, groups: count }: Connections): OnnxAttributes {
  return { dilations: { ints: apart }, group: { int: count } };
}

/** Stride and padding as the settings of a module of PyTorch's, without its defaults. */
export function windowInPytorch(stride: Pair, padding: Pair): Readonly<Record<string, string | null>> {
  return {
    stride: sides(stride) === '1' ? null : sides(stride),
    padding: sides(padding) === '0' ? null : sides(padding),
  };
}

/** Dilation and groups as the settings of a convolution of PyTorch's, without its defaults. */
export function connectionsInPytorch({
  dilation: apart,
  groups: count,
}: Connections): Readonly<Record<string, string | null>> {
  return {
    groups: count === 1 ? null : literal(count),
    dilation: sides(apart) === '1' ? null : sides(apart),
  };
}
