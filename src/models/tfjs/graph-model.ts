import { elementCount, type Shape } from '../../compiler/ir/shape.js';
import type { OnnxAttributes } from '../../words/onnx.js';
import type { OnnxGraph, OnnxNode, OnnxTensor } from '../onnx/graph.js';
import { NotInOnnx } from '../onnx/model-graph.js';

/** A graph of TensorFlow as TF.js's `loadGraphModel` reads it. */
export interface GraphModel {
  readonly nodes: readonly TensorflowNode[];
  readonly weights: readonly TensorflowWeight[];
}

export interface TensorflowNode {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, object>>;
}

export interface TensorflowWeight {
  readonly name: string;
  readonly dtype: 'float32' | 'int32';
  readonly shape: Shape;
  readonly values: Float32Array | Int32Array;
}

/** A value of the graph: the names of its nodes, by axis order, and the shape of an example in ONNX's order. */
interface Value {
  readonly shape: Shape;
  /** `[batch, channels, height, width]`, `[batch, channels, length]`, or anything that is neither an image nor a signal. */
  readonly channelsFirst?: string;
  /** `[batch, height, width, channels]` or `[batch, length, channels]` */
  readonly channelsLast?: string;
}

/** The axes of height and width, or of length, with the channels last. */
function extentAxes({ shape }: Value): readonly number[] {
  return shape.slice(1).map((_, axis) => axis + 1);
}

