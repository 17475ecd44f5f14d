import type { Shape } from '../../compiler/ir/shape.js';
import type { OnnxGraph, OnnxNode, OnnxTensor } from '../onnx/graph.js';

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
export interface Value {
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

export const float = { T: { type: 'DT_FLOAT' } };

/** A graph of TensorFlow while it is made from a graph of ONNX, whose values it knows by their names there. */
export class GraphBuilder {
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

  /** Starts the nodes of an operator, which are named after it. */
  begin(node: OnnxNode): void {
    this.#current = node.name;
    this.#count = 0;
  }

  /** Adds an input of the model: images, signals or rows with ONNX's order of axes. */
  placeholder(name: string, shape: Shape): void {
    const dim = [{ size: '-1' }, ...shape.map((size) => ({ size: String(size) }))];
    const attr = { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim } } };
    this.#nodes.push({ name, op: 'Placeholder', input: [], attr });
    this.define(name, { shape, channelsFirst: name });
  }

  /** Sets what a name of ONNX's graph means. */
  define(name: string, value: Value): void {
    this.#values.set(name, value);
  }

  /** The graph, whose output is the value of that name. */
  finished(output: string): GraphModel {
    this.#nodes.push({ name: output, op: 'Identity', input: [this.first(output)], attr: float });
    return { nodes: this.#nodes, weights: [...this.#weights.values()] };
  }

  /** Adds a node. @returns the name of its output */
  node(op: string, input: readonly string[], attr: TensorflowNode['attr'] = float): string {
    const name = `${this.#current}/${op}_${this.#count++}`.replace(/^\//, '');
    this.#nodes.push({ name, op, input, attr });
    return name;
  }

  constant(name: string, shape: Shape, values: Float32Array | Int32Array): string {
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

  list(values: readonly number[], shape: Shape = [values.length]): string {
    return this.constant(`${this.#current}/list_${this.#count++}`.replace(/^\//, ''), shape, Int32Array.from(values));
  }

  number(value: number): string {
    return this.constant(`${this.#current}/number_${this.#count++}`.replace(/^\//, ''), [], Float32Array.of(value));
  }

  /** Numbers that are made for the operator, under a name of their own. */
  vector(name: string, values: Float32Array): string {
    return this.constant(`${this.#current}/${name}`, [values.length], values);
  }

  /** A tensor of floats of the graph; null for a value that is computed. */
  floats(name: string): { readonly shape: Shape; readonly values: Float32Array } | null {
    const tensor = this.#tensors.get(name);
    if (tensor?.type !== 'float32') return null;
    return tensor;
  }

  weight(name: string): { readonly shape: Shape; readonly values: Float32Array } {
    const tensor = this.floats(name);
    if (!tensor) throw new RangeError(`'${name}' is no weight`);
    return tensor;
  }

  integers(name: string): readonly number[] {
    const tensor = this.#tensors.get(name);
    if (tensor?.type !== 'int64') throw new RangeError(`'${name}' is no list of integers`);
    return tensor.values;
  }

  value(name: string): Value {
    const value = this.#values.get(name);
    if (!value) throw new RangeError(`the graph has no value '${name}'`);
    return value;
  }

  /** A value, or a constant, in ONNX's order of axes. */
  first(name: string): string {
    const tensor = this.floats(name);
    if (tensor) return this.constant(name, tensor.shape, tensor.values);
    const value = this.value(name);
    if (value.channelsFirst !== undefined) return value.channelsFirst;
    const last = value.shape.length;
    const moved = this.transposed(value.channelsLast ?? '', [0, last, ...extentAxes(value)]);
    this.#values.set(name, { ...value, channelsFirst: moved });
    return moved;
  }

  /** An image or a signal with its channels last. */
  last(name: string): string {
    const value = this.value(name);
    if (value.channelsLast !== undefined) return value.channelsLast;
    const moved = this.transposed(value.channelsFirst ?? '', [0, ...extentAxes(value).map((axis) => axis + 1), 1]);
    this.#values.set(name, { ...value, channelsLast: moved });
    return moved;
  }

  transposed(x: string, order: readonly number[]): string {
    return this.node('Transpose', [x, this.list(order)], { ...float, Tperm: { type: 'DT_INT32' } });
  }

  isScalar(name: string): boolean {
    return this.floats(name)?.shape.length === 0;
  }

  /** In the order of axes that all values have already, else in ONNX's. */
  inSomeOrder(inputs: readonly string[], compute: (inputs: readonly string[]) => string): Value {
    const values = inputs.filter((name) => !this.floats(name)).map((name) => this.value(name));
    const areLast = values.length > 0 && values.every(({ channelsLast }) => channelsLast !== undefined);
    const fits = areLast && inputs.every((name) => this.isScalar(name) || !this.floats(name));
    const shapes = inputs.map((name) => this.floats(name)?.shape ?? this.value(name).shape);
    const shape = shapes.reduce((longest, each) => (each.length > longest.length ? each : longest), []);
    if (fits) {
      const channelsLast = compute(inputs.map((name) => (this.isScalar(name) ? this.first(name) : this.last(name))));
      return { shape, channelsLast };
    } else {
      return { shape, channelsFirst: compute(inputs.map((name) => this.first(name))) };
    }
  }

  reshaped(x: string, shape: readonly number[]): string {
    return this.node('Reshape', [x, this.list(shape)], { ...float, Tshape: { type: 'DT_INT32' } });
  }

  sliced(x: string, begin: readonly number[], size: readonly number[]): string {
    return this.node('Slice', [x, this.list(begin), this.list(size)], { ...float, Index: { type: 'DT_INT32' } });
  }

  /** A list of one integer. */
  batchOf(x: string): string {
    const shape = this.node('Shape', [x], { ...float, out_type: { type: 'DT_INT32' } });
    return this.node('Slice', [shape, this.list([0]), this.list([1])], { T: { type: 'DT_INT32' } });
  }

  /** The node that makes a value. */
  made(name: string): OnnxNode {
    const node = this.#graph.nodes.find(({ outputs }) => outputs.includes(name));
    if (!node) throw new RangeError(`no node makes '${name}'`);
    return node;
  }
}
