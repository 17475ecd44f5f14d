import type { Tensor } from '@tensorflow/tfjs-core';
import { closed } from '../../compiler/ir/interval.js';
import { describeShape, type Shape } from '../../compiler/ir/shape.js';
import { integer, type Parameters, type ResolvedArgumentsOf } from '../../compiler/library/parameter.js';
import { failed, ok, type Result } from '../../compiler/library/word.js';
import type { LayerContext, LayerLowering } from '../../runtime/lowering/lowering.js';
import type { Operations } from '../../runtime/lowering/operations.js';
import type { OnnxAttributes } from '../onnx.js';
import { literal } from '../python.js';
import type { Window } from './window.js';

/** A signal of several channels, which is an image of one row for what computes it. */
export interface Signal {
  readonly channels: number;
  readonly length: number;
}

interface SignalWindow {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}

/** A number of samples, 1 by default. */
export function samples({ doc, peers }: { readonly doc: string; readonly peers: readonly string[] }) {
  return integer({ peers, doc, unit: 'samples', default: 1 });
}

export function samplePadding(doc: string) {
  return integer({ doc, unit: 'samples', default: 0, range: closed(0, Number.MAX_SAFE_INTEGER) });
}

/** Channels and length of a signal's shape, or why there are none. */
export function signalOf(word: string, shape: Shape): Result<Signal> {
  const [channels, length, other] = shape;
  if (channels !== undefined && length !== undefined && other === undefined) return ok({ channels, length });
  const rows = channels === 1 && other !== undefined ? `reshape([${length}, ${other}])` : 'reshape([channels, length])';
  return failed('AE402', `${word} takes a signal, [channels, length], and its input is ${describeShape(shape)}`, {
    hint: `put ${shape.length === 1 ? `reshape([1, ${channels}])` : rows} before it`,
  });
}

/** Samples from a kernel's first tap to its last. */
function reachOf({ kernel, dilation }: SignalWindow): number {
  return dilation * (kernel - 1) + 1;
}

/** `⌊(length + 2 padding - reach) / stride⌋ + 1` windows, with the kernel's reach. */
export function windowsAlong(length: number, window: SignalWindow): Result<number> {
  const padded = length + 2 * window.padding;
  const reach = reachOf(window);
  if (reach > padded) {
    const dilated = reach === window.kernel ? '' : ` that reaches over ${reach}`;
    const around = window.padding > 0 ? ' with its padding' : '';
    return failed(
      'AE402',
      `a kernel of ${window.kernel}${dilated} does not fit into its input of length ${padded}${around}`,
      { argument: 'kernel', hint: 'take a smaller kernel, or padding' },
    );
  }
  return ok(Math.floor((padded - reach) / window.stride) + 1);
}

/** `(length - 1) stride - 2 padding + reach`: what the transposed windows span. */
export function spannedAlong(length: number, window: SignalWindow): number {
  return (length - 1) * window.stride - 2 * window.padding + reachOf(window);
}

/** The window over an image of one row. */
export function planeArguments({ kernel, stride, padding, dilation }: SignalWindow): Required<Window> {
  return { kernel: [1, kernel], stride: [1, stride], padding: [0, padding], dilation: [1, dilation] };
}

/**
 * Computes along signals, `[batch, length, channels]`, what a layer computes on images of one row.
 * @param argumentsInPlane the layer's arguments for such images
 */
export function alongSignals<P extends Parameters, Q extends Parameters>(
  { reshape }: Pick<Operations, 'reshape'>,
  planar: LayerLowering<Q>,
  argumentsInPlane: (args: ResolvedArgumentsOf<P>) => ResolvedArgumentsOf<Q>,
): LayerLowering<P> {
  const withRow = (shape: Shape): Shape => [...shape.slice(0, -1), 1, ...shape.slice(-1)];
  const images = (signals: Tensor) => {
    const [batch = 0, length = 0, channels = 0] = signals.shape;
    return reshape(signals, [batch, 1, length, channels]);
  };
  const signals = (output: Tensor) => {
    const [batch = 0, , length = 0, channels = 0] = output.shape;
    return reshape(output, [batch, length, channels]);
  };
  const inPlaneOf = (context: LayerContext): LayerContext => ({
    ...context,
    input: withRow(context.input),
    output: withRow(context.output),
    weights: Object.fromEntries(
      Object.entries(context.weights).map(([name, weight]) => [
        name,
        weight.rank === 3 ? reshape(weight, [...withRow(weight.shape)]) : weight,
      ]),
    ),
  });
  return {
    forward: (args, input, context) =>
      signals(planar.forward(argumentsInPlane(args), images(input), inPlaneOf(context))),
    fusedForward: (args, input, context, activation, fused) => {
      if (!planar.fusedForward) throw new TypeError('the layer on images has no fused form');
      const output = planar.fusedForward(argumentsInPlane(args), images(input), inPlaneOf(context), activation, fused);
      return signals(output);
    },
  };
}

/** The window and the groups as attributes of ONNX's convolutions. */
export function signalInOnnx(args: SignalWindow & { readonly groups: number }): OnnxAttributes {
  const { kernel, stride, padding, dilation, groups } = args;
  return {
    kernel_shape: { ints: [kernel] },
    strides: { ints: [stride] },
    pads: { ints: [padding, padding] },
    dilations: { ints: [dilation] },
    group: { int: groups },
  };
}

/** The window and the groups as the settings of a convolution of PyTorch's, without its defaults. */
export function signalInPytorch(
  args: SignalWindow & { readonly groups: number },
): Readonly<Record<string, string | null>> {
  const { stride, padding, dilation, groups } = args;
  const unless = (value: number, standard: number) => (value === standard ? null : literal(value));
  return {
    stride: unless(stride, 1),
    padding: unless(padding, 0),
    groups: unless(groups, 1),
    dilation: unless(dilation, 1),
  };
}
