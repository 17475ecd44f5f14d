import { elementCount } from '../../compiler/ir/shape.js';
import type { OnnxGraph, OnnxNode } from '../onnx/graph.js';
import { NotInOnnx } from '../onnx/model-graph.js';
import { floatOf, intOf, intsOf } from './attributes.js';
import { float, GraphBuilder, type GraphModel, type TensorflowNode, type Value } from './graph-builder.js';
import { convolution, pool, transposedConvolution, unpool } from './windows.js';

/** The operators that treat each element by itself, with TensorFlow's names. */
const elementwise: Readonly<Record<string, string>> = {
  Abs: 'Abs',
  Add: 'AddV2',
  And: 'LogicalAnd',
  Cos: 'Cos',
  Div: 'RealDiv',
  Equal: 'Equal',
  Erf: 'Erf',
  Exp: 'Exp',
  Greater: 'Greater',
  GreaterOrEqual: 'GreaterEqual',
  Less: 'Less',
  LessOrEqual: 'LessEqual',
  Log: 'Log',
  Max: 'Maximum',
  Min: 'Minimum',
  Mul: 'Mul',
  Neg: 'Neg',
  Not: 'LogicalNot',
  Or: 'LogicalOr',
  Pow: 'Pow',
  Relu: 'Relu',
  Round: 'Round',
  Sigmoid: 'Sigmoid',
  Sign: 'Sign',
  Sin: 'Sin',
  Softplus: 'Softplus',
  Sqrt: 'Sqrt',
  Sub: 'Sub',
  Tanh: 'Tanh',
  Where: 'SelectV2',
};

/**
 * The same computation in the operators of TensorFlow that TF.js executes. Its convolutions and pools want the channels
 * last, so images are kept that way between them.
 * @throws NotInOnnx for an operator without a counterpart
 */
export function graphModel(graph: OnnxGraph): GraphModel {
  return new Translation(graph).model();
}

class Translation {
  readonly #source: OnnxGraph;
  readonly #graph: GraphBuilder;

  constructor(source: OnnxGraph) {
    this.#source = source;
    this.#graph = new GraphBuilder(source);
  }

  model(): GraphModel {
    const { input, condition, output, nodes } = this.#source;
    for (const { name, shape } of [input, ...(condition ? [condition] : [])]) this.#graph.placeholder(name, shape);
    for (const node of nodes) {
      this.#graph.begin(node);
      const value = this.#translated(node);
      if (value) this.#graph.define(node.outputs[0] ?? '', value);
    }
    return this.#graph.finished(output.name);
  }

