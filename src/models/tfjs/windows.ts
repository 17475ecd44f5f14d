import type { Shape } from '../../compiler/ir/shape.js';
import type { OnnxAttributes } from '../../words/onnx.js';
import type { OnnxNode } from '../onnx/graph.js';
import { intOf, intsOf } from './attributes.js';
import { float, type GraphBuilder, type Value } from './graph-builder.js';

/** Images with their channels last and a border around them. */
function padded(graph: GraphBuilder, x: string, [top = 0, left = 0]: readonly number[], value: number): string {
  if (top === 0 && left === 0) return x;
  const around = graph.list([0, 0, top, top, left, left, 0, 0], [4, 2]);
  return graph.node('PadV2', [x, around, graph.number(value)], { ...float, Tpaddings: { type: 'DT_INT32' } });
}

/**
 * PyTorch's `[a, b / groups, height, width]` as `[height, width, b, a]`, with zeros between taps that are apart and from a
 * group to the others: TF.js has no groups, and no dilation of transposed or strided convolutions.
 */
function kernels(graph: GraphBuilder, name: string, { dilations, groups }: Connections): string {
  const { shape, values } = graph.weight(name);
  const [a = 1, b = 1, ...sides] = shape;
  const [height = 1, width = 1] = twoSides(sides, 1);
  const [down = 1, across = 1] = dilations;
  const [tall, wide] = [down * (height - 1) + 1, across * (width - 1) + 1];
  const moved = new Float32Array(tall * wide * groups * b * a);
  for (let i = 0; i < values.length; i++) {
    const column = across * (i % width);
    const row = down * (Math.floor(i / width) % height);
    const outer = Math.floor(i / (width * height * b));
    const inner = (Math.floor(i / (width * height)) % b) + b * Math.floor((outer * groups) / a);
    moved[((row * wide + column) * groups * b + inner) * a + outer] = values[i] ?? 0;
  }
  return graph.constant(`${name}/kernels`, [tall, wide, groups * b, a], moved);
}

function withBias(graph: GraphBuilder, x: string, bias: string | undefined): string {
  return bias === undefined ? x : graph.node('AddV2', [x, graph.first(bias)]);
}

export function convolution(graph: GraphBuilder, { inputs: [x = '', weight = '', bias], attributes }: OnnxNode): Value {
  const { strides, pads } = windowOf(attributes);
  const connections = connectionsOf(attributes);
  const reach = reachOf(attributes);
  const [height = 1, width = 1] = twoSides(graph.value(x).shape.slice(1), 1);
  const [channels = 1] = graph.weight(weight).shape;
  const images = padded(graph, rows(graph, x), pads, 0);
  const convolved = graph.node('Conv2D', [images, kernels(graph, weight, connections)], {
    ...float,
    ...stepping(strides),
  });
  const sides = [height, width].map((side, i) => windows(side, reach[i], strides[i], pads[i]));
  return inShapeOf(graph, x, [channels, ...sides], withBias(graph, convolved, bias));
}

/** An image with its channels last; a signal is an image of one row. */
function rows(graph: GraphBuilder, x: string): string {
  const [channels = 1, length = 1, width] = graph.value(x).shape;
  return width === undefined ? graph.reshaped(graph.last(x), [-1, 1, length, channels]) : graph.last(x);
}

/** A result that is an image, or a signal where the input `x` is one. */
function inShapeOf(graph: GraphBuilder, x: string, shape: Shape, channelsLast: string): Value {
  if (graph.value(x).shape.length === 3) return { shape, channelsLast };
  const [channels = 1, , length = 1] = shape;
  return { shape: [channels, length], channelsLast: graph.reshaped(channelsLast, [-1, length, channels]) };
}

/** Runs the kernel without padding, and crops the padding off the result. */
export function transposedConvolution(
  graph: GraphBuilder,
  { inputs: [x = '', weight = '', bias], attributes }: OnnxNode,
): Value {
  const { strides, pads } = windowOf(attributes);
  const connections = connectionsOf(attributes);
  const reach = reachOf(attributes);
  const added = twoSides(intsOf(attributes, 'output_padding'), 0);
  const [height = 1, width = 1] = twoSides(graph.value(x).shape.slice(1), 1);
  const [, perGroup = 1] = graph.weight(weight).shape;
  const channels = perGroup * connections.groups;
  const whole = [height, width].map((side, i) => (side - 1) * (strides[i] ?? 1) + (reach[i] ?? 1) + (added[i] ?? 0));
  const sides = whole.map((side, i) => side - 2 * (pads[i] ?? 0));
  const images = rows(graph, x);
  const size = graph.node('ConcatV2', [graph.batchOf(images), graph.list([...whole, channels]), graph.list([0], [])], {
    T: { type: 'DT_INT32' },
    N: { i: '2' },
  });
  const written = graph.node('Conv2DBackpropInput', [size, kernels(graph, weight, connections), images], {
    ...float,
    ...stepping(strides),
  });
  const [top = 0, left = 0] = pads;
  const cut = top + left === 0 ? written : graph.sliced(written, [0, top, left, 0], [-1, ...sides, -1]);
  return inShapeOf(graph, x, [channels, ...sides], withBias(graph, cut, bias));
}