const float = { T: { type: 'DT_FLOAT' } };

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
  readonly #graph: OnnxGraph;
  readonly #nodes: TensorflowNode[] = [];
  readonly #weights = new Map<string, TensorflowWeight>();
  readonly #values = new Map<string, Value>();
  readonly #tensors: ReadonlyMap<string, OnnxTensor>;
  #current = '';
  #count = 0;

  constructor(graph: OnnxGraph) {
    this.#graph = graph;
    this.#tensors = new Map(graph.tensors.map((tensor) => [tensor.name, tensor]));
  }

  model(): GraphModel {
    const { input, condition, output, nodes } = this.#graph;
    for (const { name, shape } of [input, ...(condition ? [condition] : [])]) {
      const dim = [{ size: '-1' }, ...shape.map((size) => ({ size: String(size) }))];
      const attr = { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim } } };
      this.#nodes.push({ name, op: 'Placeholder', input: [], attr });
      this.#values.set(name, { shape, channelsFirst: name });
    }
    for (const node of nodes) {
      this.#current = node.name;
      this.#count = 0;
      const value = this.#translated(node);
      if (value) this.#values.set(node.outputs[0] ?? '', value);
    }
    this.#nodes.push({ name: output.name, op: 'Identity', input: [this.#first(output.name)], attr: float });
    return { nodes: this.#nodes, weights: [...this.#weights.values()] };
  }

  /** Null if the node has no value of its own. */
  #translated(node: OnnxNode): Value | null {
    const { operator, inputs, attributes } = node;
    const [x = '', second = '', third = ''] = inputs;
    const op = elementwise[operator];
    if (op !== undefined) return this.#elementwise(op, inputs);
    switch (operator) {
      case 'Identity':
        return this.#value(x);
      case 'LeakyRelu':
        return this.#elementwise('LeakyRelu', [x], { alpha: { f: floatOf(attributes, 'alpha') } });
      case 'Elu':
        return this.#elu(x, floatOf(attributes, 'alpha'), 1);
      case 'Selu':
        return this.#elu(x, floatOf(attributes, 'alpha'), floatOf(attributes, 'gamma'));
      case 'Clip':
        return this.#elementwise('ClipByValue', inputs);
      case 'ReduceSum':
        return this.#reduced('Sum', x, this.#integers(second));
      case 'ReduceMean':
      case 'ReduceMax':
      case 'ReduceMin':
        return this.#reduced(operator.replace('Reduce', ''), x, intsOf(attributes, 'axes'));
      case 'Gemm':
        return this.#gemm(node);
      case 'MatMul':
        return this.#matMul(x, second);
      case 'Flatten':
        return this.#reshape(x, [elementCount(this.#value(x).shape)]);
      case 'Reshape':
        return this.#reshape(x, this.#integers(second).slice(1));
      case 'Gather':
        return this.#gather(x, this.#integers(second), intOf(attributes, 'axis'));
      case 'Pad':
        return this.#border(x, this.#integers(second), third);
      case 'Slice':
        return this.#slice(x, this.#integers(second), this.#integers(third));
      case 'Conv':
        return this.#convolution(node);
      case 'ConvTranspose':
        return this.#transposedConvolution(node);
      case 'MaxPool':
      case 'AveragePool':
        return this.#pool(node);
      case 'MaxUnpool':
        return this.#unpool(node);
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
        return this.#largest(this.#made(second), this.#made(third));
      default:
        throw new NotInOnnx(
          `TF.js has no counterpart of ONNX's operator ${operator}, which ${node.name} needs`,
          'export --as onnx, which onnxruntime-web runs in a browser',
        );
    }
  }

  /** Adds a node. @returns the name of its output */
  #node(op: string, input: readonly string[], attr: TensorflowNode['attr'] = float): string {
    const name = `${this.#current}/${op}_${this.#count++}`.replace(/^\//, '');
    this.#nodes.push({ name, op, input, attr });
    return name;
  }

  #constant(name: string, shape: Shape, values: Float32Array | Int32Array): string {
    if (this.#weights.has(name)) return name;
    const dtype = values instanceof Float32Array ? 'float32' : 'int32';
    const type = values instanceof Float32Array ? 'DT_FLOAT' : 'DT_INT32';
    const dim = shape.map((size) => ({ size: String(size) }));
    this.#weights.set(name, { name, dtype, shape, values });
    this.#nodes.push({
      name,
      op: 'Const',
      input: [],
      attr: { dtype: { type }, value: { tensor: { dtype: type, tensorShape: { dim } } } },
    });
    return name;
  }

  #list(values: readonly number[], shape: Shape = [values.length]): string {
    return this.#constant(`${this.#current}/list_${this.#count++}`.replace(/^\//, ''), shape, Int32Array.from(values));
  }

  #number(value: number): string {
    return this.#constant(`${this.#current}/number_${this.#count++}`.replace(/^\//, ''), [], Float32Array.of(value));
  }

  /** A tensor of floats of the graph; null for a value that is computed. */
  #floats(name: string): { readonly shape: Shape; readonly values: Float32Array } | null {
    const tensor = this.#tensors.get(name);
    if (tensor?.type !== 'float32') return null;
    return tensor;
  }

  #weight(name: string): { readonly shape: Shape; readonly values: Float32Array } {
    const tensor = this.#floats(name);
    if (!tensor) throw new RangeError(`'${name}' is no weight`);
    return tensor;
  }

  #integers(name: string): readonly number[] {
    const tensor = this.#tensors.get(name);
    if (tensor?.type !== 'int64') throw new RangeError(`'${name}' is no list of integers`);
    return tensor.values;
  }

  #value(name: string): Value {
    const value = this.#values.get(name);
    if (!value) throw new RangeError(`the graph has no value '${name}'`);
    return value;
  }

  /** A value, or a constant, in ONNX's order of axes. */
  #first(name: string): string {
    const tensor = this.#floats(name);
    if (tensor) return this.#constant(name, tensor.shape, tensor.values);
    const value = this.#value(name);
    if (value.channelsFirst !== undefined) return value.channelsFirst;
    const last = value.shape.length;
    const moved = this.#transposed(value.channelsLast ?? '', [0, last, ...extentAxes(value)]);
    this.#values.set(name, { ...value, channelsFirst: moved });
    return moved;
  }

  /** An image or a signal with its channels last. */
  #last(name: string): string {
    const value = this.#value(name);
    if (value.channelsLast !== undefined) return value.channelsLast;
    const moved = this.#transposed(value.channelsFirst ?? '', [0, ...extentAxes(value).map((axis) => axis + 1), 1]);
    this.#values.set(name, { ...value, channelsLast: moved });
    return moved;
  }

  #transposed(x: string, order: readonly number[]): string {
    return this.#node('Transpose', [x, this.#list(order)], { ...float, Tperm: { type: 'DT_INT32' } });
  }

  #isScalar(name: string): boolean {
    return this.#floats(name)?.shape.length === 0;
  }

  /** In the order of axes that all values have already, else in ONNX's. */
  #inSomeOrder(inputs: readonly string[], compute: (inputs: readonly string[]) => string): Value {
    const values = inputs.filter((name) => !this.#floats(name)).map((name) => this.#value(name));
    const areLast = values.length > 0 && values.every(({ channelsLast }) => channelsLast !== undefined);
    const fits = areLast && inputs.every((name) => this.#isScalar(name) || !this.#floats(name));
    const shapes = inputs.map((name) => this.#floats(name)?.shape ?? this.#value(name).shape);
    const shape = shapes.reduce((longest, each) => (each.length > longest.length ? each : longest), []);
    if (fits) {
      const channelsLast = compute(inputs.map((name) => (this.#isScalar(name) ? this.#first(name) : this.#last(name))));
      return { shape, channelsLast };
    } else {
      return { shape, channelsFirst: compute(inputs.map((name) => this.#first(name))) };
    }
  }

  #elementwise(op: string, inputs: readonly string[], attr: TensorflowNode['attr'] = {}): Value {
    return this.#inSomeOrder(inputs, (given) => this.#node(op, given, { ...float, ...attr }));
  }

  /** scale · x above zero, scale · alpha (exp(x) - 1) below it; TF.js's own operators have fixed numbers. */
  #elu(x: string, alpha: number, scale: number): Value {
    return this.#inSomeOrder([x], ([given = '']) => {
      const below = this.#node('Expm1', [this.#node('Minimum', [given, this.#number(0)])]);
      const scaled = this.#node('Mul', [below, this.#number(alpha)]);
      const bent = this.#node('SelectV2', [this.#node('Greater', [given, this.#number(0)]), given, scaled]);
      return scale === 1 ? bent : this.#node('Mul', [bent, this.#number(scale)]);
    });
  }

  /** Over axes of an example, from 1, which stay with one value each. */
  #reduced(op: string, x: string, axes: readonly number[]): Value {
    const { shape } = this.#value(x);
    const attr = { ...float, keep_dims: { b: true }, Tidx: { type: 'DT_INT32' } };
    const left = shape.map((size, axis) => (axes.includes(axis + 1) ? 1 : size));
    return { shape: left, channelsFirst: this.#node(op, [this.#first(x), this.#list(axes)], attr) };
  }

  #gemm({ inputs: [x = '', weight = '', bias], attributes }: OnnxNode): Value {
    const transposed = intOf(attributes, 'transB') === 1;
    const [rows = 1, columns = 1] = this.#weight(weight).shape;
    const attr = { ...float, transpose_a: { b: false }, transpose_b: { b: transposed } };
    const product = this.#node('MatMul', [this.#first(x), this.#first(weight)], attr);
    const channelsFirst = bias === undefined ? product : this.#node('AddV2', [product, this.#first(bias)]);
    return { shape: [transposed ? rows : columns], channelsFirst };
  }

  /** With a constant matrix on one side of images. */
  #matMul(a: string, b: string): Value {
    const attr = { ...float, adj_x: { b: false }, adj_y: { b: false } };
    const product = this.#node('BatchMatMulV2', [this.#matrix(a), this.#matrix(b)], attr);
    const [left, right] = [this.#floats(a)?.shape, this.#floats(b)?.shape];
    const [channels = 1, height = 1, width = 1] = this.#value(left ? b : a).shape;
    const shape = [channels, left?.[0] ?? height, right?.[1] ?? width];
    return { shape, channelsFirst: product };
  }

  /** Constants get the two axes that TF.js's broadcasting wants. */
  #matrix(name: string): string {
    const tensor = this.#floats(name);
    return tensor ? this.#constant(`${name}/matrix`, [1, 1, ...tensor.shape], tensor.values) : this.#first(name);
  }

  #reshape(x: string, shape: readonly number[]): Value {
    const channelsFirst = this.#reshaped(this.#first(x), [-1, ...shape]);
    return { shape, channelsFirst };
  }

  #reshaped(x: string, shape: readonly number[]): string {
    return this.#node('Reshape', [x, this.#list(shape)], { ...float, Tshape: { type: 'DT_INT32' } });
  }

  #gather(x: string, places: readonly number[], axis: number): Value {
    const { shape } = this.#value(x);
    const input = [this.#first(x), this.#list(places), this.#list([axis], [])];
    const channelsFirst = this.#node('GatherV2', input, { ...float, batch_dims: { i: '0' } });
    return { shape: shape.map((size, i) => (i + 1 === axis ? places.length : size)), channelsFirst };
  }

  /** Joins channels, or features. */
  #concat(inputs: readonly string[]): Value {
    const shapes = inputs.map((name) => this.#value(name).shape);
    const given = [...inputs.map((name) => this.#first(name)), this.#list([1], [])];
    const attr = { ...float, N: { i: String(inputs.length) }, Tidx: { type: 'DT_INT32' } };
    const channels = shapes.reduce((sum, [size = 0]) => sum + size, 0);
    const shape = [channels, ...(shapes[0] ?? []).slice(1)];
    return { shape, channelsFirst: this.#node('ConcatV2', given, attr) };
  }

  /** Adds rows and columns of one value. */
  #border(x: string, around: readonly number[], value: string): Value {
    const [channels = 1, height = 1, width = 1] = this.#value(x).shape;
    const [, , top = 0, left = 0, , , bottom = 0, right = 0] = around;
    const pads = this.#list([0, 0, 0, 0, top, bottom, left, right], [4, 2]);
    const input = [this.#first(x), pads, this.#first(value)];
    const channelsFirst = this.#node('PadV2', input, { ...float, Tpaddings: { type: 'DT_INT32' } });
    return { shape: [channels, height + top + bottom, width + left + right], channelsFirst };
  }

  /** Crops rows and columns. */
  #slice(x: string, starts: readonly number[], ends: readonly number[]): Value {
    const {
      shape: [channels = 1],
    } = this.#value(x);
    const [top = 0, left = 0] = starts;
    const [bottom = 0, right = 0] = ends;
    const size = [bottom - top, right - left];
    const channelsFirst = this.#sliced(this.#first(x), [0, 0, top, left], [-1, -1, ...size]);
    return { shape: [channels, ...size], channelsFirst };
  }

  #sliced(x: string, begin: readonly number[], size: readonly number[]): string {
    return this.#node('Slice', [x, this.#list(begin), this.#list(size)], { ...float, Index: { type: 'DT_INT32' } });
  }

  /** Images with their channels last and a border around them. */
  #padded(x: string, [top = 0, left = 0]: readonly number[], value: number): string {
    if (top === 0 && left === 0) return x;
    const around = this.#list([0, 0, top, top, left, left, 0, 0], [4, 2]);
    return this.#node('PadV2', [x, around, this.#number(value)], { ...float, Tpaddings: { type: 'DT_INT32' } });
  }

  /**
   * PyTorch's `[a, b / groups, height, width]` as `[height, width, b, a]`, with zeros between taps that are apart and from a
   * group to the others: TF.js has no groups, and no dilation of transposed or strided convolutions.
   */
  #kernels(name: string, { dilations, groups }: Connections): string {
    const { shape, values } = this.#weight(name);
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
    return this.#constant(`${name}/kernels`, [tall, wide, groups * b, a], moved);
  }

  #withBias(x: string, bias: string | undefined): string {
    return bias === undefined ? x : this.#node('AddV2', [x, this.#first(bias)]);
  }

  #convolution({ inputs: [x = '', weight = '', bias], attributes }: OnnxNode): Value {
    const { strides, pads } = windowOf(attributes);
    const connections = connectionsOf(attributes);
    const reach = reachOf(attributes);
    const [height = 1, width = 1] = twoSides(this.#value(x).shape.slice(1), 1);
    const [channels = 1] = this.#weight(weight).shape;
    const images = this.#padded(this.#rows(x), pads, 0);
    const convolved = this.#node('Conv2D', [images, this.#kernels(weight, connections)], {
      ...float,
      ...stepping(strides),
    });
    const sides = [height, width].map((side, i) => windows(side, reach[i], strides[i], pads[i]));
    return this.#inShapeOf(x, [channels, ...sides], this.#withBias(convolved, bias));
  }

  /** An image with its channels last; a signal is an image of one row. */
  #rows(x: string): string {
    const [channels = 1, length = 1, width] = this.#value(x).shape;
    return width === undefined ? this.#reshaped(this.#last(x), [-1, 1, length, channels]) : this.#last(x);
  }

  /** A result that is an image, or a signal where the input `x` is one. */
  #inShapeOf(x: string, shape: Shape, channelsLast: string): Value {
    if (this.#value(x).shape.length === 3) return { shape, channelsLast };
    const [channels = 1, , length = 1] = shape;
    return { shape: [channels, length], channelsLast: this.#reshaped(channelsLast, [-1, length, channels]) };
  }

  /** Runs the kernel without padding, and crops the padding off the result. */
  #transposedConvolution({ inputs: [x = '', weight = '', bias], attributes }: OnnxNode): Value {
    const { strides, pads } = windowOf(attributes);
    const connections = connectionsOf(attributes);
    const reach = reachOf(attributes);
    const added = twoSides(intsOf(attributes, 'output_padding'), 0);
    const [height = 1, width = 1] = twoSides(this.#value(x).shape.slice(1), 1);
    const [, perGroup = 1] = this.#weight(weight).shape;
    const channels = perGroup * connections.groups;
    const whole = [height, width].map((side, i) => (side - 1) * (strides[i] ?? 1) + (reach[i] ?? 1) + (added[i] ?? 0));
    const sides = whole.map((side, i) => side - 2 * (pads[i] ?? 0));
    const images = this.#rows(x);
    const size = this.#node(
      'ConcatV2',
      [this.#batchOf(images), this.#list([...whole, channels]), this.#list([0], [])],
      {
        T: { type: 'DT_INT32' },
        N: { i: '2' },
      },
    );
    const written = this.#node('Conv2DBackpropInput', [size, this.#kernels(weight, connections), images], {
      ...float,
      ...stepping(strides),
    });
    const [top = 0, left = 0] = pads;
    const cut = top + left === 0 ? written : this.#sliced(written, [0, top, left, 0], [-1, ...sides, -1]);
    return this.#inShapeOf(x, [channels, ...sides], this.#withBias(cut, bias));
  }

  /** A list of one integer. */
  #batchOf(x: string): string {
    const shape = this.#node('Shape', [x], { ...float, out_type: { type: 'DT_INT32' } });
    return this.#node('Slice', [shape, this.#list([0]), this.#list([1])], { T: { type: 'DT_INT32' } });
  }

  #pool({ operator, inputs: [x = ''], outputs, attributes }: OnnxNode): Value {
    const { kernel, strides, pads } = windowOf(attributes);
    const [channels = 1, ...sides] = this.#value(x).shape;
    const shape = [channels, ...sides.map((side, i) => windows(side, kernel[i], strides[i], pads[i]))];
    const isMax = operator === 'MaxPool';
    const images = this.#padded(this.#last(x), pads, isMax ? leastFloat : 0);
    const attr = { ...float, ...stepping(strides), ksize: { list: { i: ['1', ...kernel.map(String), '1'] } } };
    const [, places] = outputs;
    if (places === undefined) {
      return { shape, channelsLast: this.#node(isMax ? 'MaxPool' : 'AvgPool', [images], attr) };
    }
    const pooled = this.#node('MaxPoolWithArgmax', [images], { ...attr, include_batch_in_index: { b: true } });
    const [top = 0, left = 0] = pads;
    const [height = 1, width = 1] = sides;
    // The places count in the padded image.
    this.#values.set(places, { shape: [channels, height + 2 * top, width + 2 * left], channelsLast: `${pooled}:1` });
    return { shape, channelsLast: pooled };
  }

  #unpool({ inputs: [x = '', places = ''], attributes }: OnnxNode): Value {
    const { pads } = windowOf(attributes);
    const {
      shape: [channels = 1, height = 1, width = 1],
      channelsLast: at = '',
    } = this.#value(places);
    const images = this.#last(x);
    const int32 = { type: 'DT_INT32' };
    const sizes = this.#list([height * width * channels]);
    const length = this.#node('Mul', [this.#batchOf(images), sizes], { T: int32 });
    const flat = [this.#reshaped(at, [-1, 1]), this.#reshaped(images, [-1]), length];
    const scattered = this.#node('ScatterNd', flat, { ...float, Tindices: int32 });
    const padded = this.#reshaped(scattered, [-1, height, width, channels]);
    const [top = 0, left = 0] = pads;
    const sides = [height - 2 * top, width - 2 * left];
    const cut = top + left === 0 ? padded : this.#sliced(padded, [0, top, left, 0], [-1, ...sides, -1]);
    return { shape: [channels, ...sides], channelsLast: cut };
  }

  #batchNorm({ inputs: [x = '', ...names], attributes }: OnnxNode): Value {
    const [weight, bias, mean, variance] = names.map((name) => this.#weight(name).values);
    if (!weight || !bias || !mean || !variance) throw new RangeError('batch norm has four weights');
    const eps = floatOf(attributes, 'epsilon');
    const scale = weight.map((w, i) => w / Math.sqrt((variance[i] ?? 1) + eps));
    const { shape } = this.#value(x);
    const per = (name: string, values: Float32Array) =>
      this.#constant(`${this.#current}/${name}`, [values.length], values);
    const centred = this.#node('Sub', [shape.length > 1 ? this.#last(x) : this.#first(x), per('mean', mean)]);
    const value = this.#node('AddV2', [this.#node('Mul', [centred, per('scale', scale)]), per('bias', bias)]);
    return shape.length > 1 ? { shape, channelsLast: value } : { shape, channelsFirst: value };
  }

  #layerNorm({ inputs: [x = '', weight = '', bias = ''], attributes }: OnnxNode): Value {
    const { shape } = this.#value(x);
    const standardized = this.#standardized(
      this.#first(x),
      shape.map((_, axis) => axis + 1),
      floatOf(attributes, 'epsilon'),
    );
    const scaled = this.#node('Mul', [standardized, this.#first(weight)]);
    return { shape, channelsFirst: this.#node('AddV2', [scaled, this.#first(bias)]) };
  }

  /** Of signals, each channel on its own. */
  #instanceNorm({ inputs: [x = '', weight = '', bias = ''], attributes }: OnnxNode): Value {
    const { shape } = this.#value(x);
    const standardized = this.#standardized(this.#first(x), [2], floatOf(attributes, 'epsilon'));
    const each = (name: string) => {
      const { values } = this.#weight(name);
      return this.#constant(`${name}/each`, [values.length, 1], values);
    };
    const scaled = this.#node('Mul', [standardized, each(weight)]);
    return { shape, channelsFirst: this.#node('AddV2', [scaled, each(bias)]) };
  }

  /** (x - mean) / √(variance + eps) along some axes. */
  #standardized(x: string, along: readonly number[], epsilon: number): string {
    const axes = this.#list(along);
    const mean = (of: string) => this.#node('Mean', [of, axes], { ...float, keep_dims: { b: true } });
    const centred = this.#node('Sub', [x, mean(x)]);
    const variance = mean(this.#node('Square', [centred]));
    const inverse = this.#node('Rsqrt', [this.#node('AddV2', [variance, this.#number(epsilon)])]);
    return this.#node('Mul', [centred, inverse]);
  }

  /** The node that makes a value. */
  #made(name: string): OnnxNode {
    const node = this.#graph.nodes.find(({ outputs }) => outputs.includes(name));
    if (!node) throw new RangeError(`no node makes '${name}'`);
    return node;
  }

  /** The elements of `gathered` where they are the largest of `chosen`, along features or channels; 0 elsewhere. */
  #largest({ inputs: [size = '', count = ''] }: OnnxNode, { inputs: [from = ''] }: OnnxNode): Value {
    const { shape } = this.#value(size);
    const at = (name: string) => (shape.length === 1 ? this.#first(name) : this.#last(name));
    const [sizes, values] = [at(size), at(from)];
    const counts = { ...float, DstT: { type: 'DT_FLOAT' } };
    const reduced = (op: string, x: string) =>
      this.#node(op, [x, this.#list([-1])], { ...float, keep_dims: { b: true } });
    const k = this.#list(this.#integers(count), []);
    const least = reduced('Min', this.#node('TopKV2', [sizes, k], { ...float, sorted: { b: true } }));
    const above = this.#node('Greater', [sizes, least]);
    const ties = this.#node('Equal', [sizes, least]);
    const left = this.#node('Sub', [
      this.#number(this.#integers(count)[0] ?? 0),
      reduced('Sum', this.#node('Cast', [above], counts)),
    ]);
    const before = this.#node('Cumsum', [this.#node('Cast', [ties], counts), this.#list([shape.length], [])], {
      ...float,
      exclusive: { b: true },
      reverse: { b: false },
    });
    const first = this.#node('LogicalAnd', [ties, this.#node('Less', [before, left])]);
    const kept = this.#node('LogicalOr', [above, first]);
    const value = this.#node('SelectV2', [kept, values, this.#node('ZerosLike', [values])]);
    return shape.length === 1 ? { shape, channelsFirst: value } : { shape, channelsLast: value };
  }

  /** Over features or channels, which TF.js wants last. */
  #softmax(x: string): Value {
    const { shape } = this.#value(x);
    const value = this.#node('Softmax', [shape.length === 1 ? this.#first(x) : this.#last(x)]);
    return shape.length === 1 ? { shape, channelsFirst: value } : { shape, channelsLast: value };
  }
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

function floatOf(attributes: OnnxAttributes, name: string): number {
  const value = attributes[name];
  if (value === undefined || !('float' in value)) throw new RangeError(`there is no number '${name}'`);
  return value.float;
}

function intOf(attributes: OnnxAttributes, name: string): number {
  const value = attributes[name];
  if (value === undefined || !('int' in value)) throw new RangeError(`there is no integer '${name}'`);
  return value.int;
}

function intsOf(attributes: OnnxAttributes, name: string): readonly number[] {
  const value = attributes[name];
  if (value === undefined || !('ints' in value)) throw new RangeError(`there is no list '${name}'`);
  return value.ints;
}