  /** Null if the node has no value of its own. */
  #translated(node: OnnxNode): Value | null {
    const { operator, inputs, attributes } = node;
    const [x = '', second = '', third = ''] = inputs;
    const op = elementwise[operator];
    if (op !== undefined) return this.#elementwise(op, inputs);
    switch (operator) {
      case 'Identity':
        return this.#graph.value(x);
      case 'LeakyRelu':
        return this.#elementwise('LeakyRelu', [x], { alpha: { f: floatOf(attributes, 'alpha') } });
      case 'Elu':
        return this.#elu(x, floatOf(attributes, 'alpha'), 1);
      case 'Selu':
        return this.#elu(x, floatOf(attributes, 'alpha'), floatOf(attributes, 'gamma'));
      case 'Clip':
        return this.#elementwise('ClipByValue', inputs);
      case 'ReduceSum':
        return this.#reduced('Sum', x, this.#graph.integers(second));
      case 'ReduceMean':
      case 'ReduceMax':
      case 'ReduceMin':
        return this.#reduced(operator.replace('Reduce', ''), x, intsOf(attributes, 'axes'));
      case 'Gemm':
        return this.#gemm(node);
      case 'MatMul':
        return this.#matMul(x, second);
      case 'Flatten':
        return this.#reshape(x, [elementCount(this.#graph.value(x).shape)]);
      case 'Reshape':
        return this.#reshape(x, this.#graph.integers(second).slice(1));
      case 'Gather':
        return this.#gather(x, this.#graph.integers(second), intOf(attributes, 'axis'));
      case 'Pad':
        return this.#border(x, this.#graph.integers(second), third);
      case 'Slice':
        return this.#slice(x, this.#graph.integers(second), this.#graph.integers(third));
      case 'Conv':
        return convolution(this.#graph, node);
      case 'ConvTranspose':
        return transposedConvolution(this.#graph, node);
      case 'MaxPool':
      case 'AveragePool':
        return pool(this.#graph, node);
      case 'MaxUnpool':
        return unpool(this.#graph, node);
      // The size that MaxUnpool is handed, which is known here.
      case 'Shape':
        return null;
      case 'Concat':
        return intOf(attributes, 'axis') === 0 ? null : this.#concat(inputs);
      case 'BatchNormalization':
        return this.#batchNorm(node);
      case 'LayerNormalization':
        return this.#layerNorm(node);
      case 'InstanceNormalization':
        return this.#instanceNorm(node);
      case 'Softmax':
        return this.#softmax(x);
      // These three make what is scattered, which is chosen where it stands here.
      case 'ConstantOfShape':
      case 'GatherElements':
      case 'TopK':
        return null;
      case 'ScatterElements':
        return this.#largest(this.#graph.made(second), this.#graph.made(third));
      default:
        throw new NotInOnnx(
          `TF.js has no counterpart of ONNX's operator ${operator}, which ${node.name} needs`,
          'export --as onnx, which onnxruntime-web runs in a browser',
        );
    }
  }

  #elementwise(op: string, inputs: readonly string[], attr: TensorflowNode['attr'] = {}): Value {
    return this.#graph.inSomeOrder(inputs, (given) => this.#graph.node(op, given, { ...float, ...attr }));
  }

  /** scale · x above zero, scale · alpha (exp(x) - 1) below it; TF.js's own operators have fixed numbers. */
  #elu(x: string, alpha: number, scale: number): Value {
    return this.#graph.inSomeOrder([x], ([given = '']) => {
      const below = this.#graph.node('Expm1', [this.#graph.node('Minimum', [given, this.#graph.number(0)])]);
      const scaled = this.#graph.node('Mul', [below, this.#graph.number(alpha)]);
      const bent = this.#graph.node('SelectV2', [
        this.#graph.node('Greater', [given, this.#graph.number(0)]),
        given,
        scaled,
      ]);
      return scale === 1 ? bent : this.#graph.node('Mul', [bent, this.#graph.number(scale)]);
    });
  }

  /** Over axes of an example, from 1, which stay with one value each. */
  #reduced(op: string, x: string, axes: readonly number[]): Value {
    const { shape } = this.#graph.value(x);
    const attr = { ...float, keep_dims: { b: true }, Tidx: { type: 'DT_INT32' } };
    const left = shape.map((size, axis) => (axes.includes(axis + 1) ? 1 : size));
    return { shape: left, channelsFirst: this.#graph.node(op, [this.#graph.first(x), this.#graph.list(axes)], attr) };
  }

  #gemm({ inputs: [x = '', weight = '', bias], attributes }: OnnxNode): Value {
    const transposed = intOf(attributes, 'transB') === 1;
    const [rows = 1, columns = 1] = this.#graph.weight(weight).shape;
    const attr = { ...float, transpose_a: { b: false }, transpose_b: { b: transposed } };
    const product = this.#graph.node('MatMul', [this.#graph.first(x), this.#graph.first(weight)], attr);
    const channelsFirst = bias === undefined ? product : this.#graph.node('AddV2', [product, this.#graph.first(bias)]);
    return { shape: [transposed ? rows : columns], channelsFirst };
  }

  /** With a constant matrix on one side of images. */
  #matMul(a: string, b: string): Value {
    const attr = { ...float, adj_x: { b: false }, adj_y: { b: false } };
    const product = this.#graph.node('BatchMatMulV2', [this.#matrix(a), this.#matrix(b)], attr);
    const [left, right] = [this.#graph.floats(a)?.shape, this.#graph.floats(b)?.shape];
    const [channels = 1, height = 1, width = 1] = this.#graph.value(left ? b : a).shape;
    const shape = [channels, left?.[0] ?? height, right?.[1] ?? width];
    return { shape, channelsFirst: product };
  }

  /** Constants get the two axes that TF.js's broadcasting wants. */
  #matrix(name: string): string {
    const tensor = this.#graph.floats(name);
    return tensor
      ? this.#graph.constant(`${name}/matrix`, [1, 1, ...tensor.shape], tensor.values)
      : this.#graph.first(name);
  }

  #reshape(x: string, shape: readonly number[]): Value {
    const channelsFirst = this.#graph.reshaped(this.#graph.first(x), [-1, ...shape]);
    return { shape, channelsFirst };
  }

  #gather(x: string, places: readonly number[], axis: number): Value {
    const { shape } = this.#graph.value(x);
    const input = [this.#graph.first(x), this.#graph.list(places), this.#graph.list([axis], [])];
    const channelsFirst = this.#graph.node('GatherV2', input, { ...float, batch_dims: { i: '0' } });
    return { shape: shape.map((size, i) => (i + 1 === axis ? places.length : size)), channelsFirst };
  }

  /** Joins channels, or features. */
  #concat(inputs: readonly string[]): Value {
    const shapes = inputs.map((name) => this.#graph.value(name).shape);
    const given = [...inputs.map((name) => this.#graph.first(name)), this.#graph.list([1], [])];
    const attr = { ...float, N: { i: String(inputs.length) }, Tidx: { type: 'DT_INT32' } };
    const channels = shapes.reduce((sum, [size = 0]) => sum + size, 0);
    const shape = [channels, ...(shapes[0] ?? []).slice(1)];
    return { shape, channelsFirst: this.#graph.node('ConcatV2', given, attr) };
  }

  /** Adds rows and columns of one value. */
  #border(x: string, around: readonly number[], value: string): Value {
    const [channels = 1, height = 1, width = 1] = this.#graph.value(x).shape;
    const [, , top = 0, left = 0, , , bottom = 0, right = 0] = around;
    const pads = this.#graph.list([0, 0, 0, 0, top, bottom, left, right], [4, 2]);
    const input = [this.#graph.first(x), pads, this.#graph.first(value)];
    const channelsFirst = this.#graph.node('PadV2', input, { ...float, Tpaddings: { type: 'DT_INT32' } });
    return { shape: [channels, height + top + bottom, width + left + right], channelsFirst };
  }

  /** Crops rows and columns. */
  #slice(x: string, starts: readonly number[], ends: readonly number[]): Value {
    const {
      shape: [channels = 1],
    } = this.#graph.value(x);
    const [top = 0, left = 0] = starts;
    const [bottom = 0, right = 0] = ends;
    const size = [bottom - top, right - left];
    const channelsFirst = this.#graph.sliced(this.#graph.first(x), [0, 0, top, left], [-1, -1, ...size]);
    return { shape: [channels, ...size], channelsFirst };
  }

  #batchNorm({ inputs: [x = '', ...names], attributes }: OnnxNode): Value {
    const [weight, bias, mean, variance] = names.map((name) => this.#graph.weight(name).values);
    if (!weight || !bias || !mean || !variance) throw new RangeError('batch norm has four weights');
    const eps = floatOf(attributes, 'epsilon');
    const scale = weight.map((w, i) => w / Math.sqrt((variance[i] ?? 1) + eps));
    const { shape } = this.#graph.value(x);
    const centred = this.#graph.node('Sub', [
      shape.length > 1 ? this.#graph.last(x) : this.#graph.first(x),
      this.#graph.vector('mean', mean),
    ]);
    const value = this.#graph.node('AddV2', [
      this.#graph.node('Mul', [centred, this.#graph.vector('scale', scale)]),
      this.#graph.vector('bias', bias),
    ]);
    return shape.length > 1 ? { shape, channelsLast: value } : { shape, channelsFirst: value };
  }

  #layerNorm({ inputs: [x = '', weight = '', bias = ''], attributes }: OnnxNode): Value {
    const { shape } = this.#graph.value(x);
    const standardized = this.#standardized(
      this.#graph.first(x),
      shape.map((_, axis) => axis + 1),
      floatOf(attributes, 'epsilon'),
    );
    const scaled = this.#graph.node('Mul', [standardized, this.#graph.first(weight)]);
    return { shape, channelsFirst: this.#graph.node('AddV2', [scaled, this.#graph.first(bias)]) };
  }

  /** Of signals, each channel on its own. */
  #instanceNorm({ inputs: [x = '', weight = '', bias = ''], attributes }: OnnxNode): Value {
    const { shape } = this.#graph.value(x);
    const standardized = this.#standardized(this.#graph.first(x), [2], floatOf(attributes, 'epsilon'));
    const each = (name: string) => {
      const { values } = this.#graph.weight(name);
      return this.#graph.constant(`${name}/each`, [values.length, 1], values);
    };
    const scaled = this.#graph.node('Mul', [standardized, each(weight)]);
    return { shape, channelsFirst: this.#graph.node('AddV2', [scaled, each(bias)]) };
  }

  /** (x - mean) / √(variance + eps) along some axes. */
  #standardized(x: string, along: readonly number[], epsilon: number): string {
    const axes = this.#graph.list(along);
    const mean = (of: string) => this.#graph.node('Mean', [of, axes], { ...float, keep_dims: { b: true } });
    const centred = this.#graph.node('Sub', [x, mean(x)]);
    const variance = mean(this.#graph.node('Square', [centred]));
    const inverse = this.#graph.node('Rsqrt', [this.#graph.node('AddV2', [variance, this.#graph.number(epsilon)])]);
    return this.#graph.node('Mul', [centred, inverse]);
  }

  /** The elements of `gathered` where they are the largest of `chosen`, along features or channels; 0 elsewhere. */
  #largest({ inputs: [size = '', count = ''] }: OnnxNode, { inputs: [from = ''] }: OnnxNode): Value {
    const { shape } = this.#graph.value(size);
    const at = (name: string) => (shape.length === 1 ? this.#graph.first(name) : this.#graph.last(name));
    const [sizes, values] = [at(size), at(from)];
    const counts = { ...float, DstT: { type: 'DT_FLOAT' } };
    const reduced = (op: string, x: string) =>
      this.#graph.node(op, [x, this.#graph.list([-1])], { ...float, keep_dims: { b: true } });
    const k = this.#graph.list(this.#graph.integers(count), []);
    const least = reduced('Min', this.#graph.node('TopKV2', [sizes, k], { ...float, sorted: { b: true } }));
    const above = this.#graph.node('Greater', [sizes, least]);
    const ties = this.#graph.node('Equal', [sizes, least]);
    const left = this.#graph.node('Sub', [
      this.#graph.number(this.#graph.integers(count)[0] ?? 0),
      reduced('Sum', this.#graph.node('Cast', [above], counts)),
    ]);
    const before = this.#graph.node(
      'Cumsum',
      [this.#graph.node('Cast', [ties], counts), this.#graph.list([shape.length], [])],
      {
        ...float,
        exclusive: { b: true },
        reverse: { b: false },
      },
    );
    const first = this.#graph.node('LogicalAnd', [ties, this.#graph.node('Less', [before, left])]);
    const kept = this.#graph.node('LogicalOr', [above, first]);
    const value = this.#graph.node('SelectV2', [kept, values, this.#graph.node('ZerosLike', [values])]);
    return shape.length === 1 ? { shape, channelsFirst: value } : { shape, channelsLast: value };
  }

  /** Over features or channels, which TF.js wants last. */
  #softmax(x: string): Value {
    const { shape } = this.#graph.value(x);
    const value = this.#graph.node('Softmax', [shape.length === 1 ? this.#graph.first(x) : this.#graph.last(x)]);
    return shape.length === 1 ? { shape, channelsFirst: value } : { shape, channelsLast: value };
  }
}