export function pool(graph: GraphBuilder, { operator, inputs: [x = ''], outputs, attributes }: OnnxNode): Value {
  const { kernel, strides, pads } = windowOf(attributes);
  const [channels = 1, ...sides] = graph.value(x).shape;
  const shape = [channels, ...sides.map((side, i) => windows(side, kernel[i], strides[i], pads[i]))];
  const isMax = operator === 'MaxPool';
  const images = padded(graph, graph.last(x), pads, isMax ? leastFloat : 0);
  const attr = { ...float, ...stepping(strides), ksize: { list: { i: ['1', ...kernel.map(String), '1'] } } };
  const [, places] = outputs;
  if (places === undefined) {
    return { shape, channelsLast: graph.node(isMax ? 'MaxPool' : 'AvgPool', [images], attr) };
  }
  const pooled = graph.node('MaxPoolWithArgmax', [images], { ...attr, include_batch_in_index: { b: true } });
  const [top = 0, left = 0] = pads;
  const [height = 1, width = 1] = sides;
  // The places count in the padded image.
  graph.define(places, { shape: [channels, height + 2 * top, width + 2 * left], channelsLast: `${pooled}:1` });
  return { shape, channelsLast: pooled };
}

export function unpool(graph: GraphBuilder, { inputs: [x = '', places = ''], attributes }: OnnxNode): Value {
  const { pads } = windowOf(attributes);
  const {
    shape: [channels = 1, height = 1, width = 1],
    channelsLast: at = '',
  } = graph.value(places);
  const images = graph.last(x);
  const int32 = { type: 'DT_INT32' };
  const sizes = graph.list([height * width * channels]);
  const length = graph.node('Mul', [graph.batchOf(images), sizes], { T: int32 });
  const flat = [graph.reshaped(at, [-1, 1]), graph.reshaped(images, [-1]), length];
  const scattered = graph.node('ScatterNd', flat, { ...float, Tindices: int32 });
  const padded = graph.reshaped(scattered, [-1, height, width, channels]);
  const [top = 0, left = 0] = pads;
  const sides = [height - 2 * top, width - 2 * left];
  const cut = top + left === 0 ? padded : graph.sliced(padded, [0, top, left, 0], [-1, ...sides, -1]);
  return { shape: [channels, ...sides], channelsLast: cut };
}

/** The least finite number; padding of a pool that no maximum is, as WebGL may have no infinities. */
const leastFloat = -3.4028234663852886e38;

function windows(side: number, kernel = 1, stride = 1, pad = 0): number {
  return Math.floor((side + 2 * pad - kernel) / stride) + 1;
}

function stepping(strides: readonly number[]) {
  return {
    strides: { list: { i: ['1', ...strides.map(String), '1'] } },
    padding: { s: base64('VALID') },
    data_format: { s: base64('NHWC') },
    dilations: { list: { i: ['1', '1', '1', '1'] } },
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** Numbers of height and width; those of a signal have no height. */
function twoSides(numbers: readonly number[], otherwise: number): readonly number[] {
  return numbers.length === 1 ? [otherwise, ...numbers] : numbers;
}

function windowOf(attributes: OnnxAttributes) {
  const pads = intsOf(attributes, 'pads');
  return {
    kernel: twoSides(intsOf(attributes, 'kernel_shape'), 1),
    strides: twoSides(intsOf(attributes, 'strides'), 1),
    pads: twoSides(pads.slice(0, pads.length / 2), 0),
  };
}

/** Which pixels and channels a kernel connects. */
interface Connections {
  readonly dilations: readonly number[];
  readonly groups: number;
}

function connectionsOf(attributes: OnnxAttributes): Connections {
  return { dilations: twoSides(intsOf(attributes, 'dilations'), 1), groups: intOf(attributes, 'group') };
}

/** Pixels from a kernel's first tap to its last. */
function reachOf(attributes: OnnxAttributes): readonly number[] {
  const { dilations } = connectionsOf(attributes);
  return windowOf(attributes).kernel.map((side, i) => (dilations[i] ?? 1) * (side - 1) + 1);
}
